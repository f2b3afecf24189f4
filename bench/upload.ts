import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { RandomStream } from '../src/core/plugin-api/index.js';
import { ingestTable } from '../src/core/tables/index.js';

/** Uploads a table of 1M × 15 and compares with what DuckDB alone needs for a summary and Parquet of the same file. */

const ROWS = 1_000_000;
const FNLWGT = 2;

async function writeLargeTable(path: string): Promise<void> {
  const [header, ...rows] = (await readFile('assets/adult.csv', 'utf8')).trimEnd().split('\n');
  const stream = new RandomStream(1, 'bench.upload');
  const out = createWriteStream(path);
  out.write(`${header}\n`);
  for (let start = 0; start < ROWS; start += 10_000) {
    let text = '';
    for (let i = start; i < start + 10_000; i++) {
      const cells = rows[i % rows.length]!.split(',');
      cells[FNLWGT] = String(Number(cells[FNLWGT]) + (stream.word(i) % 1000));
      text += `${cells.join(',')}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}

async function timeDuckDb(path: string, folder: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', temp_directory: folder });
  const connection = await instance.connect();
  const start = performance.now();
  await connection.run(`SUMMARIZE SELECT * FROM '${path}'`);
  await connection.run(`COPY (SELECT * FROM '${path}') TO '${join(folder, 'alone.parquet')}' (FORMAT parquet)`);
  const elapsed = performance.now() - start;
  connection.closeSync();
  instance.closeSync();
  return elapsed;
}

async function timeIngest(path: string, directory: string): Promise<{ elapsed: number; peakBytes: number }> {
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage().rss)), 5);
  const start = performance.now();
  await ingestTable({ path, filename: 'large.csv', directory });
  const elapsed = performance.now() - start;
  clearInterval(watch);
  return { elapsed, peakBytes };
}

/** Both must find the file in the page cache. */
async function warm(path: string): Promise<void> {
  for await (const _ of createReadStream(path));
}

const folder = await mkdtemp(join(tmpdir(), 'bench-upload-'));
try {
  const path = join(folder, 'large.csv');
  await writeLargeTable(path);
  await warm(path);
  const runs: { ours: number; alone: number; peakBytes: number }[] = [];
  for (let run = 0; run < 3; run++) {
    const directory = join(folder, `table-${run}`);
    await mkdir(directory);
    // Ours first: the peak must not be DuckDB's own.
    const { elapsed, peakBytes } = await timeIngest(path, directory);
    runs.push({ ours: elapsed, alone: await timeDuckDb(path, folder), peakBytes });
  }
  const { ours, alone } = runs.toSorted((a, b) => a.ours / a.alone - b.ours / b.alone)[1]!;
  const peak = Math.round(runs[0]!.peakBytes / 2 ** 20);
  console.log(
    `upload 1M x 15: ${(ours / 1000).toFixed(2)} s; DuckDB alone ${(alone / 1000).toFixed(2)} s; ` +
      `ratio ${(ours / alone).toFixed(2)} (median of 3, at most 2 wanted); peak RSS ${peak} MiB (at most 400 wanted)`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
