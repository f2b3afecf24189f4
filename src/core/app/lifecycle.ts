import { Lifecycle as Scope, scoped } from 'tsyringe';
import { StudioError } from '../errors/index.js';

export type LifecyclePhase = 'starting' | 'ready' | 'draining';

/** Where the process is between its start and its end. */
@scoped(Scope.ContainerScoped)
export class ProcessLifecycle {
  #phase: LifecyclePhase = 'starting';
  readonly #draining = new AbortController();

  get phase(): LifecyclePhase {
    return this.#phase;
  }

  /** Aborted when the process was told to end: whatever only waits should answer with what it has. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  ready(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  drain(): void {
    this.#phase = 'draining';
    this.#draining.abort();
  }

  /** Throws `unavailable` before the start is over, and once the process was told to end. */
  requireReady(): void {
    if (this.#phase === 'ready') return;
    throw new StudioError('unavailable', `The studio is ${this.#phase === 'starting' ? 'starting' : 'shutting down'}`, {
      retryAfter: RETRY_AFTER_S,
    });
  }
}

/** About what a restart takes. */
const RETRY_AFTER_S = 5;
