import assert from 'node:assert/strict';
import type { RunContext } from '../../run-context.js';
import type { ConformanceCase } from '../conformance-case.js';
import type { GeneratorHarness } from '../generator-harness.js';

export function cancellationCases(harness: GeneratorHarness): ConformanceCase[] {
  return [
    {
      name: 'a cancel during fitting stops it, and no stretch between two ticks is long',
      async run() {
        const watch = new TickWatch();
        const model = await harness.fitWith(watch.wrap(await harness.context()));
        model.dispose();
        watch.check(harness.cancelWithinMs, 'fit');
        const controller = new AbortController();
        const abort = new TickWatch((ticks) => ticks === 1 && controller.abort());
        const context = abort.wrap(await harness.context({ signal: controller.signal }));
        await assert.rejects(harness.fitWith(context), 'fit went on to its end after a cancel');
      },
    },
    {
      name: 'a cancel during sampling stops it, and no stretch between two ticks is long',
      async run() {
        await harness.withModel({}, async (model) => {
          const watch = new TickWatch();
          await drain(model.sample({ rowCount: 2000, batchSize: 100 }, watch.wrap(await harness.context())));
          watch.check(harness.cancelWithinMs, 'sample');
          const controller = new AbortController();
          const abort = new TickWatch((ticks) => ticks === 1 && controller.abort());
          const context = abort.wrap(await harness.context({ signal: controller.signal }));
          await assert.rejects(
            drain(model.sample({ rowCount: 2000, batchSize: 100 }, context)),
            'sample went on to its end',
          );
        });
      },
    },
  ];
}

/** Counts ticks, and keeps the longest time between two of them: what a cancel may have to wait for. */
export class TickWatch {
  #ticks = 0;
  #longest = 0;
  #last = performance.now();

  constructor(private readonly onTick: (ticks: number) => unknown = () => undefined) {}

  wrap(context: RunContext): RunContext {
    const watched: RunContext = Object.create(context);
    return Object.defineProperty(watched, 'tick', { value: () => this.#tick(context) });
  }

  check(limitMs: number, what: string): void {
    assert.ok(this.#ticks > 0, `${what} never awaited tick()`);
    this.#measure();
    assert.ok(
      this.#longest <= limitMs,
      `${what} went ${Math.round(this.#longest)} ms without tick(), more than ${limitMs}`,
    );
  }

  async #tick(context: RunContext): Promise<void> {
    this.#measure();
    this.onTick(++this.#ticks);
    await context.tick();
    this.#last = performance.now();
  }

  #measure(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }
}

async function drain(batches: AsyncIterable<unknown>): Promise<void> {
  for await (const batch of batches) void batch;
}
