import type { RunContext } from '../../../../core/plugin-api/index.js';
import { stretchCount } from '../coding/field.js';
import type { TokenTable } from '../coding/token-table.js';
import type { RankBasis } from './rank-basis.js';

/** What a number is like, given the numbers before it, where all of them follow a Gaussian copula. */
export interface CopulaField {
  readonly field: number;
  /** By each earlier number: its field, and what one of its standard score adds to the mean. */
  readonly slopes: readonly { readonly field: number; readonly slope: number }[];
  /** One over the variance that is left, at least 1. */
  readonly precision: number;
}

interface Regression {
  readonly slopes: Float64Array;
  readonly variance: number;
}

/** Variance of its own that each number has besides: without it columns that say the same would have slopes without bounds. */
const OWN_VARIANCE = 0.002;
/** With a higher precision logits would leave their bounds. */
const MOST_PRECISION = 10;

/** Each number but the first, in the order of the fields, by regression on the standard scores of its tokens. */
export async function copulaOf(
  { fields, tokens, rowCount }: TokenTable,
  basis: RankBasis,
  { tick }: Pick<RunContext, 'tick'>,
): Promise<CopulaField[]> {
  const numbers = basis.sizes.flatMap((size, f) => (size > 0 ? [f] : []));
  const scores = numbers.map((f) => basis.functions[f]![0]!);
  const ends = numbers.map((f) => stretchCount(fields[f]!));
  const correlations: Float64Array[] = [];
  for (const i of numbers.keys()) {
    await tick();
    correlations.push(Float64Array.from({ length: i }, (_, j) => correlation(i, j)));
  }
  const numbersGivenEarlier = regressions(correlations).map(({ slopes, variance }, i) => ({
    field: numbers[i]!,
    slopes: Array.from(slopes, (slope, j) => ({ field: numbers[j]!, slope })),
    precision: Math.min(MOST_PRECISION, 1 / variance),
  }));
  return numbersGivenEarlier.slice(1);

  /** Over the rows that have both numbers. */
  function correlation(i: number, j: number): number {
    const [mine, other] = [tokens[numbers[i]!]!, tokens[numbers[j]!]!];
    let [count, product, square, otherSquare] = [0, 0, 0, 0];
    for (let row = 0; row < rowCount; row++) {
      if (mine[row]! >= ends[i]! || other[row]! >= ends[j]!) continue;
      const [x, y] = [scores[i]![mine[row]!]!, scores[j]![other[row]!]!];
      count++;
      product += x * y;
      square += x * x;
      otherSquare += y * y;
    }
    if (product === 0) return 0;
    const found = product / Math.sqrt(square * otherSquare);
    // Without any relation its square is one over the rows, by chance: at two standard errors it counts for nothing.
    return found * Math.max(0, 1 - (4 / (count * found ** 2)) ** 2);
  }
}

/**
 * Of each variable on those before it. Correlations over different rows may contradict each other: the variance that each
 * variable has of its own is doubled until they do not.
 * @param correlations by variable: with those before it.
 */
function regressions(correlations: readonly Float64Array[]): readonly Regression[] {
  for (let own = OWN_VARIANCE; ; own *= 2) {
    const found = regressionsWith(correlations, own);
    if (found !== null) return found;
  }
}

/** By the LDLᵀ factorisation, whose unit triangle is solved for; null where less than half of the own variance is left. */
function regressionsWith(correlations: readonly Float64Array[], own: number): readonly Regression[] | null {
  const triangle: Float64Array[] = [];
  const found: Regression[] = [];
  for (const row of correlations) {
    const factors = row.map((value) => value / (1 + own));
    let variance = 1;
    factors.forEach((covariance, j) => {
      const factor = covariance / found[j]!.variance;
      for (let k = j + 1; k < factors.length; k++) factors[k]! -= covariance * triangle[k]![j]!;
      variance -= covariance * factor;
      factors[j] = factor;
    });
    if (variance < own / (1 + own) / 2) return null;
    const slopes = factors.slice();
    for (let k = slopes.length - 1; k > 0; k--) {
      for (let j = 0; j < k; j++) slopes[j]! -= slopes[k]! * triangle[k]![j]!;
    }
    triangle.push(factors);
    found.push({ slopes, variance });
  }
  return found;
}
