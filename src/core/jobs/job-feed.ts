import { setTimeout as delay } from 'node:timers/promises';
import { Channel, type EventBus } from '../events/index.js';
import { type Job, TERMINAL_STATUSES } from './job.entity.js';

export interface JobFeedOptions {
  /** Milliseconds between two readings of a watched row, at least. */
  readonly shortest: number;
  /** Milliseconds after which it is read even if no event told of a change: a lost one costs no more than this. */
  readonly longest: number;
}

const DEFAULT_OPTIONS: JobFeedOptions = { shortest: 100, longest: 1000 };

interface Topic {
  readonly watchers: Set<Channel<Job>>;
  readonly stop: AbortController;
  latest: Job | undefined;
}

/** Jobs under watch. However many watch one job, its row is read once for all, at most ten times a second. */
export class JobFeed {
  readonly #topics = new Map<string, Topic>();

  constructor(
    private readonly events: EventBus,
    private readonly read: (jobId: string) => Promise<Job>,
    private readonly options: JobFeedOptions = DEFAULT_OPTIONS,
  ) {}

  watch(jobId: string, signal?: AbortSignal): AsyncIterableIterator<Job> {
    let topic: Topic | undefined;
    const channel: Channel<Job> = new Channel<Job>({
      capacity: 1,
      signal,
      onClose: () => {
        if (topic !== undefined) this.#leave(jobId, topic, channel);
      },
    });
    if (signal?.aborted) return channel;
    topic = this.#topics.get(jobId) ?? this.#open(jobId);
    topic.watchers.add(channel);
    if (topic.latest !== undefined) channel.push(topic.latest);
    return channel;
  }

  get size(): number {
    return this.#topics.size;
  }

  #open(jobId: string): Topic {
    const topic: Topic = { watchers: new Set(), stop: new AbortController(), latest: undefined };
    this.#topics.set(jobId, topic);
    void this.#follow(jobId, topic);
    return topic;
  }

  #leave(jobId: string, topic: Topic, channel: Channel<Job>): void {
    topic.watchers.delete(channel);
    if (topic.watchers.size === 0) this.#close(jobId, topic);
  }

  #close(jobId: string, topic: Topic): void {
    topic.stop.abort();
    if (this.#topics.get(jobId) === topic) this.#topics.delete(jobId);
  }

  async #follow(jobId: string, topic: Topic): Promise<void> {
    const { signal } = topic.stop;
    let changed = Promise.withResolvers<void>();
    const unsubscribe = this.events.on({ types: ['job'], jobId }, () => changed.resolve());
    try {
      for (;;) {
        // From here on, so that a change while the row is being read is not missed.
        changed = Promise.withResolvers<void>();
        const job = await this.read(jobId);
        this.#deliver(topic, job);
        if (TERMINAL_STATUSES.has(job.status)) break;
        await delay(this.options.shortest, undefined, { signal });
        await this.#wait(changed.promise, signal);
      }
      this.#close(jobId, topic);
      for (const watcher of topic.watchers) watcher.end();
    } catch (error) {
      this.#close(jobId, topic);
      for (const watcher of topic.watchers) watcher.fail(error);
    } finally {
      unsubscribe();
    }
  }

  /** For a change, but no longer than the longest interval. */
  async #wait(change: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const limit = delay(this.options.longest, undefined, { signal: AbortSignal.any([signal, over.signal]) });
    try {
      await Promise.race([change, limit]);
    } finally {
      limit.catch(() => {});
      over.abort();
    }
  }

  #deliver(topic: Topic, job: Job): void {
    if (topic.latest !== undefined && JSON.stringify(topic.latest) === JSON.stringify(job)) return;
    topic.latest = job;
    for (const watcher of topic.watchers) watcher.push(job);
  }
}
