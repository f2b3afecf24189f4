import { type Graph, type GraphNode, scalarsOf, usesOf, type Value } from './graph.js';

/**
 * Writes `A·B + β·C` as one product with an addend, where A·B is used for nothing else: a pass over memory less for the
 * gradients that are added to, and two for weight decay. Attributes `beta` and a third input are added to the MatMul.
 */
export function fuseProducts(graph: Graph): Graph {
  const uses = usesOf(graph);
  const producers = new Map<number, GraphNode>(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const scalars = scalarsOf(graph);
  const fused = new Map<GraphNode, GraphNode>();
  const absorbed = new Set<GraphNode>();

  for (const node of graph.nodes) {
    if (node.kernel !== 'Add' && !(node.kernel === 'AddN' && node.inputs.length === 2)) continue;
    const product = node.inputs.findIndex((input) => isFreeProduct(input, node));
    if (product < 0) continue;
    const matMul = producers.get(node.inputs[product]!.id)!;
    const { addend, beta, scaling } = scaledAddend(node.inputs[1 - product]!);
    absorbed.add(matMul);
    if (scaling !== null) absorbed.add(scaling);
    const inputs = [...matMul.inputs, addend];
    fused.set(node, { ...matMul, inputs, outputs: node.outputs, attributes: { ...matMul.attributes, beta } });
  }
  return { ...graph, nodes: graph.nodes.filter((node) => !absorbed.has(node)).map((node) => fused.get(node) ?? node) };

  function isFreeProduct(value: Value, sum: GraphNode): boolean {
    const node = producers.get(value.id);
    if (node?.kernel !== 'MatMul' || node.inputs.length !== 2 || absorbed.has(node)) return false;
    const sameShape = sum.inputs.every((input) => input.shape.join() === value.shape.join());
    return value.shape.length === 2 && sameShape && uses.get(value.id) === 1;
  }

  function scaledAddend(value: Value): { addend: Value; beta: number; scaling: GraphNode | null } {
    const node = producers.get(value.id);
    if (node?.kernel === 'Multiply' && uses.get(value.id) === 1 && !absorbed.has(node)) {
      const scalar = node.inputs.findIndex((input) => input.shape.length === 0 && scalars.has(input.id));
      if (scalar >= 0) {
        return { addend: node.inputs[1 - scalar]!, beta: scalars.get(node.inputs[scalar]!.id)!, scaling: node };
      }
    }
    return { addend: value, beta: 1, scaling: null };
  }
}
