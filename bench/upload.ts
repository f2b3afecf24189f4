import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { RandomStream } from '../src/core/plugin-api/index.js';
import { ingestTable } from '../src/core/tables/index.js';

/**
 * Uploads a table of 1M × 15 and compares with what DuckDB alone needs for a summary and Parquet of the same file; and one
 * of 100 × 5,000, whose CPU time says more than the clock on a machine with other work.
 */

const ROWS = 1_000_000;
const FNLWGT = 2;
const WIDE_ROWS = 100;
const WIDE_COLUMNS = 5000;

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

function wideLine(cell: (column: number) => unknown): string {
  return Array.from({ length: WIDE_COLUMNS }, (_, c) => cell(c)).join(',');
}

/** Integers, amounts, categories, booleans, dates and doubles by turns. */
async function writeWideTable(path: string): Promise<void> {
  const stream = new RandomStream(1, 'bench.upload.wide');
  const cells: ((word: number) => unknown)[] = [
    (word) => word % 1000,
    (word) => ((word % 100_000) / 100).toFixed(2),
    (word) => ['red', 'green', 'blue'][word % 3],
    (word) => word % 2 === 0,
    (word) => new Date(Date.UTC(2020, 0, 1 + (word % 1000))).toISOString().slice(0, 10),
    (word) => (word % 100_000) / 7,
  ];
  const lines = [wideLine((c) => `column ${c}`)];
  for (let r = 0; r < WIDE_ROWS; r++) {
    lines.push(wideLine((c) => cells[c % cells.length]!(stream.word(r * WIDE_COLUMNS + c))));
  }
  await writeFile(path, `${lines.join('\n')}\n`);
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

interface Ingested {
  readonly elapsed: number;
  /** Milliseconds of all threads. */
  readonly cpu: number;
  readonly peakBytes: number;
}

async function timeIngest(path: string, directory: string): Promise<Ingested> {
  await mkdir(directory);
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage().rss)), 5);
  const [start, used] = [performance.now(), process.cpuUsage()];
  await ingestTable({ path, filename: 'large.csv', directory });
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(used);
  clearInterval(watch);
  return { elapsed, cpu: (user + system) / 1000, peakBytes };
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
  const widePath = join(folder, 'wide.csv');
  await writeWideTable(widePath);
  const wide: number[] = [];
  for (let run = 0; run < 3; run++) wide.push((await timeIngest(widePath, join(folder, `wide-${run}`))).cpu);
  const least = Math.min(...wide) / 1000;
  console.log(`upload ${WIDE_ROWS} x ${WIDE_COLUMNS}: ${least.toFixed(2)} s of CPU (least of 3)`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
