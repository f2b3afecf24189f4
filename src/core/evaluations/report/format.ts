/** Four digits where they say something; never an unrounded float. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  const size = Math.abs(value);
  if (size >= 1e15 || size < 1e-3) return value.toExponential(2);
  return size >= 1000 ? value.toLocaleString('en-US', { maximumFractionDigits: 1 }) : value.toFixed(size >= 10 ? 2 : 3);
}

/** A score, with three decimals: 1 and 0.9996 are told apart. */
export function formatScore(value: number): string {
  const text = formatNumber(value);
  if (text !== '1.000' || value === 1)
    return Number.isInteger(value) && Math.abs(value) < 1000 ? value.toFixed(3) : text;
  return value.toFixed(6);
}
