const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x), x > 0; relative error about 1e-14. Lanczos' approximation with g = 7 and nine terms. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  let sum: number = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k]! / (shifted + k);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Regularised lower incomplete gamma function P(a, x), a > 0 (DLMF 8.11.4; beyond x = a + 1 by 8.9.2). */
export function incompleteGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? scale * gammaSeries(a, x) : 1 - scale * gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let k = 1; term > sum * 1e-16 && k < 10_000; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

function gammaFraction(a: number, x: number): number {
  return continuedFraction(
    (k) => (k === 1 ? 1 : (k - 1) * (a - k + 1)),
    (k) => x + 2 * k - 1 - a,
  );
}

/** Regularised incomplete beta function I_x(a, b), a, b > 0 (DLMF 8.17.22). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const scale = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const converges = x < (a + 1) / (a + b + 2);
  return converges ? (scale / a) * betaFraction(x, a, b) : 1 - (scale / b) * betaFraction(1 - x, b, a);
}

function betaFraction(x: number, a: number, b: number): number {
  const coefficient = (k: number): number => {
    if (k === 1) return 1;
    const m = Math.floor((k - 1) / 2);
    if (k % 2 === 1) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return continuedFraction(coefficient, () => 1);
}

/** a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method, to a relative 1e-15. */
function continuedFraction(numerator: (k: number) => number, denominator: (k: number) => number): number {
  const tiny = 1e-300;
  let value = tiny;
  let c = value;
  let d = 0;
  for (let k = 1; k < 10_000; k++) {
    d = denominator(k) + numerator(k) * d || tiny;
    c = denominator(k) + numerator(k) / c || tiny;
    d = 1 / d;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return value;
}
