import type { Dataset } from '../core/datasets/dataset.entity.js';
import type { Generator } from '../core/generators/generator.entity.js';
import type { PrivacyAccount } from '../core/privacy/privacy-account.js';
import type { Services } from './services.js';

/**
 * Gathers the ids that the fields of one list ask for, and fetches them in one query. It batches and keeps nothing:
 * the context of a subscription lives for hours, and its events must show rows as they are now.
 */
export class BatchLoader<T extends { readonly id: string }> {
  readonly #fetch: (ids: readonly string[]) => Promise<readonly T[]>;
  #pending: Map<string, PromiseWithResolvers<T | null>> | undefined;

  constructor(fetch: (ids: readonly string[]) => Promise<readonly T[]>) {
    this.#fetch = fetch;
  }

  /** Null for an id that the caller does not own, or that is gone. */
  load(id: string): Promise<T | null> {
    if (this.#pending === undefined) {
      this.#pending = new Map();
      // Fields of one list are resolved within one turn of the microtask queue, and this comes after it.
      process.nextTick(() => void this.#flush());
    }
    let waiting = this.#pending.get(id);
    if (waiting === undefined) this.#pending.set(id, (waiting = Promise.withResolvers()));
    return waiting.promise;
  }

  async #flush(): Promise<void> {
    const pending = this.#pending!;
    this.#pending = undefined;
    try {
      const rows = await this.#fetch([...pending.keys()]);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const [id, waiting] of pending) waiting.resolve(byId.get(id) ?? null);
    } catch (error) {
      for (const waiting of pending.values()) waiting.reject(error);
    }
  }
}

export interface Loaders {
  readonly datasets: BatchLoader<Dataset>;
  readonly generators: BatchLoader<Generator>;
  /** By dataset. */
  readonly privacy: BatchLoader<PrivacyAccount>;
}

export function createLoaders(services: Services, ownerId: () => string): Loaders {
  return {
    datasets: new BatchLoader((ids) => services.datasets.many(ownerId(), ids)),
    generators: new BatchLoader((ids) => services.generators.many(ownerId(), ids)),
    privacy: new BatchLoader((ids) => services.privacy.of(ids)),
  };
}
