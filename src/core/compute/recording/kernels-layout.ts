import type { Shape } from '../../plugin-api/index.js';
import { sizeOf } from '../checks.js';
import type { ElementType, Value } from './graph.js';
import type { RecordedKernel } from './kernels.js';
import type { Recorder } from './recorder.js';
import { resolveAxes, withLength } from './shapes.js';

function filled(recorder: Recorder, shape: Shape, number: number, dtype: ElementType): Value {
  const size = sizeOf(shape);
  const kinds = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
  return recorder.constant(new kinds[dtype](size).fill(number), shape, dtype);
}

function slice(recorder: Recorder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  return recorder.emit('Slice', [x], size, x.dtype, { begin, size });
}

function reshape(recorder: Recorder, x: Value, shape: Shape): Value {
  const known = shape.reduce((product, n) => (n < 0 ? product : product * n), 1);
  const resolved = shape.map((n) => (n < 0 ? sizeOf(x.shape) / known : n));
  return recorder.emit('Reshape', [x], resolved, x.dtype);
}

/** Parts of the given lengths along one axis; a length of −1 takes what the others leave. */
function split(recorder: Recorder, x: Value, sizes: number | readonly number[], axis: number): Value[] {
  const length = x.shape[axis]!;
  const given = typeof sizes === 'number' ? Array.from({ length: sizes }, () => length / sizes) : sizes;
  const rest = length - given.reduce((sum, n) => sum + Math.max(n, 0), 0);
  let offset = 0;
  return given.map((asked) => {
    const size = asked < 0 ? rest : asked;
    const begin = x.shape.map((_, i) => (i === axis ? offset : 0));
    offset += size;
    return slice(recorder, x, begin, withLength(x.shape, axis, size));
  });
}

function concat(recorder: Recorder, values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (values.length === 1) return first!;
  const length = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return recorder.emit('Concat', values, withLength(first!.shape, axis, length), first!.dtype, { axis });
}

/** Kernels that move numbers without computing any, and those that make constants. */
export const LAYOUT_KERNELS: Readonly<Record<string, RecordedKernel>> = {
  Fill: (recorder, _, { shape, value, dtype }) => filled(recorder, shape, value, dtype ?? 'float32'),
  ZerosLike: (recorder, [x]) => filled(recorder, x!.shape, 0, x!.dtype),
  OnesLike: (recorder, [x]) => filled(recorder, x!.shape, 1, x!.dtype),
  Range: (recorder, _, { start, stop, step = 1, dtype = 'float32' }) => {
    const length = Math.max(Math.ceil((stop - start) / step), 0);
    const numbers = Array.from({ length }, (_unused, i) => start + i * step);
    return recorder.constant(
      dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers),
      [length],
      dtype,
    );
  },
  Reshape: (recorder, [x], { shape }) => reshape(recorder, x!, shape),
  ExpandDims: (recorder, [x], { dim }) => {
    const axis = dim < 0 ? x!.shape.length + 1 + dim : dim;
    return reshape(recorder, x!, x!.shape.toSpliced(axis, 0, 1));
  },
  Transpose: (recorder, [x], { perm }) =>
    recorder.emit(
      'Transpose',
      [x!],
      perm.map((p: number) => x!.shape[p]!),
      x!.dtype,
      { perm },
    ),
  Concat: (recorder, values, { axis }) => concat(recorder, values, resolveAxes(axis, values[0]!.shape.length)[0]!),
  Pack: (recorder, values, { axis }) => {
    const along = axis < 0 ? values[0]!.shape.length + 1 + axis : axis;
    const expanded = values.map((value) => reshape(recorder, value, value.shape.toSpliced(along, 0, 1)));
    return concat(recorder, expanded, along);
  },
  Unpack: (recorder, [x], { axis }) => {
    const [along] = resolveAxes(axis, x!.shape.length);
    const parts = split(recorder, x!, x!.shape[along!]!, along!);
    return parts.map((part) => reshape(recorder, part, part.shape.toSpliced(along!, 1)));
  },
  Slice: (recorder, [x], { begin, size }) =>
    slice(
      recorder,
      x!,
      begin,
      size.map((n: number, i: number) => (n < 0 ? x!.shape[i]! - begin[i] : n)),
    ),
  SplitV: (recorder, [x], { numOrSizeSplits, axis }) =>
    split(recorder, x!, numOrSizeSplits, resolveAxes(axis, x!.shape.length)[0]!),
  Tile: (recorder, [x], { reps }) =>
    recorder.emit(
      'Tile',
      [x!],
      x!.shape.map((n, i) => n * reps[i]),
      x!.dtype,
      { reps },
    ),
  BroadcastTo: (recorder, [x], { shape }) => recorder.emit('BroadcastTo', [x!], shape, x!.dtype),
  PadV2: (recorder, [x], { paddings, constantValue = 0 }) => {
    const shape = x!.shape.map((n, i) => n + paddings[i][0] + paddings[i][1]);
    const before = paddings.map((pair: number[]) => pair[0]!);
    const after = paddings.map((pair: number[]) => pair[1]!);
    return recorder.emit('PadV2', [x!], shape, x!.dtype, { before, after, constantValue });
  },
  GatherV2: (recorder, _, { axis = 0, batchDims = 0 }, { x, indices }) => {
    if (batchDims !== 0) throw new Error('tf.gather with batch dimensions has no mapping');
    const [along] = resolveAxes(axis, x!.shape.length);
    const shape = [...x!.shape.slice(0, along), ...indices!.shape, ...x!.shape.slice(along! + 1)];
    return recorder.emit('GatherV2', [x!, indices!], shape, x!.dtype, { axis: along! });
  },
};
