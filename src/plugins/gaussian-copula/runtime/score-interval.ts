import type { ColumnDecoder } from '../../../core/plugin-api/index.js';
import { FURTHEST_SCORE } from './latent-axis.js';

/** Normal scores from `low` to `high`, both inclusive. */
export interface ScoreInterval {
  readonly low: number;
  readonly high: number;
}

/** Where neither rounding nor bisection can tell two numbers apart. */
const SAME = 1e-9;

/** The scores whose cells lie within [low, high]; null where there are none. Found by bisection: cells never fall as scores rise. */
export function scoresWithin(decoder: ColumnDecoder, low: number, high: number): ScoreInterval | null {
  const first = boundary((score) => decoder.cellAt(score) >= low);
  const last = boundary((score) => decoder.cellAt(score) > high);
  if (first.at === Infinity || last.below === -Infinity) return null;
  if (first.at <= last.below) return { low: first.at, high: last.below };
  // A single number of a column that isn't rounded: its score is a point, which bisection meets only nearly.
  const nearest = decoder.cellAt(first.at);
  const scale = Math.max(Math.abs(low), Math.abs(decoder.cellAt(FURTHEST_SCORE) - decoder.cellAt(-FURTHEST_SCORE)));
  return Math.abs(nearest - low) <= SAME * scale && low === high ? { low: first.at, high: first.at } : null;
}

/** Intervals narrower than this are taken for points. */
export const POINT_WIDTH = 1e-7;
/** Neighbouring cells meet at scores that are next to each other. */
const TOUCHING = 1e-12;

/** A point with a width, so that it has a probability beside others'. */
export function widened({ low, high }: ScoreInterval): ScoreInterval {
  const lacking = Math.max(0, POINT_WIDTH - (high - low)) / 2;
  return { low: low - lacking, high: high + lacking };
}

/** The same scores as intervals that are ascending and apart. */
export function joinIntervals(intervals: readonly ScoreInterval[]): ScoreInterval[] {
  const joined: ScoreInterval[] = [];
  for (const interval of intervals.toSorted((a, b) => a.low - b.low)) {
    const last = joined.at(-1);
    if (last === undefined || interval.low > last.high + TOUCHING) joined.push(interval);
    else joined[joined.length - 1] = { low: last.low, high: Math.max(last.high, interval.high) };
  }
  return joined;
}

/** The least score at which a predicate holds that holds ever after, and the greatest before it. */
function boundary(holds: (score: number) => boolean): { readonly below: number; readonly at: number } {
  let [below, at] = [-FURTHEST_SCORE, FURTHEST_SCORE];
  if (holds(below)) return { below: -Infinity, at: -Infinity };
  if (!holds(at)) return { below: Infinity, at: Infinity };
  for (let middle = (below + at) / 2; middle > below && middle < at; middle = (below + at) / 2) {
    if (holds(middle)) at = middle;
    else below = middle;
  }
  return { below, at };
}
