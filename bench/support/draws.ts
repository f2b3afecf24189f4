import { normalQuantile, type RandomStream } from '../../src/core/plugin-api/index.js';

/** A standard normal number. */
export function normal(random: RandomStream): number {
  return normalQuantile(random.next());
}

/** A place in a list of weights, each as often as its weight says. */
export function pick(random: RandomStream, weights: readonly number[]): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    0,
    weights.findIndex((weight) => (left -= weight) < 0),
  );
}
