import { Lifecycle, scoped } from 'tsyringe';
import { Channel } from './channel.js';

export type EventType =
  /** A job's row changed: its state or its progress. */
  | 'job'
  | 'job.cancel-requested'
  /** A login or an API key, its subject, holds no longer. */
  | 'credential.revoked'
  | 'dataset.created'
  | 'dataset.deleted'
  | 'generation.completed'
  | 'generation.failed'
  | 'generation.cancelled'
  | 'evaluation.completed'
  | 'evaluation.failed'
  | 'evaluation.cancelled';

/** A hint that something changed. The row is the truth: a reader that misses one loses nothing but time. */
export interface StudioEvent {
  readonly type: EventType;
  readonly ownerId: string;
  /** The dataset, generator, evaluation or credential that it tells of. */
  readonly subjectId: string;
  readonly jobId?: string;
}

/** An absent key matches everything. */
export interface EventFilter {
  readonly types?: readonly EventType[];
  readonly ownerId?: string;
  readonly subjectId?: string;
  readonly jobId?: string;
}

/** Events kept for a slow subscriber; beyond it the oldest go. */
const BUFFERED_EVENTS = 256;

/** Events among the parts of one process. Publish after the commit, never within the transaction. */
@scoped(Lifecycle.ContainerScoped)
export class EventBus {
  readonly #listeners = new Set<(event: StudioEvent) => void>();

  publish(event: StudioEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The listener runs within `publish`, so it must be quick and must not throw. Returns what ends it. */
  on(filter: EventFilter, listener: (event: StudioEvent) => void): () => void {
    const filtered = (event: StudioEvent) => {
      if (matches(filter, event)) listener(event);
    };
    this.#listeners.add(filtered);
    return () => {
      this.#listeners.delete(filtered);
    };
  }

  /** Subscribed from the call on, not from the first `next()`; ends with the signal or the reader's `return()`. */
  subscribe(filter: EventFilter, signal?: AbortSignal): AsyncIterableIterator<StudioEvent> {
    let unsubscribe: (() => void) | undefined;
    const channel = new Channel<StudioEvent>({
      capacity: BUFFERED_EVENTS,
      signal,
      onClose: () => unsubscribe?.(),
    });
    if (!signal?.aborted) unsubscribe = this.on(filter, (event) => channel.push(event));
    return channel;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}

function matches({ types, ownerId, subjectId, jobId }: EventFilter, event: StudioEvent): boolean {
  return (
    (types === undefined || types.includes(event.type)) &&
    (ownerId === undefined || ownerId === event.ownerId) &&
    (subjectId === undefined || subjectId === event.subjectId) &&
    (jobId === undefined || jobId === event.jobId)
  );
}
