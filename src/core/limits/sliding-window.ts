const SLOTS = 60;

/**
 * Counts what happened in the last `windowMs`, in 60 slots: a slot leaves the window as a whole, when the last moment
 * that it may hold has left, so never more than the limit lies in any stretch of that length. All times are epoch
 * milliseconds and never go back; an earlier one counts as the latest.
 */
export class SlidingWindow {
  readonly #counts = new Uint32Array(SLOTS);
  readonly #slotMs: number;
  #latest = 0;
  #total = 0;
  /** What was counted here since the last {@link takeUnsent}, by slot. */
  #unsent = new Map<number, number>();

  constructor(windowMs: number) {
    // The window spans one slot less than there are, since the present one has only begun.
    this.#slotMs = windowMs / (SLOTS - 1);
  }

  /** Whether nothing is left to count or to send. */
  isIdle(now: number): boolean {
    return this.count(now) === 0 && this.#unsent.size === 0;
  }

  count(now: number): number {
    this.#advance(Math.floor(now / this.#slotMs));
    return this.#total;
  }

  add(now: number): void {
    this.#advance(Math.floor(now / this.#slotMs));
    const slot = this.#latest;
    this.#counts[slot % SLOTS]!++;
    this.#total++;
    this.returnUnsent(slot, 1);
  }

  /** When the oldest of what is counted leaves the window; `now` for an empty one. */
  freeAt(now: number): number {
    this.#advance(Math.floor(now / this.#slotMs));
    for (let slot = this.#latest - SLOTS + 1; slot <= this.#latest; slot++) {
      if (slot >= 0 && this.#counts[slot % SLOTS]! > 0) return Math.ceil((slot + SLOTS) * this.#slotMs);
    }
    return now;
  }

  takeUnsent(): ReadonlyMap<number, number> {
    const unsent = this.#unsent;
    this.#unsent = new Map();
    return unsent;
  }

  /** Puts back what could not be sent. */
  returnUnsent(slot: number, count: number): void {
    this.#unsent.set(slot, (this.#unsent.get(slot) ?? 0) + count);
  }

  /** Takes over what all processes together have counted in a slot; what is not sent yet comes on top. */
  merge(slot: number, count: number, now: number): void {
    this.#advance(Math.max(slot, Math.floor(now / this.#slotMs)));
    if (slot <= this.#latest - SLOTS) return;
    const merged = count + (this.#unsent.get(slot) ?? 0);
    this.#total += merged - this.#counts[slot % SLOTS]!;
    this.#counts[slot % SLOTS] = merged;
  }

  /** Until when a slot counts. */
  expiryOf(slot: number): number {
    return Math.ceil((slot + SLOTS) * this.#slotMs);
  }

  #advance(slot: number): void {
    if (slot <= this.#latest) return;
    if (slot - this.#latest >= SLOTS) {
      this.#counts.fill(0);
      this.#total = 0;
    } else {
      for (let gone = this.#latest + 1; gone <= slot; gone++) {
        this.#total -= this.#counts[gone % SLOTS]!;
        this.#counts[gone % SLOTS] = 0;
      }
    }
    this.#latest = slot;
  }
}
