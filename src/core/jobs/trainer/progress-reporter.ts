import type { Progress } from '../../plugin-api/index.js';

/** Milliseconds between two messages to the worker. */
const INTERVAL = 100;

export interface ProgressReporter {
  report(progress: Progress): void;
  /** Sends what is held back. */
  flush(): void;
}

/** Keeps the newest of many reports, and sends it when the interval has passed. */
export function createProgressReporter(send: (progress: Progress) => void): ProgressReporter {
  let held: Progress | undefined;
  let sent = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    send(held);
    held = undefined;
    sent = performance.now();
  };
  return {
    flush,
    report(progress) {
      // The last word of a phase is not lost to the first of the next.
      if (held !== undefined && held.phase !== progress.phase) flush();
      held = progress;
      const wait = sent + INTERVAL - performance.now();
      // Sent at once where possible: a loop that computes without a pause gives a timer no turn.
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
  };
}
