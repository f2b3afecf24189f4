export interface ChannelOptions {
  /** Values kept for a slow reader; beyond it the oldest go. */
  readonly capacity: number;
  /** Ends the channel. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, whoever ended it. */
  readonly onClose?: () => void;
}

/**
 * Values pushed from one side, iterated on the other. Unlike an async generator, `return()` ends it at once,
 * even while a `next()` is waiting: a reader that walks away never leaves a subscription behind.
 */
export class Channel<T> implements AsyncIterableIterator<T> {
  readonly #buffer: T[] = [];
  readonly #readers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  #closed = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(private readonly options: ChannelOptions) {
    if (options.signal?.aborted) this.end();
    else options.signal?.addEventListener('abort', this.#abandon, { once: true });
  }

  push(value: T): void {
    if (this.#closed) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length > this.options.capacity) this.#buffer.shift();
  }

  /** What is buffered can still be read. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.options.signal?.removeEventListener('abort', this.#abandon);
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined });
    this.options.onClose?.();
  }

  /** The reader gets the error after what is buffered. */
  fail(error: unknown): void {
    if (this.#closed) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.reject(error);
    else this.#failure = { error };
    this.end();
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#buffer.length > 0) return { done: false, value: this.#buffer.shift() as T };
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#closed) return { done: true, value: undefined };
    const reader = Promise.withResolvers<IteratorResult<T>>();
    this.#readers.push(reader);
    return reader.promise;
  }

  async return(): Promise<IteratorResult<T>> {
    this.#abandon();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abandon();
  }

  readonly #abandon = (): void => {
    this.#buffer.length = 0;
    this.end();
  };
}
