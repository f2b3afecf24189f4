import { describe, expect, it } from 'vitest';
import { EventBus } from '../../src/core/events/index.js';
import { notFound } from '../../src/core/errors/index.js';
import { JobFeed } from '../../src/core/jobs/job-feed.js';
import type { Job } from '../../src/core/jobs/job.entity.js';
import { ProgressMeter } from '../../src/core/jobs/progress-meter.js';
import { collect } from '../support/collect.js';

/** A row, what changes it, and how often it was read. */
function setUp(options = { shortest: 20, longest: 60_000 }) {
  const events = new EventBus();
  let row = { id: 'j', ownerId: 'o', subjectId: 's', kind: 'generate', status: 'running', progress: 0 } as Job;
  const state = { reads: 0 };
  const feed = new JobFeed(
    events,
    async (id) => {
      if (id !== 'j') throw notFound('Job');
      state.reads++;
      return row;
    },
    options,
  );
  const change = (fields: Partial<Job>, told = true) => {
    row = { ...row, ...fields };
    if (told) events.publish({ type: 'job', ownerId: 'o', subjectId: 's', jobId: 'j' });
  };
  return { feed, events, change, state };
}

describe('watching a job', () => {
  it('begins with the present state and ends after a terminal one', async () => {
    const { feed, change, events } = setUp();
    const seen: [string, number][] = [];
    for await (const { status, progress } of feed.watch('j')) {
      seen.push([status, progress]);
      if (progress === 0) change({ progress: 0.5 });
      else if (progress === 0.5) change({ status: 'completed', progress: 1 });
    }
    expect(seen).toEqual([
      ['running', 0],
      ['running', 0.5],
      ['completed', 1],
    ]);
    expect(feed.size).toBe(0);
    expect(events.listenerCount).toBe(0);
  });

  it('of a job that has ended gives its state once', async () => {
    const { feed, change } = setUp();
    change({ status: 'failed' });
    expect((await collect(feed.watch('j'))).map(({ status }) => status)).toEqual(['failed']);
  });

  it('throws for an unknown id', async () => {
    const { feed } = setUp();
    await expect(feed.watch('unknown').next()).rejects.toMatchObject({ type: 'resource_not_found' });
    expect(feed.size).toBe(0);
  });

  it('gives a slow reader the newest state alone', async () => {
    const { feed, change } = setUp({ shortest: 1, longest: 60_000 });
    const jobs = feed.watch('j');
    expect((await jobs.next()).value.progress).toBe(0);
    for (const progress of [0.1, 0.2, 0.3]) {
      change({ progress });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect((await jobs.next()).value.progress).toBe(0.3);
    await jobs.return!();
  });

  it('reads one row for two hundred watchers, and at most once an interval', async () => {
    const { feed, change, state } = setUp({ shortest: 50, longest: 60_000 });
    const watchers = Array.from({ length: 200 }, () => collect(feed.watch('j')));
    const start = performance.now();
    for (let i = 1; i <= 100; i++) {
      change({ progress: i / 100 });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    change({ status: 'completed' });
    const seen = await Promise.all(watchers);
    const longest = Math.ceil((performance.now() - start) / 50) + 1;
    expect(state.reads).toBeLessThanOrEqual(longest);
    for (const states of seen) {
      expect(states.at(-1)).toMatchObject({ status: 'completed', progress: 1 });
      expect(states.length).toBeLessThanOrEqual(longest);
    }
  });

  it('costs no more than the longest interval when an event is lost', async () => {
    const { feed, change } = setUp({ shortest: 1, longest: 30 });
    const jobs = feed.watch('j');
    await jobs.next();
    change({ status: 'completed' }, false);
    expect((await jobs.next()).value.status).toBe('completed');
  });

  it('misses no change that comes while the row is being read', async () => {
    const events = new EventBus();
    let row = { status: 'running' } as Job;
    let reads = 0;
    const feed = new JobFeed(
      events,
      async () => {
        const before = row;
        if (++reads === 1) {
          row = { status: 'completed' } as Job;
          events.publish({ type: 'job', ownerId: 'o', subjectId: 's', jobId: 'j' });
        }
        return before;
      },
      { shortest: 1, longest: 60_000 },
    );
    expect((await collect(feed.watch('j'))).map(({ status }) => status)).toEqual(['running', 'completed']);
  });

  it('ends with its signal, and the last watcher gone leaves nothing behind', async () => {
    const { feed, events } = setUp();
    const stop = new AbortController();
    const [one, two] = [feed.watch('j', stop.signal), feed.watch('j')];
    await one.next();
    const waiting = one.next();
    stop.abort();
    expect((await waiting).done).toBe(true);
    expect(feed.size).toBe(1);
    await two.return!();
    await expect.poll(() => events.listenerCount).toBe(0);
    expect(feed.size).toBe(0);
    expect((await feed.watch('j', AbortSignal.abort()).next()).done).toBe(true);
  });
});

describe('progress of the whole', () => {
  it('weighs the phases and never falls', () => {
    const meter = new ProgressMeter('generate', () => 0);
    const at = (phase: 'prepare' | 'train' | 'sample' | 'evaluate', completed: number, total: number) =>
      meter.update({ phase, completed, total }).progress;
    expect(at('prepare', 1, 1)).toBeCloseTo(0.05);
    expect(at('train', 50, 100)).toBeCloseTo(0.45);
    expect(at('train', 10, 100)).toBeCloseTo(0.45);
    expect(at('train', 300, 100)).toBeCloseTo(0.85);
    expect(at('evaluate', 1, 1)).toBeCloseTo(0.85);
    expect(at('sample', 0, 0)).toBeCloseTo(0.85);
    expect(at('sample', 1, 1)).toBe(1);
  });

  it('tells the epoch while training alone', () => {
    const meter = new ProgressMeter('generate', () => 0);
    expect(meter.update({ phase: 'train', completed: 2.5, total: 300, unit: 'epoch' })).toMatchObject({
      epoch: 2,
      epochs: 300,
    });
    expect(meter.update({ phase: 'train', completed: 5, total: 300 })).toMatchObject({ epoch: null, epochs: null });
    expect(meter.update({ phase: 'sample', completed: 2, total: 300 })).toMatchObject({ epoch: null, epochs: null });
  });

  it('foretells the time left in a phase from a smoothed rate', () => {
    let now = 0;
    const meter = new ProgressMeter('generate', () => now);
    const eta = (completed: number) => meter.update({ phase: 'train', completed, total: 100 }).etaSeconds;
    expect(eta(0)).toBeNull();
    for (let epoch = 1; epoch <= 10; epoch++) {
      now += 1000;
      expect(eta(epoch)).toBeCloseTo(100 - epoch);
    }
    // One slow epoch moves the forecast, but not to 89 times its own length.
    now += 4000;
    const afterSlow = eta(11)!;
    expect(afterSlow).toBeGreaterThan(95);
    expect(afterSlow).toBeLessThan(89 * 4);
    expect(meter.update({ phase: 'prepare', completed: 1, total: 2 }).etaSeconds).toBeNull();
  });

  it('keeps the newest finite metrics, and the privacy spent', () => {
    const meter = new ProgressMeter('generate', () => 0);
    meter.update({ phase: 'train', completed: 1, total: 2, metrics: { loss: 3, other: Infinity } });
    const privacySpent = { epsilon: 1.5, delta: 1e-6 };
    const { metrics } = meter.update({ phase: 'train', completed: 2, total: 2, metrics: { loss: NaN }, privacySpent });
    expect(metrics).toEqual({ loss: 3, epsilon: 1.5, delta: 1e-6 });
  });
});
