import type { Shape } from '../../plugin-api/index.js';
import { sizeOf } from '../checks.js';
import { ComputeError } from '../compute-error.js';
import type { AttributeValue, GraphNode } from '../recording/graph.js';
import { ONNX_TYPES, type OnnxModel } from './onnx-model.js';

interface Call {
  readonly model: OnnxModel;
  readonly inputs: readonly string[];
  /** The only one, of nearly all kernels. */
  readonly output: string;
  readonly outputs: readonly string[];
  readonly node: GraphNode;
  /** Of the graph's session. */
  readonly threads: number;
}
type Mapping = (call: Call) => void;

// Kernels that have an ONNX operator of the same meaning.
// prettier-ignore
const SAME_MEANING = {
  Add: 'Add', Sub: 'Sub', Multiply: 'Mul', RealDiv: 'Div', Maximum: 'Max', Minimum: 'Min', Pow: 'Pow',
  Greater: 'Greater', GreaterEqual: 'GreaterOrEqual', Less: 'Less', LessEqual: 'LessOrEqual', Equal: 'Equal',
  LogicalAnd: 'And', LogicalOr: 'Or', LogicalNot: 'Not', Select: 'Where', AddN: 'Sum',
  Neg: 'Neg', Exp: 'Exp', Log: 'Log', Tanh: 'Tanh', Relu: 'Relu', Sqrt: 'Sqrt', Abs: 'Abs', Sigmoid: 'Sigmoid',
  Erf: 'Erf', Floor: 'Floor', Ceil: 'Ceil', Round: 'Round', Sign: 'Sign', Sin: 'Sin', Cos: 'Cos',
  Reciprocal: 'Reciprocal', Softplus: 'Softplus',
};

const integer = (value: AttributeValue | undefined) => ({ int: Number(value) });
const list = (value: AttributeValue | undefined) => value as readonly number[];

const same =
  (operator: string): Mapping =>
  ({ model, inputs, output }) =>
    void model.node(operator, inputs, output);

const reduction =
  (operator: string): Mapping =>
  ({ model, inputs, output, node: { attributes } }) => {
    const keepdims = integer(attributes['keepDims']);
    model.node(operator, inputs, output, { axes: { ints: list(attributes['axes']) }, keepdims });
  };

const alongAxis =
  (operator: string): Mapping =>
  ({ model, inputs, output, node }) =>
    void model.node(operator, inputs, output, { axis: integer(node.attributes['axis']) });

const MAPPINGS: Readonly<Record<string, Mapping>> = {
  ...Object.fromEntries(Object.entries(SAME_MEANING).map(([kernel, operator]) => [kernel, same(operator)])),
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Softmax: alongAxis('Softmax'),
  LogSoftmax: alongAxis('LogSoftmax'),
  Concat: alongAxis('Concat'),
  GatherV2: alongAxis('Gather'),
  NotEqual: ({ model, inputs, output }) => {
    model.node('Not', [model.node('Equal', inputs, model.freshName())], output);
  },
  LeakyRelu: ({ model, inputs, output, node }) => {
    model.node('LeakyRelu', inputs, output, { alpha: { float: Number(node.attributes['alpha']) } });
  },
  ClipByValue: ({ model, inputs: [x], output, node: { attributes } }) => {
    const bounds = ['minimum', 'maximum'].map((name) => model.scalar(Number(attributes[name])));
    model.node('Clip', [x!, ...bounds], output);
  },
  Cast: ({ model, inputs, output, node }) => {
    model.node('Cast', inputs, output, { to: { int: ONNX_TYPES[node.outputs[0]!.dtype] } });
  },
  Sum: ({ model, inputs: [x], output, node: { attributes } }) => {
    const axes = model.integers(list(attributes['axes']));
    model.node('ReduceSum', [x!, axes], output, { keepdims: integer(attributes['keepDims']) });
  },
  MatMul: ({ model, inputs, output, node: { attributes } }) => {
    const { transposeA, transposeB, beta } = attributes;
    // The plain product takes the bias that is added to it into the same Gemm; that fusion is ONNX Runtime's.
    if (!transposeA && !transposeB && beta === undefined) model.node('MatMul', inputs, output);
    else {
      const addend = beta === undefined ? {} : { beta: { float: Number(beta) } };
      model.node('Gemm', inputs, output, { transA: integer(transposeA), transB: integer(transposeB), ...addend });
    }
  },
  Transpose: ({ model, inputs, output, node }) => {
    model.node('Transpose', inputs, output, { perm: { ints: list(node.attributes['perm']) } });
  },
  ArgMax: ({ model, inputs, output, node }) => {
    const attributes = { axis: integer(node.attributes['axis']), keepdims: { int: 0 } };
    const index = model.node('ArgMax', inputs, model.freshName(), attributes);
    model.node('Cast', [index], output, { to: { int: ONNX_TYPES.int32 } });
  },
  Cumsum: ({ model, inputs: [x], output, node: { attributes } }) => {
    const axis = model.integers([Number(attributes['axis'])]);
    const flags = { exclusive: integer(attributes['exclusive']), reverse: integer(attributes['reverse']) };
    model.node('CumSum', [x!, axis], output, flags);
  },
  ScatterSum: writeScatterSum,
  UnsortedSegmentSum: writeSegmentSum,
  Reshape: ({ model, inputs: [x], output, node }) => {
    model.node('Reshape', [x!, model.integers(node.outputs[0]!.shape)], output);
  },
  Slice: ({ model, inputs: [x], output, node: { attributes } }) => {
    const begin = list(attributes['begin']);
    const end = list(attributes['size']).map((size, i) => begin[i]! + size);
    const bounds = [begin, end, begin.map((_, i) => i)].map((values) => model.integers(values));
    model.node('Slice', [x!, ...bounds], output);
  },
  SplitV: ({ model, inputs: [x], outputs, node }) => {
    const axis = Number(node.attributes['axis']);
    const lengths = model.integers(node.outputs.map(({ shape }) => shape[axis]!));
    model.nodeOf('Split', [x!, lengths], outputs, { axis: integer(axis) });
  },
  Tile: ({ model, inputs: [x], output, node }) => {
    model.node('Tile', [x!, model.integers(list(node.attributes['reps']))], output);
  },
  BroadcastTo: ({ model, inputs: [x], output, node }) => {
    model.node('Expand', [x!, model.integers(node.outputs[0]!.shape)], output);
  },
  PadV2: ({ model, inputs: [x], output, node: { attributes } }) => {
    const pads = model.integers([...list(attributes['before']), ...list(attributes['after'])]);
    model.node('Pad', [x!, pads, model.scalar(Number(attributes['constantValue']))], output);
  },
};

