export { createCompute, type ComputeOptions } from './create-compute.js';
export { ComputeError } from './compute-error.js';
export { EXECUTOR_NAMES, type ExecutorName } from './executor.js';
