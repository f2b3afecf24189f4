import type { Recorder } from './recorder.js';
import type { Value } from './graph.js';
import { ELEMENTWISE_KERNELS } from './kernels-elementwise.js';
import { LAYOUT_KERNELS } from './kernels-layout.js';
import { REDUCTION_KERNELS } from './kernels-reduction.js';

/**
 * A kernel of TensorFlow.js seen as its result's shape: it resolves the attributes and adds a node to the recorder.
 * `values` are the inputs in the order of the call, `named` the same by name where the call names them.
 */
export type RecordedKernel = (
  recorder: Recorder,
  values: readonly Value[],
  // Attributes differ by kernel: TensorFlow.js types them loosely too.
  attributes: any,
  named: Readonly<Record<string, Value>>,
) => Value | Value[];

export const RECORDED_KERNELS: Readonly<Record<string, RecordedKernel>> = {
  ...ELEMENTWISE_KERNELS,
  ...REDUCTION_KERNELS,
  ...LAYOUT_KERNELS,
};
