import { type Graph, type GraphNode, usesOf, type Value } from './graph.js';

/**
 * Sums by segment that are the gradient of a look-up, as ScatterSum: each segment is a place of the tensor that was looked
 * up, so that rows can be added where they belong, to what is there. `C + sums` is one ScatterSum, C its third input: the
 * gradient of picking a few numbers of a tensor that is read whole too is next to nothing then.
 */
export function scatterSums(graph: Graph): Graph {
  const uses = usesOf(graph);
  const isLookedUp = lookUpsOf(graph);
  const scattered = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (node.kernel !== 'UnsortedSegmentSum' || !isLookedUp(node)) continue;
    scattered.set(node, { ...node, kernel: 'ScatterSum' });
  }
  const producers = new Map<number, GraphNode>(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const absorbed = new Set<GraphNode>();
  for (const node of graph.nodes) {
    if (node.kernel !== 'Add') continue;
    const [a, b] = node.inputs as [Value, Value];
    if (a.shape.join() !== b.shape.join()) continue;
    const ofFirst = sumsBehind(a);
    const parts = ofFirst ?? sumsBehind(b);
    if (parts === null) continue;
    for (const part of parts) absorbed.add(part);
    const addend = ofFirst === null ? a : b;
    const [x, segments] = parts.at(-1)!.inputs as [Value, Value];
    scattered.set(node, { kernel: 'ScatterSum', inputs: [x, segments, addend], outputs: node.outputs, attributes: {} });
  }
  const nodes = graph.nodes.filter((node) => !absorbed.has(node)).map((node) => scattered.get(node) ?? node);
  return { ...graph, nodes };

  /** The kernels that make a value out of sums, if nobody else reads these; the sum is the last. */
  function sumsBehind({ id }: Value): GraphNode[] | null {
    const node = producers.get(id);
    if (node === undefined || uses.get(id) !== 1) return null;
    if (node.kernel === 'UnsortedSegmentSum') return scattered.has(node) ? [node] : null;
    // Numbers lie in the same order whatever their shape; rows would not.
    if (node.kernel !== 'Reshape' || node.inputs[0]!.shape.length !== 1) return null;
    const before = sumsBehind(node.inputs[0]!);
    return before && [node, ...before];
  }
}

/** Whether a tensor of as many rows as there are segments was looked up at them. */
function lookUpsOf({ nodes }: Graph): (sum: GraphNode) => boolean {
  const lengths = new Map<number, Set<number>>();
  for (const { kernel, inputs, attributes } of nodes) {
    if (kernel !== 'GatherV2' || attributes['axis'] !== 0) continue;
    const [x, places] = inputs as [Value, Value];
    lengths.set(places.id, (lengths.get(places.id) ?? new Set<number>()).add(x.shape[0]!));
  }
  return ({ inputs, outputs }) => lengths.get(inputs[1]!.id)?.has(outputs[0]!.shape[0]!) ?? false;
}
