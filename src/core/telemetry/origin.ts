import { AsyncLocalStorage } from 'node:async_hooks';

/** What asked for a piece of work: goes with a job to the worker and the trainer, for the log and for traces. */
export interface Origin {
  readonly requestId: string;
  /** W3C Trace Context, where the request is traced. */
  readonly traceparent?: string;
}

const origins = new AsyncLocalStorage<Origin>();

/** Whatever `work` begins, and what it awaits, comes of this request. */
export function withOrigin<T>(origin: Origin, work: () => T): T {
  return origins.run(origin, work);
}

/** Undefined outside of a request that may start something. */
export function currentOrigin(): Origin | undefined {
  return origins.getStore();
}
