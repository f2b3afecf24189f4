import { createCompute } from '../../src/core/compute/index.js';

/** For a child process that restores a model: the executor that every machine has. */
export default () => createCompute({ executor: 'onnx-cpu', threads: 1 });
