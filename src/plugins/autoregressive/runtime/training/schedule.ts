const WARM_UP = 0.1;
/** Of the highest rate: so that the last steps still move. */
const LEAST = 1e-3;

/** Learning rate of step `step`, from 0, of `steps`: up in a line over the first tenth, then down along a cosine. */
export function learningRateAt(highest: number, step: number, steps: number): number {
  const progress = (step + 1) / steps;
  if (progress < WARM_UP) return (highest * progress) / WARM_UP;
  return highest * (0.5 * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP))) + LEAST);
}
