import type { FeatureTable } from '../features.js';
import { checkRows, type LearningContext, type Regressor } from '../model.js';
import { DesignMapper, type DesignRows, dot } from './design.js';

/** A trace of ridge: one-hot columns add up to the constant, so that without it the equations have no single answer. */
const RIDGE = 1e-8;
const ROWS_BETWEEN_TICKS = 2048;

/** Least squares on standardised numbers and one-hot categories, by the normal equations. Deterministic. */
export async function fitLinearRegression(
  table: FeatureTable,
  target: Float64Array,
  context: LearningContext,
): Promise<Regressor> {
  checkRows(table, target);
  const mapper = new DesignMapper(table);
  const design = mapper.apply(table);
  // Centred, so that the ridge pulls towards the mean and a far-off mean costs no digits.
  const mean = target.reduce((sum, value) => sum + value / target.length, 0);
  const centred = target.map((value) => value - mean);
  const { products, moments } = await normalEquations(design, centred, context);
  await solveCholesky(products, moments, context);
  return {
    predict(rows) {
      const given = mapper.apply(rows);
      return Float64Array.from({ length: given.rowCount }, (_, row) => mean + dot(given, row, moments));
    },
  };
}

/** Lower triangle of XᵀX + ridge, row by row, and Xᵀy. */
async function normalEquations(design: DesignRows, target: Float64Array, context: LearningContext) {
  const { width, starts, columns, values } = design;
  const products = new Float64Array(width * width);
  const moments = new Float64Array(width);
  for (let row = 0; row < design.rowCount; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const base = columns[i]! * width;
      moments[columns[i]!]! += values[i]! * target[row]!;
      // Columns ascend within a row, so that all up to i lie in the lower triangle.
      for (let j = starts[row]!; j <= i; j++) products[base + columns[j]!]! += values[i]! * values[j]!;
    }
    if (row % ROWS_BETWEEN_TICKS === 0) await context.tick();
  }
  for (let i = 0; i < width; i++) products[i * width + i]! += RIDGE * design.rowCount;
  return { products, moments };
}

/** Solves A x = b in place of b; A is positive definite, its lower triangle is overwritten. */
async function solveCholesky(a: Float64Array, b: Float64Array, context: LearningContext): Promise<void> {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!;
    }
    await context.tick();
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) b[i]! -= a[i * n + k]! * b[k]!;
    b[i]! /= a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) b[i]! -= a[k * n + i]! * b[k]!;
    b[i]! /= a[i * n + i]!;
  }
}
