import type { RunContext } from '../../../core/plugin-api/index.js';
import { latentCorrelation } from './hermite.js';
import type { LatentDimension, Scores } from './latent-dimension.js';
import { PackedMatrix } from './packed-matrix.js';

/**
 * The least score correlation that counts, in units of its deviation under independence. Of more correlations than rows many
 * would be large by chance, and together make an impossible matrix: those below the largest to be expected by chance are set
 * to 0 (Bickel and Levina, "Covariance regularization by thresholding", 2008). Fewer are all taken as they are.
 */
function leastSignificant(pairs: number, rows: number): number {
  return pairs > rows ? Math.sqrt(2 * Math.log(pairs)) : 0;
}

/** Rows of a panel: the panels of a few dimensions stay in the processor's cache. */
const PANEL = 2048;

/**
 * The correlations of the normal variables behind the columns, from the correlations of their scores over the rows in which
 * both are known. A column's value tells nothing of its own missingness: their correlation is 0.
 */
export async function latentCorrelations(
  dimensions: readonly LatentDimension[],
  scores: readonly Scores[],
  context: RunContext,
): Promise<PackedMatrix> {
  const products = new PackedMatrix(dimensions.length);
  const rows = scores[0]?.values.length ?? 0;
  for (let start = 0; start < rows; start += PANEL) {
    await addProducts(products, scores, start, Math.min(rows, start + PANEL), context);
  }
  const correlation = new PackedMatrix(dimensions.length);
  const threshold = leastSignificant((dimensions.length * (dimensions.length - 1)) / 2, rows);
  for (let i = 0; i < dimensions.length; i++) {
    for (let j = 0; j <= i; j++)
      correlation.data[correlation.rowStart(i) + j] = correlationOf(i, j, dimensions, scores, products, threshold);
    await context.tick();
  }
  return correlation;
}

async function addProducts(
  products: PackedMatrix,
  scores: readonly Scores[],
  start: number,
  end: number,
  context: RunContext,
): Promise<void> {
  for (let i = 0; i < scores.length; i++) {
    const a = scores[i]!.values;
    const row = products.rowStart(i);
    for (let j = 0; j <= i; j++) products.data[row + j]! += dot(a, scores[j]!.values, start, end);
    if (scores.length > 100) await context.tick();
  }
}

/** Four sums side by side, so that no addition waits for the one before. */
function dot(a: Float32Array, b: Float32Array, start: number, end: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let r = start;
  for (; r + 3 < end; r += 4) {
    s0 += a[r]! * b[r]!;
    s1 += a[r + 1]! * b[r + 1]!;
    s2 += a[r + 2]! * b[r + 2]!;
    s3 += a[r + 3]! * b[r + 3]!;
  }
  for (; r < end; r++) s0 += a[r]! * b[r]!;
  return s0 + s1 + (s2 + s3);
}

function correlationOf(
  i: number,
  j: number,
  dimensions: readonly LatentDimension[],
  scores: readonly Scores[],
  products: PackedMatrix,
  threshold: number,
): number {
  if (i === j) return 1;
  if (dimensions[i]!.column === dimensions[j]!.column) return 0;
  const [a, b] = [scores[i]!, scores[j]!];
  const both = countBoth(a, b);
  const variances = (products.at(i, i) / a.knownCount) * (products.at(j, j) / b.knownCount);
  if (both < 2 || !(variances > 0)) return 0;
  const observed = products.at(i, j) / both / Math.sqrt(variances);
  return observed ** 2 * both < threshold ** 2 ? 0 : latentCorrelation(observed, a.hermite, b.hermite);
}

function countBoth(a: Scores, b: Scores): number {
  if (!a.known) return b.knownCount;
  if (!b.known) return a.knownCount;
  let count = 0;
  for (let r = 0; r < a.known.length; r++) count += a.known[r]! & b.known[r]!;
  return count;
}
