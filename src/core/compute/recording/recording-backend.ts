import type * as tf from '@tensorflow/tfjs-core';
import { ComputeError } from '../compute-error.js';
import type { ElementType } from './graph.js';
import { RECORDED_KERNELS } from './kernels.js';
import type { Recorder } from './recorder.js';

const BACKEND_NAME = 'recording';
let registeredFor: typeof tf | null = null;
let active: Recorder | null = null;

/** Runs `record` with TensorFlow.js writing every kernel call into `recorder` in place of computing it. */
export function withRecording<T>(library: typeof tf, recorder: Recorder, record: () => T): T {
  if (registeredFor !== library) registerRecordingBackend(library);
  const engine = library.engine();
  const before = engine.backendName;
  active = recorder;
  // Registered by a synchronous factory, so that the switch is made before the promise is returned.
  void engine.setBackend(BACKEND_NAME);
  try {
    return record();
  } finally {
    active = null;
    if (before && before !== BACKEND_NAME) void engine.setBackend(before);
  }
}

function current(): Recorder {
  if (active === null) throw new Error('a tensor of a recorded step was used outside of it');
  return active;
}

function registerRecordingBackend(library: typeof tf): void {
  class RecordingBackend extends library.KernelBackend {
    readonly #data = new library.DataStorage<object>(this, library.engine());

    override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): object {
      const dataId = {};
      this.move(dataId, values, shape, dtype);
      return dataId;
    }

    override move(dataId: object, values: tf.BackendValues, shape: number[], dtype: tf.DataType): void {
      this.#data.set(dataId, {});
      current().bind(dataId, current().constant(toElements(values, dtype), shape, elementType(dtype)));
    }

    override readSync(): never {
      throw new ComputeError(current().executor, 'a step must not read tensors back (dataSync, arraySync)');
    }
    override read(): never {
      return this.readSync();
    }
    override numDataIds(): number {
      return this.#data.numDataIds();
    }
    override disposeData(dataId: object): boolean {
      this.#data.delete(dataId);
      return true;
    }
    override incRef(): void {}
    decRef(): void {}
    override refCount(): number {
      return 1;
    }
    override floatPrecision(): 32 {
      return 32;
    }
    override epsilon(): number {
      return 1e-7;
    }
    override timerAvailable(): boolean {
      return false;
    }
    override memory(): { unreliable: boolean } {
      return { unreliable: false };
    }
    override dispose(): void {}
  }

  library.registerBackend(BACKEND_NAME, () => new RecordingBackend());
  for (const [kernelName, kernel] of Object.entries(RECORDED_KERNELS)) {
    library.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs }) => {
        const recorder = current();
        const list = Array.isArray(inputs) ? (inputs as tf.TensorInfo[]) : Object.values(inputs);
        const values = list.map((info) => recorder.valueOf(info!));
        const result = kernel(
          recorder,
          values,
          attrs ?? {},
          Array.isArray(inputs) ? {} : namedValues(recorder, inputs),
        );
        return Array.isArray(result)
          ? result.map((value) => recorder.toTensorInfo(value))
          : recorder.toTensorInfo(result);
      },
    });
  }
  refuseOtherKernels(library);
  registeredFor = library;
}

function namedValues(recorder: Recorder, inputs: tf.NamedTensorInfoMap) {
  return Object.fromEntries(Object.entries(inputs).map(([name, info]) => [name, recorder.valueOf(info!)]));
}

/** A kernel that no executor maps says so itself, with the operation that asked for it. */
function refuseOtherKernels(library: typeof tf): void {
  const kernelNames = Object.entries(library).filter(([name, text]) => name === text && !(name in RECORDED_KERNELS));
  for (const [kernelName] of kernelNames) {
    library.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: () => {
        const scope = (library.engine().state.activeScope as { name?: string } | undefined)?.name;
        const operation = scope ? `tf.${scope.replace(/__op$/, '')}` : 'an operation';
        throw new ComputeError(current().executor, `kernel ${kernelName} (of ${operation}) has no mapping`);
      },
    });
  }
}

function elementType(dtype: tf.DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new ComputeError(current().executor, `tensors of ${dtype} are not supported`);
}

function toElements(values: tf.BackendValues, dtype: tf.DataType): Float32Array | Int32Array | Uint8Array {
  const numbers = values as ArrayLike<number>;
  if (dtype === 'float32') return Float32Array.from(numbers);
  return dtype === 'bool' ? Uint8Array.from(numbers) : Int32Array.from(numbers);
}
