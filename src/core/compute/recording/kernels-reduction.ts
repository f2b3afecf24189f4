import type { Value } from './graph.js';
import type { RecordedKernel } from './kernels.js';
import type { Recorder } from './recorder.js';
import { broadcastShapes, reduceShape, resolveAxes } from './shapes.js';

const reduction =
  (kernel: string): RecordedKernel =>
  (recorder, [x], { axis, reductionIndices, keepDims = false }) => {
    const axes = resolveAxes(axis ?? reductionIndices, x!.shape.length);
    if (axes.length === 0) return x!;
    return recorder.emit(kernel, [x!], reduceShape(x!.shape, axes, keepDims), x!.dtype, { axes, keepDims });
  };

const softmax =
  (kernel: string): RecordedKernel =>
  (recorder, [x], { dim, axis }) =>
    recorder.emit(kernel, [x!], x!.shape, 'float32', { axis: resolveAxes(dim ?? axis ?? -1, x!.shape.length)[0]! });

/** Swaps the last two axes. */
function transposed(recorder: Recorder, x: Value): Value {
  const rank = x.shape.length;
  const perm = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return recorder.emit(
    'Transpose',
    [x],
    perm.map((p) => x.shape[p]!),
    x.dtype,
    { perm },
  );
}

const matMul: RecordedKernel = (recorder, [a, b], { transposeA = false, transposeB = false }) => {
  const rank = Math.max(a!.shape.length, b!.shape.length);
  const rows = a!.shape.at(transposeA ? -1 : -2)!;
  const columns = b!.shape.at(transposeB ? -2 : -1)!;
  if (rank === 2) return recorder.emit('MatMul', [a!, b!], [rows, columns], 'float32', { transposeA, transposeB });
  const left = transposeA ? transposed(recorder, a!) : a!;
  const right = transposeB ? transposed(recorder, b!) : b!;
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
  const plain = { transposeA: false, transposeB: false };
  return recorder.emit('MatMul', [left, right], [...batch, rows, columns], 'float32', plain);
};

/** Kernels that add up: reductions, softmax, products of matrices, running and segmented sums. */
export const REDUCTION_KERNELS: Readonly<Record<string, RecordedKernel>> = {
  Sum: reduction('Sum'),
  Mean: reduction('Mean'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  Prod: reduction('Prod'),
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
  BatchMatMul: matMul,
  ArgMax: (recorder, [x], { axis }) => {
    const axes = resolveAxes(axis, x!.shape.length);
    return recorder.emit('ArgMax', [x!], reduceShape(x!.shape, axes, false), 'int32', { axis: axes[0]! });
  },
  Cumsum: (recorder, [x], { axis, exclusive = false, reverse = false }) => {
    const [along] = resolveAxes(axis, x!.shape.length);
    return recorder.emit('Cumsum', [x!], x!.shape, x!.dtype, { axis: along!, exclusive, reverse });
  },
  UnsortedSegmentSum: (recorder, _, { numSegments }, { x, segmentIds }) =>
    recorder.emit('UnsortedSegmentSum', [x!, segmentIds!], [numSegments, ...x!.shape.slice(1)], x!.dtype),
};
