/** ψ(x) for x > 0, to about 1e-12: recurrence up to 6, then the asymptotic series (Abramowitz and Stegun 6.3.5, 6.3.18). */
export function digamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 8) {
    shift -= 1 / y;
    y += 1;
  }
  const inverse = 1 / (y * y);
  const series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse * (1 / 240 - inverse / 132))));
  return shift + Math.log(y) - 0.5 / y - series;
}
