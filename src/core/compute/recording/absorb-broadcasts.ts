import type { Graph, GraphNode, Value } from './graph.js';
import { broadcastShapes } from './shapes.js';

const ELEMENTWISE = new Set(['Add', 'Sub', 'Multiply', 'RealDiv', 'Maximum', 'Minimum', 'Greater', 'Less', 'Equal']);

/**
 * Hands the operands of elementwise kernels over as they were before they were repeated: the kernel broadcasts by itself.
 * Gradients of sums are repeated values that are multiplied next; written out they would cost a pass over memory each.
 */
export function absorbBroadcasts(graph: Graph): Graph {
  const producers = new Map<number, GraphNode>(graph.nodes.map((node) => [node.outputs[0]!.id, node]));
  const nodes = graph.nodes.map((node) => {
    if (!ELEMENTWISE.has(node.kernel)) return node;
    const [a, b] = node.inputs as [Value, Value];
    const shape = node.outputs[0]!.shape.join();
    const shorterA = sourceOf(a);
    if (broadcastShapes(shorterA.shape, b.shape).join() === shape) return { ...node, inputs: [shorterA, b] };
    const shorterB = sourceOf(b);
    if (broadcastShapes(a.shape, shorterB.shape).join() === shape) return { ...node, inputs: [a, shorterB] };
    return node;
  });
  return { ...graph, nodes };

  function sourceOf(value: Value): Value {
    const node = producers.get(value.id);
    return node !== undefined && isBroadcast(node) ? sourceOf(node.inputs[0]!) : value;
  }
}

/** A tile that repeats axes of length one alone is a broadcast too. */
function isBroadcast({ kernel, inputs, attributes }: GraphNode): boolean {
  if (kernel === 'BroadcastTo') return true;
  if (kernel !== 'Tile') return false;
  const repetitions = attributes['reps'] as readonly number[];
  return inputs[0]!.shape.every((length, axis) => length === 1 || repetitions[axis] === 1);
}
