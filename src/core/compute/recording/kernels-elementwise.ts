import type { ElementType, Value } from './graph.js';
import type { RecordedKernel } from './kernels.js';
import type { Recorder } from './recorder.js';
import { broadcastShapes } from './shapes.js';

const unary =
  (kernel: string): RecordedKernel =>
  (recorder, [x]) =>
    recorder.emit(kernel, [x!], x!.shape, x!.dtype);

const binary =
  (kernel: string, dtype?: ElementType): RecordedKernel =>
  (recorder, [a, b]) =>
    recorder.emit(kernel, [a!, b!], broadcastShapes(a!.shape, b!.shape), dtype ?? a!.dtype);

// prettier-ignore
const UNARY = [
  'Neg', 'Exp', 'Log', 'Tanh', 'Relu', 'Sqrt', 'Abs', 'Sigmoid', 'Erf', 'Floor', 'Ceil', 'Round', 'Sign',
  'Sin', 'Cos', 'Reciprocal', 'Softplus', 'LogicalNot',
];
const BINARY = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Pow'];
const COMPARISONS = ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual', 'LogicalAnd', 'LogicalOr'];

function scalar(recorder: Recorder, value: number): Value {
  return recorder.constant(Float32Array.of(value), [], 'float32');
}

function cast(recorder: Recorder, x: Value, dtype: ElementType): Value {
  return x.dtype === dtype ? x : recorder.emit('Cast', [x], x.shape, dtype);
}

export const ELEMENTWISE_KERNELS: Readonly<Record<string, RecordedKernel>> = {
  ...Object.fromEntries(UNARY.map((kernel) => [kernel, unary(kernel)])),
  ...Object.fromEntries(BINARY.map((kernel) => [kernel, binary(kernel)])),
  ...Object.fromEntries(COMPARISONS.map((kernel) => [kernel, binary(kernel, 'bool')])),
  Identity: (_, [x]) => x!,
  Square: (recorder, [x]) => recorder.emit('Multiply', [x!, x!], x!.shape, x!.dtype),
  Rsqrt: (recorder, [x]) => {
    const root = recorder.emit('Sqrt', [x!], x!.shape, x!.dtype);
    return recorder.emit('Reciprocal', [root], x!.shape, x!.dtype);
  },
  SquaredDifference: (recorder, [a, b]) => {
    const shape = broadcastShapes(a!.shape, b!.shape);
    const difference = recorder.emit('Sub', [a!, b!], shape, a!.dtype);
    return recorder.emit('Multiply', [difference, difference], shape, a!.dtype);
  },
  LeakyRelu: (recorder, [x], { alpha }) => recorder.emit('LeakyRelu', [x!], x!.shape, x!.dtype, { alpha }),
  Step: (recorder, [x], { alpha }) => {
    const positive = recorder.emit('Greater', [x!, scalar(recorder, 0)], x!.shape, 'bool');
    if (!alpha) return cast(recorder, positive, 'float32');
    return recorder.emit('Select', [positive, scalar(recorder, 1), scalar(recorder, alpha)], x!.shape, 'float32');
  },
  ClipByValue: (recorder, [x], { clipValueMin, clipValueMax }) => {
    const raised = recorder.emit('Maximum', [x!, scalar(recorder, clipValueMin)], x!.shape, x!.dtype);
    return recorder.emit('Minimum', [raised, scalar(recorder, clipValueMax)], x!.shape, x!.dtype);
  },
  Cast: (recorder, [x], { dtype }) => cast(recorder, x!, dtype),
  Select: (recorder, _, __, { condition, t, e }) => {
    const mask = condition!.shape.length < t!.shape.length ? alignMask(recorder, condition!, t!) : condition!;
    return recorder.emit('Select', [mask, t!, e!], t!.shape, t!.dtype);
  },
  AddN: (recorder, values) => {
    const [first] = values;
    return values.length === 1 ? first! : recorder.emit('AddN', values, first!.shape, first!.dtype);
  },
};

/** A one-dimensional condition of TensorFlow chooses whole rows: give it trailing axes of length one. */
function alignMask(recorder: Recorder, mask: Value, like: Value): Value {
  const shape = [...mask.shape, ...like.shape.slice(mask.shape.length).map(() => 1)];
  return recorder.emit('Reshape', [mask], shape, 'bool');
}
