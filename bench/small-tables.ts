/**
 * The autoregressive generator on small tables, beside the Gaussian copula: each learns the same few rows of a table, with
 * its default settings (categories of five rows kept by both), and 8,000 rows that it draws are scored by the studio's own
 * evaluator against 8,000 that neither has seen. The learned rows themselves are scored the same way. With --memory, also
 * the share of 2,000 drawn rows whose nearest record is a learned row rather than one of as many that were not (.5 is
 * ideal). With --utility, also the area under the curve (or R²) of boosted trees that learn from as many drawn rows as were
 * learned and predict a column of the unseen ones.
 * Arguments: --rows 100,200,500,1000,2000,5000 --seeds 1,2,3 --tables adult,measurements,visits --memory --utility.
 * Run from the repository's root: npm run bench -- small-tables.
 */
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import {
  type AnyGeneratorPlugin,
  RandomStream,
  type TableBatch,
  type TableSource,
} from '../src/core/plugin-api/index.js';
import { rowsOf, tableFromRows, testContext } from '../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../src/plugins/autoregressive/index.js';
import { gaussianCopula } from '../src/plugins/gaussian-copula/index.js';
import { fidelity } from '../src/plugins/fidelity/index.js';
import { privacy } from '../src/plugins/privacy/index.js';
import { utility } from '../src/plugins/utility/index.js';
import { runEvaluator, scoreOf } from '../test/support/evaluate.js';
import { type BenchTable, benchTables } from './support/small-tables.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100,200,500,1000,2000,5000' },
    seeds: { type: 'string', default: '1,2,3' },
    tables: { type: 'string', default: 'adult,measurements,visits' },
    memory: { type: 'boolean', default: false },
    utility: { type: 'boolean', default: false },
  },
});
const HELD_OUT = 8000;
const RARE_CATEGORY_ROWS = 5;
const ASKED = 2000;
const FIGURES = ['strong pairs', 'all pairs', 'shapes', 'nearer', 'utility', 'seconds'] as const;
type Figures = Readonly<Record<(typeof FIGURES)[number], number>>;

const generators = [autoregressive, gaussianCopula] as readonly AnyGeneratorPlugin[];
const compute = await createCompute({ threads: 1 });
const numbers = (list: string) => list.split(',').map(Number);

for (const table of await benchTables()) {
  if (!values.tables.split(',').includes(table.name)) continue;
  for (const rowCount of numbers(values.rows)) {
    const runs: Map<string, Figures>[] = [];
    for (const seed of numbers(values.seeds)) runs.push(await compare(table, rowCount, seed));
    for (const name of runs[0]!.keys()) {
      const means = FIGURES.map((figure) => [figure, mean(runs.map((run) => run.get(name)![figure]))] as const);
      const told = means
        .filter(([, value]) => !Number.isNaN(value))
        .map(([figure, value]) => `${figure} ${value.toFixed(4)}`);
      console.log(`${table.name}, ${rowCount} rows, ${name}: ${told.join(', ')}`);
    }
  }
}

async function compare(table: BenchTable, rowCount: number, seed: number): Promise<Map<string, Figures>> {
  const order = new RandomStream(seed, 'bench.small-tables').shuffle(Int32Array.from(table.rows.keys()));
  const take = (from: number, to: number) =>
    tableFromRows(
      table.columns,
      Array.from(order.subarray(from, to), (row) => table.rows[row]!),
    );
  const learned = take(0, rowCount);
  const held = take(rowCount, rowCount + HELD_OUT);
  const figures = new Map<string, Figures>();
  for (const generator of generators) {
    const start = process.cpuUsage();
    const drawn = await synthesise(generator, learned, seed);
    const { user, system } = process.cpuUsage(start);
    figures.set(generator.id, { ...(await score(table, learned, held, drawn)), seconds: (user + system) / 1e6 });
  }
  figures.set('the learned rows', { ...(await score(table, learned, held, learned)), seconds: NaN });
  return figures;
}

async function synthesise(generator: AnyGeneratorPlugin, source: TableSource, seed: number): Promise<TableSource> {
  const runtime = await generator.loadRuntime();
  const context = testContext({ seed, compute });
  const config = generator.configSchema.parse({ rare_category_rows: RARE_CATEGORY_ROWS });
  const model = await runtime.fit({ source, config: config as never }, context);
  const batches: TableBatch[] = [];
  for await (const batch of model.sample({ rowCount: HELD_OUT, batchSize: HELD_OUT }, context)) batches.push(batch);
  model.dispose();
  return tableFromRows(source.schema.columns, rowsOf(batches));
}

async function score(table: BenchTable, learned: TableSource, held: TableSource, drawn: TableSource) {
  const quick = { detection_rows: 10, detection_folds: 2, maximum_triples: 1 };
  const quality = await runEvaluator(fidelity, { real: held, synthetic: drawn, config: quick });
  return {
    'strong pairs': scoreOf(quality, 'quality_strong_pairs') ?? NaN,
    'all pairs': scoreOf(quality, 'quality_all_pairs') ?? NaN,
    shapes: scoreOf(quality, 'column_shapes') ?? NaN,
    nearer: values.memory ? await nearness(learned, held, drawn) : NaN,
    utility: values.utility ? await usefulness(table.target, learned, held, drawn) : NaN,
  };
}

async function nearness(learned: TableSource, held: TableSource, drawn: TableSource): Promise<number> {
  const config = { distance_rows: ASKED, distance_cells: 1e9, attacks: 10 };
  const result = await runEvaluator(privacy, { real: learned, synthetic: drawn, holdout: held, config });
  return scoreOf(result, 'closer_to_training') ?? NaN;
}

async function usefulness(
  target: string,
  learned: TableSource,
  held: TableSource,
  drawn: TableSource,
): Promise<number> {
  const tables = { real: learned, synthetic: drawn, holdout: held };
  const result = await runEvaluator(utility, { ...tables, targetColumn: target });
  const found = ['boosted_trees_roc_auc', 'boosted_trees_r_squared'].flatMap((metric) =>
    result.metrics.filter((m) => m.metric === metric && m.subject === 'synthetic' && m.columns?.[0] === target),
  );
  return found.find(({ value }) => value !== null)?.value ?? NaN;
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, x) => sum + x, 0) / list.length;
}
