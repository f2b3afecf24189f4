import type { Feed, Shape } from '../plugin-api/index.js';
import { ComputeError } from './compute-error.js';

/** Number of values of a shape; a scalar has one. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Throws unless `feed` holds each of `shapes` with its length, and nothing else. */
export function checkInputs(
  executor: string,
  entry: string,
  shapes: Readonly<Record<string, Shape>>,
  feed: Feed,
): void {
  for (const [name, shape] of Object.entries(shapes)) {
    const values = feed[name];
    if (values === undefined) throw new ComputeError(executor, `input "${name}" of "${entry}" is missing`);
    checkLength(executor, `input "${name}" of "${entry}"`, shape, values);
  }
  for (const name of Object.keys(feed)) {
    if (!(name in shapes)) throw new ComputeError(executor, `"${entry}" has no input "${name}"`);
  }
}

/** Throws unless each tensor of `feed` is part of the state and has its length. */
export function checkState(executor: string, shapes: Readonly<Record<string, Shape>>, feed: Feed): void {
  for (const [name, values] of Object.entries(feed)) {
    const shape = shapes[name];
    if (shape === undefined) throw new ComputeError(executor, `the state has no tensor "${name}"`);
    checkLength(executor, `state "${name}"`, shape, values);
  }
}

/** Throws unless each array of `into` has the name and the length of one of the outputs, whose shapes are given. */
export function checkInto(executor: string, entry: string, shapes: Readonly<Record<string, Shape>>, into: Feed): void {
  for (const [name, values] of Object.entries(into)) {
    const shape = shapes[name];
    if (shape === undefined) throw new ComputeError(executor, `"${entry}" has no output "${name}"`);
    checkLength(executor, `the array for output "${name}" of "${entry}"`, shape, values);
  }
}

function checkLength(executor: string, what: string, shape: Shape, values: Float32Array): void {
  if (values.length === sizeOf(shape)) return;
  const expected = `${sizeOf(shape)} values (shape [${shape.join(', ')}])`;
  throw new ComputeError(executor, `${what} has ${values.length} values, expected ${expected}`);
}

/** Throws unless a step's new state has only known tensors, each of its old shape. */
export function checkNewState(
  executor: string,
  entry: string,
  shapes: Readonly<Record<string, Shape>>,
  state: Readonly<Record<string, { readonly shape: Shape; readonly dtype: string }>>,
): void {
  for (const [name, tensor] of Object.entries(state)) {
    const expected = shapes[name];
    if (expected === undefined) throw new ComputeError(executor, `"${entry}" returns a state "${name}" that it lacks`);
    if (tensor.dtype !== 'float32' || tensor.shape.join() !== expected.join()) {
      const found = `${tensor.dtype} [${tensor.shape.join(', ')}]`;
      throw new ComputeError(
        executor,
        `"${entry}" returns state "${name}" as ${found}, expected float32 [${expected.join(', ')}]`,
      );
    }
  }
}
