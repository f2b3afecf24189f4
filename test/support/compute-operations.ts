import type { Compute, TensorMap } from '../../src/core/plugin-api/index.js';

type Library = Compute['tf'];
type Tensor = TensorMap[string];

export interface Operation {
  readonly name: string;
  /** a: [3, 4], b: [3, 4], row: [4], m: [4, 3]. */
  readonly run: (tf: Library, inputs: { a: Tensor; b: Tensor; row: Tensor; m: Tensor }) => Tensor;
  /** Values of a to b are made positive first. */
  readonly positive?: boolean;
  /** Its result is no float, or steps: not differentiated. */
  readonly flat?: boolean;
}

const op = (name: string, run: Operation['run'], options: Omit<Operation, 'name' | 'run'> = {}): Operation => ({
  name,
  run,
  ...options,
});
const asFloat = (tf: Library, x: Tensor) => tf.cast(x, 'float32');

/** One small use of each operation that steps may be made of. */
export const OPERATIONS: readonly Operation[] = [
  op('add', (tf, { a, row }) => tf.add(a, row)),
  op('addN', (tf, { a, b }) => tf.addN([a, b, a])),
  op('sub', (tf, { a, row }) => tf.sub(row, a)),
  op('mul', (tf, { a, row }) => tf.mul(a, row)),
  op('div', (tf, { a, b }) => tf.div(a, b), { positive: true }),
  op('maximum', (tf, { a, b }) => tf.maximum(a, b)),
  op('minimum', (tf, { a, b }) => tf.minimum(a, b)),
  op('pow', (tf, { a, b }) => tf.pow(a, b), { positive: true }),
  op('squaredDifference', (tf, { a, row }) => tf.squaredDifference(a, row)),
  op('neg', (tf, { a }) => tf.neg(a)),
  op('exp', (tf, { a }) => tf.exp(a)),
  op('log', (tf, { a }) => tf.log(a), { positive: true }),
  op('tanh', (tf, { a }) => tf.tanh(a)),
  op('relu', (tf, { a }) => tf.relu(a)),
  op('leakyRelu', (tf, { a }) => tf.leakyRelu(a, 0.2)),
  op('sqrt', (tf, { a }) => tf.sqrt(a), { positive: true }),
  op('rsqrt', (tf, { a }) => tf.rsqrt(a), { positive: true }),
  op('square', (tf, { a }) => tf.square(a)),
  op('abs', (tf, { a }) => tf.abs(a)),
  op('sigmoid', (tf, { a }) => tf.sigmoid(a)),
  op('erf', (tf, { a }) => tf.erf(a)),
  op('sin', (tf, { a }) => tf.sin(a)),
  op('cos', (tf, { a }) => tf.cos(a)),
  op('reciprocal', (tf, { a }) => tf.reciprocal(a), { positive: true }),
  op('softplus', (tf, { a }) => tf.softplus(a)),
  op('clipByValue', (tf, { a }) => tf.clipByValue(a, -0.5, 0.5)),
  op('floor', (tf, { a }) => tf.floor(a), { flat: true }),
  op('ceil', (tf, { a }) => tf.ceil(a), { flat: true }),
  op('round', (tf, { a }) => tf.round(a), { flat: true }),
  op('sign', (tf, { a }) => tf.sign(a), { flat: true }),
  op('step', (tf, { a }) => tf.step(a), { flat: true }),
  op(
    'comparisons',
    (tf, { a, b }) =>
      tf.addN([tf.greater(a, b), tf.greaterEqual(a, b), tf.less(a, b), tf.lessEqual(a, b)].map((x) => asFloat(tf, x))),
    { flat: true },
  ),
  op('equality', (tf, { a, b }) => tf.sub(asFloat(tf, tf.equal(a, a)), asFloat(tf, tf.notEqual(a, b))), { flat: true }),
  op(
    'logic',
    (tf, { a, b }) => {
      const [x, y] = [tf.greater(a, 0), tf.greater(b, 0)];
      return asFloat(tf, tf.logicalOr(tf.logicalAnd(x, tf.logicalNot(y)), y));
    },
    { flat: true },
  ),
  op('where', (tf, { a, b }) => tf.where(tf.greater(a, 0), a, b)),
  op('cast', (tf, { a }) => tf.mul(a, asFloat(tf, tf.cast(tf.mul(a, 3), 'int32'))), { flat: true }),
  op('zerosLike', (tf, { a }) => tf.add(a, tf.add(tf.zerosLike(a), tf.onesLike(a)))),
  op('fill and range', (tf, { a }) => tf.add(tf.mul(a, tf.range(0, 4, 1)), tf.ones([3, 4]))),
  op('sum', (tf, { a }) => tf.sum(a, 1)),
  op('sum of all', (tf, { a }) => tf.sum(a)),
  op('mean', (tf, { a }) => tf.mean(a, 0, true)),
  op('max', (tf, { a }) => tf.max(a, 1)),
  op('min', (tf, { a }) => tf.min(a, [0], true)),
  op('prod', (tf, { a }) => tf.prod(a, 1), { flat: true }),
  op('softmax', (tf, { a }) => tf.softmax(a)),
  op('logSoftmax', (tf, { a }) => tf.logSoftmax(a)),
  op('matMul', (tf, { a, m }) => tf.matMul(a, m)),
  op('matMul with bias', (tf, { a, b, row }) => tf.add(tf.matMul(a, b, false, true), tf.slice(row, [0], [3]))),
  op('matMul plus a multiple', (tf, { a, b, m }) => tf.add(tf.matMul(a, b, true), tf.mul(tf.matMul(m, a), 0.25))),
  op('matMul, left transposed', (tf, { a, b }) => tf.matMul(a, b, true)),
  op('matMul, right transposed', (tf, { a, b }) => tf.matMul(a, b, false, true)),
  op('matMul, both transposed', (tf, { a, m }) => tf.matMul(a, m, true, true)),
  op('matMul, batched', (tf, { a, b }) => tf.matMul(tf.reshape(a, [3, 2, 2]), tf.reshape(b, [3, 2, 2]), true)),
  op('argMax', (tf, { a }) => asFloat(tf, tf.argMax(a, 1)), { flat: true }),
  op('cumsum', (tf, { a }) => tf.cumsum(a, 1, true)),
  op('reshape', (tf, { a }) => tf.reshape(a, [2, -1])),
  op('expandDims', (tf, { a }) => tf.mul(tf.expandDims(a, 1), tf.expandDims(a, 0))),
  op('transpose', (tf, { a }) => tf.transpose(a)),
  op('concat', (tf, { a, b }) => tf.concat([a, b, a], 1)),
  op('stack', (tf, { a, b }) => tf.stack([a, b], 1)),
  op('unstack', (tf, { a }) => tf.mul(tf.unstack(a, 1)[0]!, tf.unstack(a, 1)[2]!)),
  op('slice', (tf, { a }) => tf.slice(a, [1, 1], [2, 2])),
  op('split', (tf, { a }) => tf.mul(tf.split(a, [1, 3], 1)[1]!, tf.split(a, [1, -1], 1)[0]!)),
  op('split by rows, every part used', (tf, { a }) => {
    const [first, second] = tf.split(a, [2, 1], 0);
    return tf.add(tf.mul(first!, second!), tf.slice(a, [1, 0], [2, 4]));
  }),
  op('split by rows and by columns', (tf, { a }) => {
    const [top] = tf.split(a, [1, 2], 0);
    const [left, right] = tf.split(a, 2, 1);
    return tf.mul(tf.sub(left!, right!), tf.sum(top!));
  }),
  op('split into one', (tf, { a }) => tf.split(a, [4], 1)[0]!),
  op('tile', (tf, { a }) => tf.tile(a, [2, 1])),
  op('broadcastTo', (tf, { row }) => tf.broadcastTo(row, [3, 4])),
  op('pad', (tf, { a }) =>
    tf.pad(
      a,
      [
        [1, 0],
        [0, 2],
      ],
      0.5,
    ),
  ),
  op('gather', (tf, { a }) => tf.gather(a, tf.tensor1d([2, 0, 2, 1], 'int32'))),
  op('gather of single numbers, some twice', (tf, { a }) => {
    const all = tf.reshape(tf.square(a), [-1]);
    return tf.concat([tf.gather(all, tf.tensor1d([5, 0, 5, 11], 'int32')), tf.exp(all)]);
  }),
  op('unsortedSegmentSum', (tf, { a }) => tf.unsortedSegmentSum(a, tf.tensor1d([1, 0, 1], 'int32'), 2)),
  op('unsortedSegmentSum, most segments empty', (tf, { a }) =>
    tf.unsortedSegmentSum(a, tf.tensor1d([1, 5, 1], 'int32'), 7),
  ),
  op('unsortedSegmentSum of numbers', (tf, { row }) =>
    tf.unsortedSegmentSum(row, tf.tensor1d([1, 0, 1, 2], 'int32'), 3),
  ),
];
