import { normalCdf, normalQuantile } from '../../../core/plugin-api/index.js';

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
