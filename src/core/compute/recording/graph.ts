import type { Shape } from '../../plugin-api/index.js';

export type ElementType = 'float32' | 'int32' | 'bool';
export type AttributeValue = number | readonly number[] | boolean | string;

/** A tensor that a graph speaks of without knowing its numbers. */
export interface Value {
  readonly id: number;
  readonly shape: Shape;
  readonly dtype: ElementType;
}

/** One kernel call. Attributes are resolved: axes positive, sizes and permutations spelled out. */
export interface GraphNode {
  readonly kernel: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** A step as data: kernels in the order of their calls, from named inputs to named outputs. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly constants: readonly Constant[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/** The part of a graph that its outputs need. Gradients of what nobody asked for leave dead ends in a recording. */
export function withoutDeadEnds(graph: Graph): Graph {
  const needed = new Set(Object.values(graph.outputs).map((value) => value.id));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output.id))) return false;
    for (const input of node.inputs) needed.add(input.id);
    return true;
  });
  return {
    ...graph,
    nodes: nodes.toReversed(),
    constants: graph.constants.filter((constant) => needed.has(constant.value.id)),
    inputs: Object.fromEntries(Object.entries(graph.inputs).filter(([, value]) => needed.has(value.id))),
  };
}

/** How many nodes and outputs read each value. */
export function usesOf(graph: Graph): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  const count = ({ id }: Value) => uses.set(id, (uses.get(id) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  Object.values(graph.outputs).forEach(count);
  return uses;
}

/** Constants of one number. */
export function scalarsOf(graph: Graph): ReadonlyMap<number, number> {
  return new Map(
    graph.constants.flatMap(({ value, data }) =>
      value.dtype === 'float32' && data.length === 1 ? [[value.id, data[0]!] as const] : [],
    ),
  );
}
