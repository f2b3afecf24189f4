import type { Feed, Shapes } from '../compute.js';

/** Tensors one after the other, in the order of `shapes`, as little-endian float32. */
export function packTensors(shapes: Shapes, tensors: Feed): Uint8Array {
  const names = Object.keys(shapes);
  const out = new Float32Array(names.reduce((sum, name) => sum + tensors[name]!.length, 0));
  let offset = 0;
  for (const name of names) {
    out.set(tensors[name]!, offset);
    offset += tensors[name]!.length;
  }
  return new Uint8Array(out.buffer);
}

/** The reverse of {@link packTensors}; throws when the bytes are too few or too many. */
export function unpackTensors(shapes: Shapes, bytes: Uint8Array): Record<string, Float32Array> {
  // A copy starts at a multiple of four, which the bytes handed in need not.
  const values = new Float32Array(bytes.slice().buffer);
  const tensors: Record<string, Float32Array> = {};
  let offset = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const length = shape.reduce((product, n) => product * n, 1);
    tensors[name] = values.slice(offset, offset + length);
    offset += length;
  }
  if (offset !== values.length) throw new Error(`The weights are ${values.length} numbers, expected ${offset}`);
  return tensors;
}
