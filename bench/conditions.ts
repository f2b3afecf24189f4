/**
 * Lists of values and shares of several columns on the adult table, by every generator that draws exactly under conditions
 * and has settings for a run of seconds. Of rows with a listed `education` at 30 to 40: the total variation distance between
 * the educations of the drawn rows and of the real ones that meet it, and the share of them with a high `income`. Of rows
 * with both incomes and both sexes in halves: the ratio of odds of the two, which is the real rows' own. Of rows with shares
 * of four columns: the time, as the combinations are drawn one by one. CPU time includes what a model compiles.
 * Arguments: --seed 1 --threads 2. Run from the repository's root: npm run bench -- conditions.
 */
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import type { Distribution } from '../src/core/generators/distribution.js';
import { sampleShares } from '../src/core/generators/shares/sample-shares.js';
import type { AnyGeneratorPlugin, Condition, FittedModel, TableBatch } from '../src/core/plugin-api/index.js';
import { type Cell, rowsOf, testContext } from '../src/core/plugin-api/testing/index.js';
import { autoregressive } from '../src/plugins/autoregressive/index.js';
import { dpAutoregressive } from '../src/plugins/dp-autoregressive/index.js';
import { gaussianCopula } from '../src/plugins/gaussian-copula/index.js';
import { adultTable } from '../test/support/adult.js';

type Row = readonly Cell[];
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, threads: { type: 'string', default: '2' } },
});
const compute = await createCompute({ threads: Number(values.threads) });
const table = adultTable();
const { columns } = table.schema;
const [age, education, occupation, sex, income] = ['age', 'education', 'occupation', 'sex', 'income'].map((name) =>
  columns.findIndex((column) => column.name === name),
) as [number, number, number, number, number];
const real = rowsOf(await all(table.batches(65_536)));

const LISTED = [' Bachelors', ' Masters', ' Doctorate'] as const;
const CONDITIONS: readonly Condition[] = [
  { column: 'education', values: LISTED },
  { column: 'age', minimum: 30, maximum: 40 },
];
const HALVES = [evenly(sex, 2), evenly(income, 2)];
const FOUR_COLUMNS = [...HALVES, evenly(education, 8), evenly(occupation, 8)];

const met = real.filter(
  (row) => LISTED.includes(row[education] as ' Masters') && Math.abs((row[age] as number) - 35) <= 5,
);
console.log(`real rows: income ${shareOf(met, isRich).toFixed(3)}, odds ${odds(real).toFixed(3)}`);
for (const plugin of [autoregressive, dpAutoregressive, gaussianCopula] as readonly AnyGeneratorPlugin[]) {
  const runtime = await plugin.loadRuntime();
  const model = await runtime.fit({ source: table, config: plugin.configSchema.parse({}) as never }, context());
  await report(plugin.id, model);
  model.dispose();
}

async function report(id: string, model: FittedModel): Promise<void> {
  const list = await timed(() => model.sample({ rowCount: 5000, batchSize: 5000, conditions: CONDITIONS }, context()));
  const distance = LISTED.reduce((sum, value) => {
    const has = (row: Row) => row[education] === value;
    return sum + Math.abs(shareOf(list.rows, has) - shareOf(met, has)) / 2;
  }, 0);
  console.log(
    `${id}: a list, 5000 rows: distance ${distance.toFixed(3)}, income ${shareOf(list.rows, isRich).toFixed(3)}, ${list.cpu}`,
  );
  for (const [name, distribution] of Object.entries({ 'two columns': HALVES, 'four columns': FOUR_COLUMNS })) {
    const request = { rowCount: 5000, batchSize: 5000 };
    const { rows, cpu } = await timed(() => sampleShares(model, request, distribution, columns, context()));
    const found = distribution === HALVES ? `odds ${odds(rows).toFixed(3)}, ` : '';
    console.log(`${id}: shares of ${name}, 5000 rows: ${found}${cpu}`);
  }
}

/** The most frequent values of a column, with the same share each. */
function evenly(column: number, most: number): Distribution[number] {
  const counts = new Map<Cell, number>();
  for (const row of real) counts.set(row[column]!, (counts.get(row[column]!) ?? 0) + 1);
  const frequent = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, most);
  const { name } = columns[column]!;
  const groups = frequent.map(([value]) => ({ condition: { column: name, value: value as string }, share: 1 / most }));
  return { column: name, groups };
}

function isRich(row: Row): boolean {
  return row[income] === ' >50K';
}

/** Of a high income among women over that among men. */
function odds(rows: readonly Row[]): number {
  const [women, men] = [' Female', ' Male'].map((own) =>
    shareOf(
      rows.filter((row) => row[sex] === own),
      isRich,
    ),
  ) as [number, number];
  return women / (1 - women) / (men / (1 - men));
}

function shareOf(rows: readonly Row[], has: (row: Row) => boolean): number {
  return rows.filter(has).length / rows.length;
}

async function timed(draw: () => AsyncIterable<TableBatch>): Promise<{ rows: readonly Row[]; cpu: string }> {
  const start = process.cpuUsage();
  const rows = rowsOf(await all(draw()));
  const { user, system } = process.cpuUsage(start);
  return { rows, cpu: `${((user + system) / 1e6).toFixed(1)} s of CPU time` };
}

function context() {
  return testContext({ seed: Number(values.seed), compute });
}

async function all(batches: AsyncIterable<TableBatch>): Promise<TableBatch[]> {
  const list: TableBatch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}
