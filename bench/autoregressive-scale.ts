/**
 * The autoregressive generator on tables that are wide and long: CPU time of reading and training, of a thousand rows, and the most memory
 * that the process took. `wide` has related columns (a third of them categories, the others numbers); `long` is the adult
 * table redrawn, and as many drawn rows as adult has are scored against it (the ceiling is what redrawn real rows score;
 * PEER_PYTHON_SDV names a Python that has `sdmetrics`). Arguments: --shapes wide,long --wide 10000x300 --long 1000000 --threads 2.
 * Run from the repository's root: npm run bench -- autoregressive-scale.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import {
  type ColumnSchema,
  type FittedModel,
  type RunContext,
  RandomStream,
  type TableBatch,
  type TableSource,
} from '../src/core/plugin-api/index.js';
import { type Cell, tableFromRows, testContext } from '../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../src/plugins/autoregressive/index.js';
import { adultTable } from '../test/support/adult.js';
import { scoreAdult, writeCsv } from './support/adult-scores.js';

const DRAWN = 1000;
const READ_ROWS = 65_536;
const { values } = parseArgs({
  options: {
    shapes: { type: 'string', default: 'wide,long' },
    wide: { type: 'string', default: '10000x300' },
    long: { type: 'string', default: '1000000' },
    threads: { type: 'string', default: '2' },
    only: { type: 'boolean', default: false },
  },
});

// Each in a process of its own: the most memory is that of a process.
if (!values.only) {
  for (const shape of values.shapes.split(',')) {
    const given = ['--wide', values.wide, '--long', values.long, '--threads', values.threads];
    const script = fileURLToPath(import.meta.url);
    execFileSync(process.execPath, [script, '--only', '--shapes', shape, ...given], { stdio: 'inherit' });
  }
} else {
  const compute = await createCompute({ threads: Number(values.threads) });
  const context = testContext({ seed: 1, compute });
  await (values.shapes === 'wide' ? measureWide(context) : measureLong(context));
}

async function measureWide(context: RunContext): Promise<void> {
  const [rowCount, columnCount] = values.wide.split('x').map(Number) as [number, number];
  const model = await measure(`${rowCount} rows of ${columnCount} columns`, wideTable(rowCount, columnCount), context);
  model.dispose();
}

async function measureLong(context: RunContext): Promise<void> {
  const rowCount = Number(values.long);
  const adult = adultTable();
  const model = await measure(`${rowCount} rows of the adult table's columns`, await redrawn(adult, rowCount), context);
  const count = adult.profile!.rowCount;
  await score('drawn rows', model.sample({ rowCount: count, batchSize: READ_ROWS }, context), adult);
  await score('redrawn real rows', (await redrawn(adult, count)).batches(READ_ROWS), adult);
  model.dispose();
}

async function score(label: string, rows: AsyncIterable<TableBatch>, { schema }: TableSource): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'));
  try {
    const batches: TableBatch[] = [];
    for await (const batch of rows) batches.push(batch);
    writeCsv(join(folder, 'rows.csv'), schema, batches);
    console.log(`  ${label}:`);
    scoreAdult(join(folder, 'rows.csv'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(label: string, source: TableSource, context: RunContext): Promise<FittedModel> {
  const before = process.memoryUsage().rss;
  const runtime = await autoregressive.loadRuntime();
  let clock = process.cpuUsage();
  const spent = () => {
    const { user, system } = process.cpuUsage(clock);
    clock = process.cpuUsage();
    return `${((user + system) / 1e6).toFixed(1)} s of CPU time`;
  };
  const model = await runtime.fit({ source, config: autoregressive.configSchema.parse({}) }, context);
  console.log(`${label}: read and trained in ${spent()}, ${model.summary.metrics['steps']} steps`);
  let rows = 0;
  for await (const batch of model.sample({ rowCount: DRAWN, batchSize: DRAWN }, context)) rows += batch.rowCount;
  console.log(`  ${rows} rows drawn in ${spent()}`);
  const most = process.resourceUsage().maxRSS * 1024;
  console.log(`  ${megabytes(before)} before, ${megabytes(most)} at most`);
  return model;
}

/** Columns that follow one of ten hidden levels each, by half. */
function wideTable(rowCount: number, columnCount: number): TableSource {
  const random = new RandomStream(1, 'bench.wide');
  const columns = Array.from({ length: columnCount }, (_, c): ColumnSchema => {
    return {
      name: `c${c}`,
      kind: c % 3 === 0 ? 'categorical' : c % 3 === 1 ? 'integer' : 'continuous',
      nullable: false,
    };
  });
  const rows = Array.from({ length: rowCount }, () => {
    const levels = Array.from({ length: 10 }, () => random.next());
    return columns.map(({ kind }, c): Cell => {
      const x = (levels[c % 10]! + random.next()) / 2;
      if (kind === 'categorical') return `v${Math.floor(12 * x)}`;
      return kind === 'integer' ? Math.floor(40 * x) : Math.round(1e5 * x) / 1e3;
    });
  });
  return tableFromRows(columns, rows);
}

/** Rows of a table drawn with replacement, made as they are read. */
async function redrawn(table: TableSource, rowCount: number): Promise<TableSource> {
  const whole = (await table.batches(READ_ROWS)[Symbol.asyncIterator]().next()).value as TableBatch;
  return {
    schema: table.schema,
    profile: table.profile && { ...table.profile, rowCount },
    batches: (batchSize) => draws(whole, rowCount, batchSize),
  };
}

async function* draws(whole: TableBatch, rowCount: number, batchSize: number): AsyncGenerator<TableBatch> {
  const stream = new RandomStream(1, 'bench.redrawn');
  for (let first = 0; first < rowCount; first += batchSize) {
    const count = Math.min(batchSize, rowCount - first);
    const rows = Int32Array.from({ length: count }, (_, i) => stream.uniformAt(first + i) * whole.rowCount);
    const columns = whole.columns.map((column) => {
      return 'codes' in column
        ? { codes: rows.map((row) => column.codes[row]!), dictionary: column.dictionary }
        : { values: Float64Array.from(rows, (row) => column.values[row]!) };
    });
    yield { rowCount: count, columns };
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
