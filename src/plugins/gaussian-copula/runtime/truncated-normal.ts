import { normalCdf, normalQuantile } from '../../../core/plugin-api/index.js';
import type { ScoreInterval } from './score-interval.js';

/** P(low ≤ Z ≤ high) of a standard normal Z, accurate in both tails. */
export function massBetween(low: number, high: number): number {
  return low > 0 ? normalCdf(-low) - normalCdf(-high) : normalCdf(high) - normalCdf(low);
}

/** The value below which a share `u` of the standard normal cut to [low, high] lies; at u uniform, a draw from it. */
export function truncatedNormal(low: number, high: number, u: number): number {
  if (low > 0) return -truncatedNormal(-high, -low, 1 - u);
  const below = normalCdf(low);
  const probability = below + u * (normalCdf(high) - below);
  // So far out that nothing is left of the probability, all of it lies at the nearer end.
  return probability > 0 ? Math.min(high, Math.max(low, normalQuantile(probability))) : high;
}

/** A normal distribution by its mean and standard deviation. */
export interface Normal {
  readonly mean: number;
  readonly scale: number;
}

/** The probability of intervals that are apart. */
export function massWithin(intervals: readonly ScoreInterval[], { mean, scale }: Normal): number {
  return intervals.reduce((sum, { low, high }) => sum + massBetween((low - mean) / scale, (high - mean) / scale), 0);
}

/** At u uniform a draw from the distribution cut to intervals that are apart. */
export function drawWithin(intervals: readonly ScoreInterval[], normal: Normal, u: number): number {
  const { mean, scale } = normal;
  let [{ low, high }, share] = [intervals[0]!, u];
  if (intervals.length > 1) {
    let rest = u * massWithin(intervals, normal);
    for (const interval of intervals) {
      const mass = massBetween((interval.low - mean) / scale, (interval.high - mean) / scale);
      if (mass === 0) continue;
      ({ low, high } = interval);
      share = Math.min(1, rest / mass);
      rest -= mass;
      if (rest < 0) break;
    }
  }
  const draw = mean + scale * truncatedNormal((low - mean) / scale, (high - mean) / scale, share);
  return Math.min(high, Math.max(low, draw));
}
