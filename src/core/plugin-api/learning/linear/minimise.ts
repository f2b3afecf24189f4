/** Returns the value at `x` and writes the gradient there. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  readonly iterations: number;
  /** Stops when no component of the gradient is beyond this. */
  readonly tolerance: number;
  readonly tick: () => Promise<void>;
}

const MEMORY = 10;
const SUFFICIENT_DECREASE = 1e-4;

/**
 * L-BFGS with a backtracking line search (Nocedal, Wright, "Numerical optimization", algorithms 7.4, 7.5 and 3.1), for
 * smooth convex functions. Starts at `x`, ends in it.
 */
export async function minimise(objective: Objective, x: Float64Array, options: MinimiseOptions): Promise<void> {
  const history = new CurvatureHistory();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  for (let iteration = 0; iteration < options.iterations; iteration++) {
    if (gradient.every((slope) => Math.abs(slope) <= options.tolerance)) return;
    const direction = history.direction(gradient);
    const slope = inner(direction, gradient);
    const next = lineSearch(objective, x, value, direction, slope, history.isEmpty ? 1 / norm(gradient) : 1);
    if (next === null) return;
    history.add(
      next.x.map((entry, i) => entry - x[i]!),
      next.gradient.map((entry, i) => entry - gradient[i]!),
    );
    x.set(next.x);
    ({ gradient, value } = next);
    await options.tick();
  }
}

interface Point {
  readonly x: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

function lineSearch(
  objective: Objective,
  x: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
  firstStep: number,
): Point | null {
  const gradient = new Float64Array(x.length);
  for (let step = firstStep; step > 1e-12; step /= 2) {
    const candidate = x.map((entry, i) => entry + step * direction[i]!);
    const reached = objective(candidate, gradient);
    if (reached <= value + SUFFICIENT_DECREASE * step * slope) return { x: candidate, value: reached, gradient };
  }
  return null;
}

class CurvatureHistory {
  readonly #pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];

  get isEmpty(): boolean {
    return this.#pairs.length === 0;
  }

  add(s: Float64Array, y: Float64Array): void {
    const curvature = inner(s, y);
    if (!(curvature > 0)) return;
    this.#pairs.push({ s, y, rho: 1 / curvature });
    if (this.#pairs.length > MEMORY) this.#pairs.shift();
  }

  /** Minus the gradient times the estimated inverse Hessian: the two-loop recursion. */
  direction(gradient: Float64Array): Float64Array {
    const q = gradient.map((entry) => -entry);
    const alphas: number[] = [];
    for (const { s, y, rho } of this.#pairs.toReversed()) {
      const alpha = rho * inner(s, q);
      alphas.push(alpha);
      addScaled(q, y, -alpha);
    }
    const last = this.#pairs.at(-1);
    if (last) scale(q, 1 / (last.rho * inner(last.y, last.y)));
    for (const { s, y, rho } of this.#pairs) addScaled(q, s, alphas.pop()! - rho * inner(y, q));
    return q;
  }
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(inner(a, a));
}

function addScaled(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!;
}

function scale(a: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i]! *= factor;
}
