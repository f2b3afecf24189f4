import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Lifecycle, scoped } from 'tsyringe';

/**
 * Work on whole tables inside the api: reading uploads, summing up, looking values up, writing exports. Each piece keeps two threads busy, and
 * the thread that answers requests would starve among those of fifty uploads; more than the cores can do waits its turn.
 */
@scoped(Lifecycle.ContainerScoped)
export class TableWork {
  readonly #limit = pLimit(Math.max(2, availableParallelism()));

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#limit(work);
  }
}
