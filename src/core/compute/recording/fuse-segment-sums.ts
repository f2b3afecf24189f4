import { type Graph, type GraphNode, usesOf, type Value } from './graph.js';

/**
 * Writes `C + sums of numbers by segment` as one kernel that adds to C where the segments are: the gradient of picking a few
 * numbers of a tensor is next to nothing then, rather than three passes over it. C becomes a third input.
 */
export function fuseSegmentSums(graph: Graph): Graph {
  const uses = usesOf(graph);
  const producers = new Map<number, GraphNode>(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const absorbed = new Set<GraphNode>();
  const fused = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (node.kernel !== 'Add') continue;
    const [a, b] = node.inputs as [Value, Value];
    if (a.shape.join() !== b.shape.join()) continue;
    for (const [sums, addend] of [
      [a, b],
      [b, a],
    ] as const) {
      const found = sumsBehind(sums);
      if (found === null) continue;
      for (const part of found) absorbed.add(part);
      const { inputs, attributes } = found.at(-1)!;
      fused.set(node, { kernel: 'UnsortedSegmentSum', inputs: [...inputs, addend], outputs: node.outputs, attributes });
      break;
    }
  }
  return { ...graph, nodes: graph.nodes.filter((node) => !absorbed.has(node)).map((node) => fused.get(node) ?? node) };

  /** The kernels that make a value out of sums of numbers, if these are read by nobody else; the sum is the last. */
  function sumsBehind(value: Value): GraphNode[] | null {
    const node = producers.get(value.id);
    if (node === undefined || uses.get(value.id) !== 1) return null;
    if (node.kernel === 'UnsortedSegmentSum') return node.inputs[0]!.shape.length === 1 ? [node] : null;
    if (node.kernel !== 'Reshape') return null;
    const before = sumsBehind(node.inputs[0]!);
    return before && [node, ...before];
  }
}
