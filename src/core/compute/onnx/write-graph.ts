import type { Graph, Value } from '../recording/graph.js';
import { mapNode } from './kernel-mapping.js';
import { OnnxModel, type OnnxType } from './onnx-model.js';

/** A recorded graph as an ONNX model, to be run on so many threads; inputs and outputs keep their names. */
export function writeGraph(executor: string, graph: Graph, threads: number): Uint8Array {
  const model = new OnnxModel();
  const names = new Map<number, string>();
  const nameOf = (value: Value) => names.get(value.id)!;

  for (const [name, value] of Object.entries(graph.inputs)) {
    names.set(value.id, name);
    model.input(name, value.shape);
  }
  for (const { value, data } of graph.constants) {
    names.set(value.id, model.tensor(model.freshName(), value.shape, value.dtype satisfies OnnxType, data));
  }
  // A result takes its output's name where it can: a copy is needed only for what is also an input, a constant or another output.
  const produced = new Set(graph.nodes.flatMap((node) => node.outputs.map((output) => output.id)));
  const copies: [name: string, value: Value][] = [];
  for (const [name, value] of Object.entries(graph.outputs)) {
    model.output(name, value.shape);
    if (produced.has(value.id) && !names.has(value.id)) names.set(value.id, name);
    else copies.push([name, value]);
  }
  for (const node of graph.nodes) {
    for (const { id } of node.outputs) if (!names.has(id)) names.set(id, model.freshName());
    mapNode(executor, model, node, node.inputs.map(nameOf), node.outputs.map(nameOf), threads);
  }
  for (const [name, value] of copies) model.node('Identity', [nameOf(value)], name);
  return model.finish();
}
