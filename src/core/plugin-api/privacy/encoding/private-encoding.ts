import { leastNoise } from '../accounting/calibrate.js';
import type { MechanismRuns } from '../accounting/mechanism.js';
import type { LedgerCharge, PrivacyLedger } from '../ledger.js';
import type { NoiseSource } from '../noise/noise-source.js';
import { isCoded, type Column, type ColumnSchema } from '../../tables.js';
import { fitCategories } from './category-coding.js';
import type { ColumnCoding } from './column-coding.js';
import { disclosureThreshold } from './noisy-counts.js';
import { fitNumbers, numberQueries } from './number-coding.js';
import { NoisyAnswers, noiseOf, QUERY_NOISE, type QueryPurpose } from './query.js';

export interface EncodingPlan {
  /** Epsilon that the encoding may use, of the ledger's, what was charged before included. */
  readonly epsilon: number;
  /** Cells of a numeric column, about. */
  readonly bins: number;
  /** Noisy, or declared. */
  readonly rowCount: number;
}

/** Part of the ledger's delta for categories that one row would give away. */
const THRESHOLD_SHARE = 0.25;

/**
 * Makes the codes of every column by mechanisms alone, charged before they run: declared bounds and categories are taken as
 * they are; counts of rows always have noise. The noise is the least with which the whole encoding keeps to its epsilon.
 */
export async function fitPrivateEncoding(
  schema: readonly ColumnSchema[],
  columns: readonly Column[],
  plan: EncodingPlan,
  ledger: PrivacyLedger,
  source: NoiseSource,
  tick: () => Promise<void> = async () => undefined,
): Promise<ColumnCoding[]> {
  const queries = schema.map((column, c) => columnQueries(column, columns[c]!, plan.bins));
  const undeclared = schema.filter((column, c) => needsThreshold(column, columns[c]!)).length;
  const delta = (ledger.budget.delta * THRESHOLD_SHARE) / Math.max(1, undeclared);
  const disclosure: MechanismRuns = { mechanism: { type: 'approximate', epsilon: 0, delta }, count: 1 };
  const sigma = await leastNoise(
    { epsilon: plan.epsilon, delta: ledger.budget.delta },
    [...ledger.runs(), { ...disclosure, count: undeclared }],
    (base) => countRuns(queries.flat(), base),
    tick,
  );
  await tick();
  ledger.charge(
    schema.map((column, c) => {
      const runs = countRuns(queries[c]!, sigma);
      return needsThreshold(column, columns[c]!)
        ? chargeOf(
            column,
            queries[c]!,
            sigma,
            [...runs, disclosure],
            `, categories above ${disclosureThreshold(noiseOf('counts', sigma).sigma, delta)}`,
          )
        : chargeOf(column, queries[c]!, sigma, runs, '');
    }),
  );
  const codings: ColumnCoding[] = [];
  for (const [c, column] of schema.entries()) {
    await tick();
    const answers = new NoisyAnswers(queries[c]!, sigma, source);
    const data = columns[c]!;
    codings.push(
      isCoded(data)
        ? fitCategories(column, data, answers, disclosureThreshold(answers.sigma('counts'), delta), plan.rowCount)
        : fitNumbers(column, data.values, answers, plan.bins, plan.rowCount),
    );
  }
  return codings;
}

function columnQueries(schema: ColumnSchema, column: Column, bins: number): QueryPurpose[] {
  return isCoded(column) ? ['counts'] : numberQueries(schema, bins);
}

function needsThreshold(schema: ColumnSchema, column: Column): boolean {
  return isCoded(column) && !schema.categories;
}

function countRuns(queries: readonly QueryPurpose[], base: number): MechanismRuns[] {
  return (Object.keys(QUERY_NOISE) as QueryPurpose[]).map((purpose) => ({
    // The sampler rounds its variance up by at most 1/64: less than what the search leaves unused is not lost.
    mechanism: { type: 'discrete-gaussian', sigma: noiseOf(purpose, base).sigma },
    count: queries.filter((query) => query === purpose).length,
  }));
}

function chargeOf(
  column: ColumnSchema,
  queries: readonly QueryPurpose[],
  sigma: number,
  runs: readonly MechanismRuns[],
  addition: string,
): LedgerCharge {
  const noises = queries.map((purpose) => noiseOf(purpose, sigma).sigma.toFixed(1)).join(', ');
  return {
    mechanism: `noisy counts by discrete Gaussian noise of deviation ${noises}${addition}`,
    reads: `${queries.join(', ')} of column "${column.name}"`,
    runs: runs.filter(({ count }) => count > 0),
  };
}
