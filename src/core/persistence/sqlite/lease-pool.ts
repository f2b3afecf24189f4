import { StudioError } from '../../errors/index.js';

export interface LeasePoolOptions<T> {
  readonly open: () => Promise<T>;
  readonly close: (item: T) => Promise<void>;
  readonly maximum: number;
  /** Milliseconds that a lease is waited for. */
  readonly timeout: number;
}

interface Waiter<T> {
  readonly resolve: (item: T) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** A few items lent one holder at a time, first come first served; opened when first needed. */
export class LeasePool<T> {
  readonly #free: T[] = [];
  readonly #waiting: Waiter<T>[] = [];
  #opened = 0;
  #closed = false;
  #onReturn: () => void = () => {};

  constructor(private readonly options: LeasePoolOptions<T>) {}

  async lease(): Promise<T> {
    if (this.#closed) throw new Error('The database is closed');
    const item = this.#free.pop();
    if (item !== undefined) return item;
    return this.#opened < this.options.maximum ? this.#open() : this.#wait();
  }

  giveBack(item: T): void {
    const waiter = this.#waiting.shift();
    if (waiter !== undefined) {
      clearTimeout(waiter.timer);
      waiter.resolve(item);
      return;
    }
    this.#free.push(item);
    this.#onReturn();
  }

  /** Lends no more, waits for what is lent or waited for, and closes everything. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#opened > 0) {
      const item = this.#free.pop();
      if (item === undefined) {
        await new Promise<void>((resolve) => (this.#onReturn = resolve));
        continue;
      }
      this.#opened--;
      await this.options.close(item);
    }
  }

  async #open(): Promise<T> {
    this.#opened++;
    try {
      return await this.options.open();
    } catch (error) {
      this.#opened--;
      this.#onReturn();
      throw error;
    }
  }

  #wait(): Promise<T> {
    const { timeout } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(
          this.#waiting.findIndex((waiter) => waiter.timer === timer),
          1,
        );
        // Under more load than the machine can bear; or a repository of the data source is used inside a transaction,
        // which waits for itself.
        const detail = `No database connection came free in ${timeout / 1000} s`;
        reject(new StudioError('unavailable', detail, { retryAfter: RETRY_AFTER_S }));
      }, timeout);
      this.#waiting.push({ resolve, reject, timer });
    });
  }
}

const RETRY_AFTER_S = 5;
