import { type Graph, type GraphNode, scalarsOf, usesOf, type Value } from './graph.js';

/** Writes the lesser of an upper bound and the greater of a lower one as one ClipByValue: a pass over memory less. */
export function fuseBounds(graph: Graph): Graph {
  const uses = usesOf(graph);
  const producers = new Map<number, GraphNode>(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const scalars = scalarsOf(graph);
  const absorbed = new Set<GraphNode>();
  const fused = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (node.kernel !== 'Minimum') continue;
    const [raised, highest] = node.inputs as [Value, Value];
    const raising = producers.get(raised.id);
    if (raising?.kernel !== 'Maximum' || uses.get(raised.id) !== 1) continue;
    const [x, lowest] = raising.inputs as [Value, Value];
    const [minimum, maximum] = [scalars.get(lowest.id), scalars.get(highest.id)];
    const keepsShape = x.shape.join() === node.outputs[0]!.shape.join();
    if (minimum === undefined || maximum === undefined || !keepsShape) continue;
    absorbed.add(raising);
    fused.set(node, { ...node, kernel: 'ClipByValue', inputs: [x], attributes: { minimum, maximum } });
  }
  return { ...graph, nodes: graph.nodes.filter((node) => !absorbed.has(node)).map((node) => fused.get(node) ?? node) };
}
