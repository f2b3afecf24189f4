import { knownScore, type Score, unknownScore } from '../../../core/plugin-api/index.js';

/** Pearson's correlation over the rows where both values are present; two passes, so that large means cost no digits. */
export function correlation(first: Float64Array, second: Float64Array): Score {
  let count = 0;
  let firstSum = 0;
  let secondSum = 0;
  for (let i = 0; i < first.length; i++) {
    const x = first[i]!;
    const y = second[i]!;
    if (x !== x || y !== y) continue; // NaN
    count++;
    firstSum += x;
    secondSum += y;
  }
  if (count < 2) return unknownScore('Fewer than two rows have both values');
  const firstMean = firstSum / count;
  const secondMean = secondSum / count;
  if (!Number.isFinite(firstMean) || !Number.isFinite(secondMean)) return unknownScore('The arithmetic overflowed');
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < first.length; i++) {
    const x = first[i]! - firstMean;
    const y = second[i]! - secondMean;
    if (x !== x || y !== y) continue;
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
  if (!Number.isFinite(xx) || !Number.isFinite(yy)) return unknownScore('The arithmetic overflowed');
  if (xx === 0 || yy === 0) return unknownScore('A column is constant: correlation is undefined');
  return knownScore(Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy)))));
}
