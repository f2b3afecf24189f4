import { sizeOf } from '../checks.js';
import { type Graph, type GraphNode, type Value, withoutDeadEnds } from '../recording/graph.js';

/** Kernels of one number a place, which {@link writeUpdates} has an instruction for. */
export const PLACEWISE = ['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Neg', 'Abs', 'Sqrt'] as const;
export type PlacewiseKernel = (typeof PLACEWISE)[number];
const isPlacewise = new Set<string>([...PLACEWISE, 'AddN']);

/**
 * The end of a step: what is left to do for the new state once the gradients are there. All of it is done place by place,
 * but for sums of rows by segment, as the gradient of a look-up is, and for joining such sums with other rows, as the
 * gradient of a matrix is of which parts are looked up.
 */
export interface Updates {
  /** In the order of their calls: {@link PLACEWISE} kernels, AddN, UnsortedSegmentSum, and Concat along the first axis. */
  readonly nodes: readonly GraphNode[];
  /** New tensors of the state, by name. */
  readonly results: Readonly<Record<string, Value>>;
  /** What the nodes read that none of them computes. */
  readonly leaves: readonly Leaf[];
}

export interface Leaf {
  readonly value: Value;
  readonly from:
    | { readonly state: string }
    | { readonly input: string }
    | { readonly constant: Float32Array }
    /** Computed by the rest of the graph, which has an output of that name for it. */
    | { readonly output: string };
}

/** A graph without its end, and that end; null where the step has none, or nothing else. */
export interface SplitGraph {
  readonly graph: Graph;
  readonly updates: Updates | null;
}

/** Cuts off the longest end of a graph that consists of updates. */
export function splitUpdates(graph: Graph): SplitGraph {
  const producers = new Map(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const members = updatesAmong(graph, producers);
  if (members.size === 0) return { graph, updates: null };

  const isMade = (value: Value) => members.has(producers.get(value.id)!);
  const nodes = graph.nodes.filter((node) => members.has(node)).map((node) => withoutCast(node, producers));
  const [results, others] = partition(graph.outputs, isMade);
  const leaves = leavesOf(graph, nodes, isMade);
  const wanted = leaves.flatMap(({ value, from }) => ('output' in from ? [[from.output, value] as const] : []));
  const outputs = { ...others, ...Object.fromEntries(wanted) };
  if (Object.keys(outputs).length === 0) return { graph, updates: null };
  return {
    graph: withoutDeadEnds({ ...graph, nodes: graph.nodes.filter((node) => !members.has(node)), outputs }),
    updates: {
      nodes,
      leaves,
      results: Object.fromEntries(Object.entries(results).map(([name, value]) => [name.slice('next:'.length), value])),
    },
  };
}

/** Nodes that serve the new state alone: whatever reads them is an update too. */
function updatesAmong(graph: Graph, producers: ReadonlyMap<number, GraphNode>): Set<GraphNode> {
  const readers = new Map<number, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const { id } of node.inputs) readers.set(id, [...(readers.get(id) ?? []), node]);
  }
  const outputNames = new Map<number, string[]>();
  for (const [name, { id }] of Object.entries(graph.outputs)) {
    outputNames.set(id, [...(outputNames.get(id) ?? []), name]);
  }
  const members = new Set<GraphNode>();
  /** What is joined is made where it belongs in the whole, so it can belong to one alone. */
  const joined = new Set<number>();
  for (const node of graph.nodes.toReversed()) {
    const [output] = node.outputs as [Value];
    const names = outputNames.get(output.id) ?? [];
    const read = readers.get(output.id) ?? [];
    const servesStateAlone = names.every((name) => name.startsWith('next:')) && names.length <= 1;
    const isRead = names.length + read.length > 0;
    if (!servesStateAlone || !isRead || !read.every((reader) => canRead(reader, node)) || !canUpdate(node)) continue;
    members.add(node);
    if (node.kernel === 'Concat') for (const { id } of node.inputs) joined.add(id);
  }
  return members;

  function canRead(reader: GraphNode, node: GraphNode): boolean {
    if (!members.has(reader) || reader.kernel === 'UnsortedSegmentSum') return false;
    if (reader.kernel === 'Concat') return node.kernel === 'UnsortedSegmentSum';
    return sizeOf(reader.outputs[0]!.shape) === sizeOf(node.outputs[0]!.shape);
  }

  function canUpdate(node: GraphNode): boolean {
    const [output] = node.outputs as [Value];
    const size = sizeOf(output.shape);
    if (size === 0 || output.dtype !== 'float32') return false;
    if (node.kernel === 'UnsortedSegmentSum') return isSumOfFloatSegments(node);
    if (node.kernel === 'Concat') return canJoin(node);
    // Left where it is, since it costs nothing there: one of the products adds to the other (see fuse-products).
    if (isSumOfProducts(node)) return false;
    const fits = ({ shape, dtype }: Value) => dtype === 'float32' && [1, size].includes(sizeOf(shape));
    return isPlacewise.has(node.kernel) && node.inputs.every(fits);
  }

  function isSumOfFloatSegments({ inputs, outputs }: GraphNode): boolean {
    const [x, segments] = inputs as [Value, Value];
    const cast = producers.get(segments.id);
    const isOutput = outputNames.has(outputs[0]!.id);
    return !isOutput && sizeOf(x.shape) > 0 && cast?.kernel === 'Cast' && cast.inputs[0]!.dtype === 'float32';
  }

  /** Rows that the step computes, one after the other, sums by segment among them. */
  function canJoin({ inputs, outputs, attributes }: GraphNode): boolean {
    const isApart = new Set(inputs.map(({ id }) => id)).size === inputs.length;
    const isResult = outputNames.has(outputs[0]!.id);
    return attributes['axis'] === 0 && !isResult && isApart && inputs.every(isFreeToJoin) && inputs.some(isSumReadOnce);
  }

  function isFreeToJoin({ id }: Value): boolean {
    return producers.has(id) && !joined.has(id);
  }

  function isSumReadOnce({ id }: Value): boolean {
    const node = producers.get(id)!;
    return node.kernel === 'UnsortedSegmentSum' && isSumOfFloatSegments(node) && readers.get(id)!.length === 1;
  }

  function isSumOfProducts({ kernel, inputs }: GraphNode): boolean {
    const isProductOrSum = ({ id }: Value) => {
      const node = producers.get(id);
      return node !== undefined && (node.kernel === 'MatMul' || isSumOfProducts(node));
    };
    return (kernel === 'Add' || kernel === 'AddN') && inputs.every(isProductOrSum);
  }
}

