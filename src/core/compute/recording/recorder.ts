import type * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../../plugin-api/index.js';
import {
  type AttributeValue,
  type Constant,
  type ElementType,
  type Graph,
  type GraphNode,
  type Value,
} from './graph.js';

/** What the kernels of the recording backend write into: one graph, growing. */
export class Recorder {
  readonly #values = new WeakMap<object, Value>();
  readonly #constants: Constant[] = [];
  readonly #nodes: GraphNode[] = [];
  #count = 0;

  /** @param executor for whom the graph is recorded: errors name it. */
  constructor(readonly executor: string) {}

  value(shape: Shape, dtype: ElementType): Value {
    return { id: this.#count++, shape, dtype };
  }

  constant(data: Constant['data'], shape: Shape, dtype: ElementType): Value {
    const value = this.value(shape, dtype);
    this.#constants.push({ value, data });
    return value;
  }

  /** Adds a kernel call and returns its one output. */
  emit(
    kernel: string,
    inputs: readonly Value[],
    shape: Shape,
    dtype: ElementType,
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): Value {
    const output = this.value(shape, dtype);
    this.#nodes.push({ kernel, inputs, outputs: [output], attributes });
    return output;
  }

  /** TensorFlow.js knows a tensor by its data id: this one stands for `value`. */
  toTensorInfo(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  bind(dataId: object, value: Value): void {
    this.#values.set(dataId, value);
  }

  valueOf(info: { readonly dataId: object; readonly shape: Shape }): Value {
    const value = this.#values.get(info.dataId);
    if (value === undefined) throw new Error('a step used a tensor that was made outside of it');
    // TensorFlow.js reshapes and clones by making another tensor over the same data.
    if (value.shape.length === info.shape.length && value.shape.every((n, i) => n === info.shape[i])) return value;
    return this.emit('Reshape', [value], info.shape, value.dtype);
  }

  finish(inputs: Readonly<Record<string, Value>>, outputs: Readonly<Record<string, Value>>): Graph {
    return { inputs, constants: this.#constants, nodes: this.#nodes, outputs };
  }
}
