/** Milliseconds between two writings of a job's row. */
const INTERVAL = 150;

/** Writes the newest of many values, one write at a time, and never more often than the interval allows. */
export class ProgressWriter<T> {
  #held: T | undefined;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
  #closed = false;

  constructor(private readonly write: (value: T) => Promise<void>) {}

  push(value: T): void {
    if (this.#closed) return;
    this.#held = value;
    this.#schedule();
  }

  /** Writes what is held back, now; nothing is written after it has returned. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    if (this.#held !== undefined) await this.write(this.#held);
    this.#held = undefined;
  }

  #schedule(): void {
    if (this.#held === undefined || this.#writing !== undefined || this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, this.#last + INTERVAL - performance.now()));
  }

  #flush(): void {
    const value = this.#held as T;
    this.#held = undefined;
    this.#timer = undefined;
    this.#last = performance.now();
    this.#writing = this.write(value).finally(() => {
      this.#writing = undefined;
      this.#schedule();
    });
  }
}
