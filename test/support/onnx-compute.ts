import { createCompute } from '../../src/core/compute/index.js';
import type { Compute } from '../../src/core/plugin-api/index.js';

/** The compute that tests give to plugins. */
export default function onnxCompute(): Promise<Compute> {
  return createCompute({ executor: 'onnx-cpu' });
}
