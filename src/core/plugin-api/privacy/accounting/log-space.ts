import { normalCdf } from '../../statistics/normal.js';

/** ln(eᵃ + eᵇ). */
export function logAdd(a: number, b: number): number {
  const [high, low] = a > b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** ln(eᵃ − eᵇ), a ≥ b. */
export function logSubtract(a: number, b: number): number {
  return b === -Infinity ? a : a + Math.log(-Math.expm1(b - a));
}

/** ln(1 − Φ(x)), without underflow. Beyond 30 by the asymptotic series (Abramowitz and Stegun 26.2.12). */
export function logNormalUpperTail(x: number): number {
  if (x < 30) return Math.log(normalCdf(-x));
  const r = 1 / (x * x);
  const series = 1 - r * (1 - r * (3 - r * (15 - r * 105)));
  return -0.5 * x * x - Math.log(x * Math.sqrt(2 * Math.PI)) + Math.log(series);
}
