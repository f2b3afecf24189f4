import type * as tf from '@tensorflow/tfjs-core';
import { checkNewState } from '../checks.js';
import { ComputeError } from '../compute-error.js';
import type { EntryPoint, Shape, TensorMap } from '../../plugin-api/index.js';
import { type Graph, type Value, withoutDeadEnds } from './graph.js';
import { Recorder } from './recorder.js';
import { withRecording } from './recording-backend.js';

/**
 * Calls a step once on symbolic tensors and returns what it would compute: a graph whose inputs are named `state:NAME` and
 * `input:NAME`, its outputs `next:NAME` and `output:NAME`.
 */
export function recordStep(
  library: typeof tf,
  executor: string,
  entry: string,
  stateShapes: Readonly<Record<string, Shape>>,
  { inputs: inputShapes, step }: EntryPoint,
): Graph {
  const recorder = new Recorder(executor);
  const inputs: Record<string, Value> = {};
  const outputs: Record<string, Value> = {};
  const symbolic = (prefix: string, shapes: Readonly<Record<string, Shape>>): TensorMap =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => {
        const value = recorder.value(shape, 'float32');
        inputs[`${prefix}:${name}`] = value;
        return [name, library.engine().makeTensorFromTensorInfo(recorder.toTensorInfo(value))];
      }),
    );

  return withRecording(library, recorder, () =>
    withinScope(library, () => {
      const result = step(symbolic('state', stateShapes), symbolic('input', inputShapes));
      const newState = result.state ?? {};
      checkNewState(executor, entry, stateShapes, newState);
      for (const [name, tensor] of Object.entries(newState)) outputs[`next:${name}`] = recorder.valueOf(tensor);
      for (const [name, tensor] of Object.entries(result.outputs ?? {})) {
        if (tensor.dtype !== 'float32') {
          throw new ComputeError(executor, `output "${name}" of "${entry}" is ${tensor.dtype}, expected float32`);
        }
        outputs[`output:${name}`] = recorder.valueOf(tensor);
      }
      return withoutDeadEnds(recorder.finish(inputs, outputs));
    }),
  );
}

/** Like `tf.tidy`, for a function that returns no tensors. */
function withinScope<T>(library: typeof tf, run: () => T): T {
  library.engine().startScope('record');
  try {
    return run();
  } finally {
    library.engine().endScope();
  }
}
