import type { Graph, GraphNode, Value } from './graph.js';

interface Cut {
  readonly node: GraphNode;
  readonly from: number;
  readonly to: number;
}

/**
 * Slices that together make up a whole tensor, cut along one axis, as one SplitV with an output for each: fewer kernels to
 * compile and to call. The graph has the split where it had the first of the slices.
 */
export function joinSlices(graph: Graph): Graph {
  const slices = Map.groupBy(
    graph.nodes.filter(({ kernel }) => kernel === 'Slice'),
    ({ inputs: [x] }) => x!.id,
  );
  const split = new Map<GraphNode, GraphNode>();
  const joined = new Set<GraphNode>();
  for (const group of slices.values()) {
    const [first] = group;
    const [x] = first!.inputs;
    for (let axis = 0; axis < x!.shape.length; axis++) {
      const cuts = cutsAlong(axis, x!, group);
      if (cuts === null) continue;
      const outputs = cuts.map(({ node }) => node.outputs[0]!);
      split.set(first!, { kernel: 'SplitV', inputs: [x!], outputs, attributes: { axis } });
      for (const { node } of cuts) joined.add(node);
      break;
    }
  }
  const nodes = graph.nodes.flatMap((node) => split.get(node) ?? (joined.has(node) ? [] : [node]));
  return { ...graph, nodes };
}

/** The slices in the order of their places; null where they do not lie end to end, each of everything but along the axis. */
function cutsAlong(axis: number, { shape }: Value, group: readonly GraphNode[]): Cut[] | null {
  if (group.length < 2) return null;
  const cuts = group.map((node): Cut => {
    const [begin, size] = ['begin', 'size'].map((name) => node.attributes[name] as readonly number[]);
    return { node, from: begin![axis]!, to: begin![axis]! + size![axis]! };
  });
  const isWhole = ({ node }: Cut) => node.outputs[0]!.shape.every((length, i) => i === axis || length === shape[i]);
  cuts.sort((a, b) => a.from - b.from);
  const meet = cuts.every(({ from }, i) => from === (cuts[i - 1]?.to ?? 0)) && cuts.at(-1)!.to === shape[axis];
  return meet && cuts.every(isWhole) ? cuts : null;
}
