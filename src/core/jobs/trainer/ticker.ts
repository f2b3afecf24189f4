import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which the event loop gets its turn: an abort is seen within this and one step. */
const LONGEST_STRETCH = 25;

/**
 * Awaiting alone never lets a message in: a loop of settled promises stays within one turn of the event loop.
 * The returned function yields to it when due, and throws when the signal was aborted meanwhile.
 */
export function createTicker(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last > LONGEST_STRETCH) {
      await setImmediate();
      last = performance.now();
    }
    signal.throwIfAborted();
  };
}
