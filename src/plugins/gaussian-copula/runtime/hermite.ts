import { normalDensity } from '../../../core/plugin-api/index.js';

const TERMS = 32;
const STRONGEST = 0.9995;

/**
 * A step function of a standard normal variable (value steps[j] between cuts[j] and cuts[j + 1], mean zero), as coefficients
 * 1 … 32 of the orthonormal Hermite polynomials, scaled to unit variance. From ∫ₐᵇ Heₙφ = Heₙ₋₁(a)φ(a) − Heₙ₋₁(b)φ(b).
 */
export function hermiteCoefficients(cuts: Float64Array, steps: Float64Array): Float64Array {
  const coefficients = new Float64Array(TERMS);
  // At the cut x: density times the orthonormal polynomial of the last degree and of the one before; zero at infinity.
  const polynomials = cuts.map((x) => (Number.isFinite(x) ? normalDensity(x) : 0));
  const previous = new Float64Array(cuts.length);
  for (let n = 1; n <= TERMS; n++) {
    let sum = 0;
    for (let j = 0; j < steps.length; j++) sum += steps[j]! * (polynomials[j]! - polynomials[j + 1]!);
    coefficients[n - 1] = sum / Math.sqrt(n);
    for (let j = 0; j < cuts.length; j++) {
      if (!Number.isFinite(cuts[j]!)) continue;
      const next = (cuts[j]! * polynomials[j]! - Math.sqrt(n - 1) * previous[j]!) / Math.sqrt(n);
      previous[j] = polynomials[j]!;
      polynomials[j] = next;
    }
  }
  return scaleToUnitVariance(coefficients);
}

function scaleToUnitVariance(coefficients: Float64Array): Float64Array {
  // The first coefficient of a conditional mean is its variance: E[s·z] = E[s·E[z | s]] = E[s²].
  const deviation = Math.sqrt(coefficients[0]!);
  return coefficients.map((coefficient) => coefficient / deviation);
}

/**
 * The correlation of two normal variables whose scores correlate by `observed`: solves Σ aₙbₙρⁿ = observed (Mehler's formula).
 * Scores of coarse columns correlate less than the variables behind them; taking the former for the latter would weaken
 * every relation. Between −0.9995 and 0.9995.
 */
export function latentCorrelation(observed: number, a: Float64Array, b: Float64Array): number {
  let low = -STRONGEST;
  let high = STRONGEST;
  let rho = Math.min(high, Math.max(low, observed));
  for (let step = 0; step < 60; step++) {
    let value = 0;
    let slope = 0;
    for (let n = TERMS - 1; n >= 0; n--) {
      slope = slope * rho + value;
      value = value * rho + a[n]! * b[n]!;
    }
    // The series starts with ρ¹, so the polynomial above is its quotient by ρ.
    slope = slope * rho + value;
    const excess = value * rho - observed;
    if (excess > 0) high = rho;
    else low = rho;
    const next = rho - excess / slope;
    const moved = next > low && next < high ? next : (low + high) / 2;
    if (Math.abs(moved - rho) < 1e-10) return moved;
    rho = moved;
  }
  return rho;
}
