import { sizeOf } from '../checks.js';
import type { GraphNode, Value } from '../recording/graph.js';
import type { PlacewiseKernel, Updates } from './split-updates.js';
import { FunctionBody, type Opcode } from './wasm-module.js';

const FLOAT = 4;
const LANES = 4;
export const VECTOR_BYTES = LANES * FLOAT;

/** Where a tensor begins in memory, in bytes. Each has room for a whole number of vectors. */
type AddressOf<What> = (what: What) => number;

/** Locals: a loop's place in bytes; in sums of rows the row, where it starts and where its segment does. */
const [counter, row, rowStart, target] = [0, 1, 2, 3];
const INTEGER_LOCALS = 4;

const INSTRUCTIONS: Readonly<Record<PlacewiseKernel, Opcode>> = {
  Add: 'add',
  Sub: 'sub',
  Multiply: 'mul',
  RealDiv: 'div',
  Maximum: 'max',
  Minimum: 'min',
  Neg: 'neg',
  Abs: 'abs',
  Sqrt: 'sqrt',
};

/**
 * Writes updates as one function: sums by segment first, then a loop for each tensor of the state with all that is
 * computed at a place, so that a number is read once and written once. A result takes the place of what it replaces.
 */
export function writeUpdates(
  updates: Updates,
  addressOf: AddressOf<Value>,
  addressOfState: AddressOf<string>,
): FunctionBody {
  const body = new FunctionBody(INTEGER_LOCALS);
  for (const node of updates.nodes) {
    if (node.kernel === 'UnsortedSegmentSum') writeSegmentSum(body, node, addressOf);
  }
  // All before the first loop, which may replace one of them.
  const scalars = new Map<number, number>();
  for (const { value } of updates.leaves.filter((leaf) => isScalar(leaf.value))) {
    body.integer(0).at('loadOneToAll', addressOf(value));
    scalars.set(value.id, body.setNewVector());
  }
  for (const nodes of groupsOf(updates)) writeLoop(nodes);
  return body;

  function writeLoop(nodes: readonly GraphNode[]): void {
    const size = sizeOf(nodes[0]!.outputs[0]!.shape);
    body.loop(counter, Math.ceil(size / LANES) * VECTOR_BYTES, VECTOR_BYTES, () => {
      const locals = new Map(scalars);
      const made = new Set(nodes.map((node) => node.outputs[0]!.id));
      for (const value of nodes.flatMap(({ inputs }) => inputs)) {
        if (made.has(value.id) || locals.has(value.id)) continue;
        body.emit('getLocal', counter).at('load', addressOf(value));
        locals.set(value.id, body.setNewVector());
      }
      for (const { kernel, inputs, outputs } of nodes) {
        const instruction = INSTRUCTIONS[kernel === 'AddN' ? 'Add' : (kernel as PlacewiseKernel)];
        inputs.forEach((input, i) => {
          body.emit('getLocal', locals.get(input.id)!);
          if (i > 0 || inputs.length === 1) body.emit(instruction);
        });
        locals.set(outputs[0]!.id, body.setNewVector());
      }
      for (const [name, value] of Object.entries(updates.results)) {
        if (!made.has(value.id)) continue;
        body.emit('getLocal', counter).emit('getLocal', locals.get(value.id)!).at('store', addressOfState(name));
      }
    });
  }
}

function isScalar({ shape }: Value): boolean {
  return sizeOf(shape) === 1;
}

/** Nodes that read or write the same tensors, together: none may see what another has replaced already. */
function groupsOf({ nodes, results, leaves }: Updates): GraphNode[][] {
  const joined = new Map<number, number>();
  const groupOf = (id: number): number => (joined.has(id) ? groupOf(joined.get(id)!) : id);
  const join = (a: number, b: number) => {
    if (groupOf(a) !== groupOf(b)) joined.set(groupOf(a), groupOf(b));
  };
  for (const { value, from } of leaves) {
    const result = 'state' in from ? results[from.state] : undefined;
    if (result !== undefined) join(value.id, result.id);
  }
  const groups = new Map<number, GraphNode[]>();
  const placewise = nodes.filter(({ kernel }) => kernel !== 'UnsortedSegmentSum' && kernel !== 'Concat');
  const scalarLeaves = new Set(leaves.flatMap(({ value }) => (isScalar(value) ? [value.id] : [])));
  for (const { inputs, outputs } of placewise) {
    for (const { id } of inputs) if (!scalarLeaves.has(id)) join(id, outputs[0]!.id);
  }
  for (const node of placewise) {
    const group = groupOf(node.outputs[0]!.id);
    groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  return [...groups.values()];
}

/** Adds each row of `x` to the sum of its segment, in the order of the rows; a row of no segment is left out. */
function writeSegmentSum(body: FunctionBody, { inputs, outputs }: GraphNode, addressOf: AddressOf<Value>): void {
  const [x, segments] = inputs as [Value, Value];
  const [sums] = outputs as [Value];
  const rows = sizeOf(segments.shape);
  const segmentCount = sums.shape[0]!;
  const rowBytes = (sizeOf(x.shape) / rows) * FLOAT;
  const vectorBytes = Math.floor(rowBytes / VECTOR_BYTES) * VECTOR_BYTES;
  const [source, destination] = [addressOf(x), addressOf(sums)];
  const times = (local: number, factor: number) => body.emit('getLocal', local).integer(factor).emit('multiply');
  const plusCounter = (local: number) => body.emit('getLocal', local).emit('getLocal', counter).emit('addIntegers');
  const add = (load: Opcode, sum: Opcode, store: Opcode, offset: number) => {
    plusCounter(target);
    plusCounter(target).at(load, destination + offset);
    plusCounter(rowStart).at(load, source + offset);
    body.emit(sum).at(store, destination + offset);
  };

  body.integer(destination).integer(0);
  body.integer(segmentCount * rowBytes).emit('fillMemory');
  body.loop(row, rows, 1, () => {
    body.emit('block');
    times(row, FLOAT).at('loadFloat', addressOf(segments)).emit('truncate').emit('teeLocal', target);
    body.integer(segmentCount).emit('isUnsignedAtLeast').emit('branchIf', 0);
    times(target, rowBytes).emit('setLocal', target);
    times(row, rowBytes).emit('setLocal', rowStart);
    if (vectorBytes > 0) body.loop(counter, vectorBytes, VECTOR_BYTES, () => add('load', 'add', 'store', 0));
    body.integer(0).emit('setLocal', counter);
    for (let at = vectorBytes; at < rowBytes; at += FLOAT) add('loadFloat', 'addFloats', 'storeFloat', at);
    body.emit('end');
  });
}
