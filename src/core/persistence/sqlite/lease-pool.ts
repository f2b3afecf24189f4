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
  /** Until when it waits: all wait as long, so the first in the queue is the first to give up. */
  readonly deadline: number;
}

/** A few items lent one holder at a time, first come first served; opened when first needed. */
export class LeasePool<T> {
  readonly #free: T[] = [];
  readonly #waiting: Waiter<T>[] = [];
  #timer: NodeJS.Timeout | undefined;
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
      if (this.#waiting.length === 0) this.#stopTimer();
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
      this.#waiting.push({ resolve, reject, deadline: performance.now() + timeout });
      this.#timer ??= setTimeout(() => this.#giveUp(), timeout);
    });
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** One timer for all, set anew for whoever is next in the queue: nearly every lease comes long before. */
  #giveUp(): void {
    this.#timer = undefined;
    const now = performance.now();
    while (this.#waiting.length > 0 && this.#waiting[0]!.deadline <= now) {
      // Under more load than the machine can bear; or a repository of the data source is used inside a transaction, which
      // waits for itself.
      const detail = `No database connection came free in ${this.options.timeout / 1000} s`;
      this.#waiting.shift()!.reject(new StudioError('unavailable', detail, { retryAfter: RETRY_AFTER_S }));
    }
    const next = this.#waiting[0];
    if (next !== undefined) this.#timer = setTimeout(() => this.#giveUp(), Math.ceil(next.deadline - now));
  }
}

/** A queue that long is gone no sooner. */
const RETRY_AFTER_S = 5;
