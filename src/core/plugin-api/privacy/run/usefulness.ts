/** Above this part of the rows, the noise on every count leaves little of a distribution. */
export const USEFUL_SHARE = 0.02;

/**
 * About how many rows the noise on a count amounts to, from public figures alone: Gaussian noise for two counts a column within
 * epsilon at delta 1/(n√n), by the classic formula of zero-concentrated privacy, ε = ρ + 2√(ρ·ln(1/δ)) (arXiv 1605.02065).
 */
export function expectedCountError(epsilon: number, rowCount: number, columns: number): number {
  const logDelta = 1.5 * Math.log(Math.max(2, rowCount));
  const rootRho = Math.sqrt(logDelta + epsilon) - Math.sqrt(logDelta);
  return Math.sqrt((2 * columns) / 2) / rootRho;
}