/**
 * Adds rows where they belong. ScatterND is twice as fast as ScatterElements, but its threads add to the same cell at once:
 * in an order of chance, and now and then one sum is lost (ONNX Runtime 1.30).
 */
function writeScatterSum({ model, inputs, output, node, threads }: Call): void {
  const [x, places, addend] = inputs as [string, string, string?];
  const { shape } = node.inputs[0]!;
  const count = sizeOf(node.outputs[0]!.shape) / sizeOf(shape.slice(1));
  const whole = [count, ...shape.slice(1)];
  const onto =
    addend === undefined
      ? zeros(model, whole)
      : model.node('Reshape', [addend, model.integers(whole)], model.freshName());
  const adding = { reduction: { string: 'add' } };
  const upright = (axes: readonly number[]) => model.node('Reshape', [places, model.integers(axes)], model.freshName());
  let sums: string;
  if (shape.length === 1) sums = model.node('ScatterElements', [onto, places, x], model.freshName(), adding);
  else if (threads === 1) {
    const indices = model.node('Cast', [upright([-1, 1])], model.freshName(), { to: { int: ONNX_TYPES.int64 } });
    sums = model.node('ScatterND', [onto, indices, x], model.freshName(), adding);
  } else {
    const spread = [upright([-1, ...shape.slice(1).map(() => 1)]), model.integers(shape)];
    const indices = model.node('Expand', spread, model.freshName());
    sums = model.node('ScatterElements', [onto, indices, x], model.freshName(), adding);
  }
  model.node('Reshape', [sums, model.integers(node.outputs[0]!.shape)], output);
}

/** Sums of rows by products with matrices of zeros and ones: a row whose segment is none is left out. */
function writeSegmentSum({ model, inputs: [x, segments], output, node }: Call): void {
  const [rows, columns] = rowsAndColumns(node.inputs[0]!.shape);
  const shape = node.outputs[0]!.shape;
  const [count] = shape as [number];
  const flat = model.node('Reshape', [x!, model.integers([rows, columns])], model.freshName());
  const sumWhere = (left: string, right: string) => {
    const isMember = model.node('Equal', [left, right], model.freshName());
    const ones = model.node('Cast', [isMember], model.freshName(), { to: { int: ONNX_TYPES.float32 } });
    return model.node('MatMul', [ones, flat], model.freshName());
  };
  let sums: string;
  if (count <= rows) {
    const numbers = Int32Array.from({ length: count }, (_, i) => i);
    const all = model.tensor(model.freshName(), [count, 1], 'int32', numbers);
    sums = sumWhere(all, segments!);
  } else {
    // Few of many segments: each row takes the sum of its segment, and those of one segment write the same.
    const upright = model.node('Reshape', [segments!, model.integers([-1, 1])], model.freshName());
    const indices = model.node('Cast', [upright], model.freshName(), { to: { int: ONNX_TYPES.int64 } });
    sums = model.node(
      'ScatterND',
      [zeros(model, [count, columns]), indices, sumWhere(upright, segments!)],
      model.freshName(),
    );
  }
  model.node('Reshape', [sums, model.integers(shape)], output);
}

function zeros(model: OnnxModel, shape: Shape): string {
  return model.tensor(model.freshName(), shape, 'float32', new Float32Array(sizeOf(shape)));
}

function rowsAndColumns([rows, ...inner]: readonly number[]): [rows: number, columns: number] {
  return [rows!, inner.reduce((product, n) => product * n, 1)];
}

/** Writes one recorded kernel call as ONNX operators. */
export function mapNode(
  executor: string,
  model: OnnxModel,
  node: GraphNode,
  inputs: readonly string[],
  outputs: readonly string[],
  threads: number,
) {
  const mapping = MAPPINGS[node.kernel];
  if (mapping === undefined) throw new ComputeError(executor, `kernel ${node.kernel} has no mapping to ONNX`);
  mapping({ model, inputs, output: outputs[0]!, outputs, node, threads });
}
