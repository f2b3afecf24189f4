import type { Shape } from '../../plugin-api/index.js';
import type { ElementType } from '../recording/graph.js';
import { MessageWriter } from './protobuf.js';

// Field numbers and enumerations of onnx.proto3 (github.com/onnx/onnx), IR version 8, operator set 17.
const IR_VERSION = 8;
const OPERATOR_SET = 17;
export const ONNX_TYPES = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxType = keyof typeof ONNX_TYPES;
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const;

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

/** Collects nodes and constants, and writes them as an ONNX model. */
export class OnnxModel {
  readonly #nodes: MessageWriter[] = [];
  readonly #initializers: MessageWriter[] = [];
  readonly #inputs: MessageWriter[] = [];
  readonly #outputs: MessageWriter[] = [];
  #count = 0;

  get nodeCount(): number {
    return this.#nodes.length;
  }

  freshName(): string {
    return `t${this.#count++}`;
  }

  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    this.nodeOf(operator, inputs, [output], attributes);
    return output;
  }

  /** A node of several outputs. */
  nodeOf(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
  ): void {
    const node = new MessageWriter();
    for (const name of inputs) node.text(1, name);
    for (const name of outputs) node.text(2, name);
    node.text(4, operator);
    for (const [name, attribute] of Object.entries(attributes)) node.message(5, writeAttribute(name, attribute));
    this.#nodes.push(node);
  }

  tensor(name: string, shape: Shape, type: OnnxType, data: ArrayBufferView): string {
    const tensor = new MessageWriter();
    for (const length of shape) tensor.int(1, length);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    tensor.int(2, ONNX_TYPES[type]).text(8, name).bytes(9, bytes);
    this.#initializers.push(tensor);
    return name;
  }

  /** A constant list of integers: shapes, axes, offsets. */
  integers(values: readonly number[]): string {
    return this.tensor(this.freshName(), [values.length], 'int64', BigInt64Array.from(values.map(BigInt)));
  }

  scalar(value: number): string {
    return this.tensor(this.freshName(), [], 'float32', Float32Array.of(value));
  }

  input(name: string, shape: Shape): void {
    this.#inputs.push(valueInfo(name, shape, 'float32'));
  }

  output(name: string, shape: Shape): void {
    this.#outputs.push(valueInfo(name, shape, 'float32'));
  }

  finish(): Uint8Array {
    const graph = new MessageWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, 'step');
    for (const tensor of this.#initializers) graph.message(5, tensor);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const operatorSet = new MessageWriter().text(1, '').int(2, OPERATOR_SET);
    return new MessageWriter().int(1, IR_VERSION).message(7, graph).message(8, operatorSet).finish();
  }
}

function valueInfo(name: string, shape: Shape, type: ElementType): MessageWriter {
  const dimensions = new MessageWriter();
  for (const length of shape) dimensions.message(1, new MessageWriter().int(1, length));
  const tensor = new MessageWriter().int(1, ONNX_TYPES[type]).message(2, dimensions);
  return new MessageWriter().text(1, name).message(2, new MessageWriter().message(1, tensor));
}

function writeAttribute(name: string, attribute: OnnxAttribute): MessageWriter {
  const message = new MessageWriter().text(1, name);
  if ('int' in attribute) return message.int(3, attribute.int).int(20, ATTRIBUTE_TYPES.int);
  if ('float' in attribute) return message.float(2, attribute.float).int(20, ATTRIBUTE_TYPES.float);
  if ('string' in attribute) return message.text(4, attribute.string).int(20, ATTRIBUTE_TYPES.string);
  for (const value of attribute.ints) message.int(8, value);
  return message.int(20, ATTRIBUTE_TYPES.ints);
}
