import type { Shape } from '../../plugin-api/index.js';

/** The shape of `a ∘ b` under NumPy's broadcasting rule. */
export function broadcastShapes(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not go together`);
    }
    return left === 1 ? right : left;
  });
}

/** Axes as positive numbers; none given means all. */
export function resolveAxes(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return (typeof axis === 'number' ? [axis] : axis).map((a) => (a < 0 ? a + rank : a));
}

/** The shape that is left when `axes` are reduced. */
export function reduceShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return shape.flatMap((length, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [length]));
}

export function withLength(shape: Shape, axis: number, length: number): number[] {
  return shape.map((n, i) => (i === axis ? length : n));
}