/** Segments are read as the floats that they were cast from. */
function withoutCast(node: GraphNode, producers: ReadonlyMap<number, GraphNode>): GraphNode {
  if (node.kernel !== 'UnsortedSegmentSum') return node;
  const [x, segments] = node.inputs as [Value, Value];
  return { ...node, inputs: [x, producers.get(segments.id)!.inputs[0]!] };
}

function leavesOf(graph: Graph, nodes: readonly GraphNode[], isMade: (value: Value) => boolean): Leaf[] {
  const inputNames = new Map(Object.entries(graph.inputs).map(([name, { id }]) => [id, name]));
  const constants = new Map(graph.constants.map(({ value, data }) => [value.id, data as Float32Array]));
  const values = nodes.flatMap(({ inputs }) => inputs).filter((value) => !isMade(value));
  const unique = [...new Map(values.map((value) => [value.id, value])).values()];
  return unique.map((value): Leaf => {
    const [kind, name] = inputNames.get(value.id)?.split(/:(.*)/s) ?? [];
    const constant = constants.get(value.id);
    if (kind === 'state') return { value, from: { state: name! } };
    if (kind === 'input') return { value, from: { input: name! } };
    return { value, from: constant === undefined ? { output: `update:${value.id}` } : { constant } };
  });
}

function partition(
  values: Readonly<Record<string, Value>>,
  test: (value: Value) => boolean,
): [Record<string, Value>, Record<string, Value>] {
  const entries = Object.entries(values);
  return [
    Object.fromEntries(entries.filter(([, value]) => test(value))),
    Object.fromEntries(entries.filter(([, value]) => !test(value))),
  ];
}
