import { normalCdf, normalQuantile, type AxisPieces, type QuantilePieces } from '../../../core/plugin-api/index.js';

/** Normal scores beyond Φ⁻¹(1.2e-7) are taken for the outermost. */
export const FURTHEST_SCORE = 5.17;
/** Longest step on the axis over which the value is taken to be linear in the score rather than in its probability. */
const LONGEST_STEP = 0.05;

/** The pieces of a quantile function laid over the axis of normal scores. */
export function latentAxis({ probabilities, starts, ends }: QuantilePieces): AxisPieces {
  const cuts: number[] = [-FURTHEST_SCORE];
  const [from, to]: [number[], number[]] = [[], []];
  starts.forEach((start, j) => {
    const low = cuts[cuts.length - 1]!;
    const high = j === starts.length - 1 ? FURTHEST_SCORE : scoreOf(probabilities[j + 1]!);
    const end = ends[j]!;
    const steps = end === start ? 1 : Math.max(1, Math.ceil((high - low) / LONGEST_STEP));
    const valueAt = (score: number) => {
      return start + (end - start) * ((normalCdf(score) - normalCdf(low)) / (normalCdf(high) - normalCdf(low)));
    };
    let value = start;
    for (let step = 1; step <= steps; step++) {
      const cut = low + ((high - low) * step) / steps;
      const next = step === steps ? end : valueAt(cut);
      cuts.push(Math.max(cut, cuts[cuts.length - 1]! + 1e-12));
      from.push(value);
      to.push(next);
      value = next;
    }
  });
  return { cuts: Float64Array.from(cuts), starts: Float64Array.from(from), ends: Float64Array.from(to) };
}

/** Φ⁻¹ within ±{@link FURTHEST_SCORE}. */
export function scoreOf(probability: number): number {
  return Math.min(FURTHEST_SCORE, Math.max(-FURTHEST_SCORE, normalQuantile(probability)));
}
