import type { DataSource } from 'typeorm';
import { StudioError } from '../errors/index.js';
import type { EventBus } from '../events/index.js';
import type { ObjectStore } from '../storage/object-store.js';
import { announce } from './job-announcements.js';
import type { JobEndings } from './job-endings.js';
import type { JobHandler, TrainerResult } from './job-handler.js';
import type { JobObserver, ObservedRun, RunEnd } from './job-observer.js';
import {
  cancelJob,
  type Claim,
  completeJob,
  failJob,
  releaseLost,
  returnJob,
  updateProgress,
} from './job-transitions.js';
import { Job, type JobFailure } from './job.entity.js';
import { ProgressMeter, type JobProgress } from './progress-meter.js';
import { ProgressWriter } from './progress-writer.js';
import { type Delivery, type JobQueue, LOCK_LIFETIME } from './queue/job-queue.js';
import { toFailure } from './trainer/failure.js';
import { TrainerChild, type TrainerOutcome } from './trainer/trainer-child.js';

/** `superseded`: the row is another attempt's by now, so nothing may be written. */
export type StopReason = 'cancel' | 'shutdown' | 'superseded';

/** Milliseconds that a trainer gets to stop by itself. */
const GRACE: Readonly<Record<StopReason, number>> = { cancel: 5000, shutdown: 2000, superseded: 0 };
/** Milliseconds between looks at the row: for a cancellation that another process wrote. */
const LOOK_INTERVAL = 1000;
const HEARTBEAT_INTERVAL = LOCK_LIFETIME / 3;

export interface JobRunParts {
  readonly dataSource: DataSource;
  readonly store: ObjectStore;
  readonly events: EventBus;
  readonly queue: JobQueue;
  readonly endings: JobEndings;
  readonly observer: JobObserver;
  readonly trainerEntry: string;
}

/** One attempt at one job, from the claim to the row that says how it ended. */
export class JobRun {
  readonly #claim: Claim;
  readonly #observed: ObservedRun;
  readonly #progress: ProgressWriter<JobProgress>;
  readonly #meter: ProgressMeter;
  #child: TrainerChild | undefined;
  #stopped: StopReason | undefined;

  constructor(
    private readonly parts: JobRunParts,
    private readonly job: Job,
    private readonly handler: JobHandler | undefined,
    private readonly delivery: Delivery,
  ) {
    this.#claim = { jobId: job.id, workerId: job.workerId!, attempt: job.attempts };
    this.#observed = parts.observer.begin(job);
    this.#meter = new ProgressMeter(job.kind);
    this.#progress = new ProgressWriter((progress) => this.#writeProgress(progress));
  }

  /** Ends the trainer; the first reason counts. What follows from it is written by `execute`. */
  stop(reason: StopReason): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#child?.abort(GRACE[reason]);
  }

  /** Never rejects for what the trainer or the handler does; an error here means that the row could not be written. */
  async execute(): Promise<void> {
    announce(this.parts.events, this.job);
    let scratch: string | undefined;
    const stopLooking = this.#lookAfterRow();
    try {
      const outcome = await this.#attempt(async () => (scratch = await this.parts.store.createScratch('run')));
      await this.#progress.close();
      this.#observed.end(await this.#conclude(outcome, scratch));
    } catch (error) {
      this.#observed.end({ outcome: 'failed', reason: toFailure(error), isFault: true });
      throw error;
    } finally {
      stopLooking();
      if (scratch !== undefined) await this.parts.store.discard(scratch);
    }
  }

  async #attempt(createScratch: () => Promise<string>): Promise<TrainerOutcome> {
    const { store, trainerEntry } = this.parts;
    const { job, handler } = this;
    try {
      if (handler === undefined) throw new Error(`No handler for jobs of kind ${job.kind}`);
      const task = await handler.prepare(job);
      const order = { task, scratch: await createScratch(), checkpointFolder: await store.jobFolder(job.id) };
      if (this.#stopped !== undefined) return { type: 'aborted' };
      this.#observed.trainerStarts(task.pluginId ?? '');
      this.#child = new TrainerChild({
        entry: trainerEntry,
        order,
        logger: this.#observed.logger,
        traceparent: this.#observed.traceparent,
        onPhase: (phase, at) => this.#observed.phaseBegins(phase, at),
        onProgress: (report) => this.#progress.push(this.#meter.update(report)),
      });
      return await this.#child.outcome;
    } catch (error) {
      return { type: 'failed', failure: hostFailure(error, 'The job could not be prepared') };
    } finally {
      this.#observed.trainerEnded();
    }
  }

  async #conclude(outcome: TrainerOutcome, scratch: string | undefined): Promise<RunEnd> {
    if (this.#stopped === 'superseded') return { outcome: 'superseded' };
    if (this.#stopped === 'cancel') {
      await this.#end((manager) => cancelJob(manager, this.#claim));
      return { outcome: 'cancelled' };
    }
    if (outcome.type === 'result') return this.#complete(outcome.result, scratch!);
    if (this.#stopped === 'shutdown') return this.#giveBack();
    if (outcome.type === 'failed') return this.#fail(outcome.failure);
    return this.#lost(outcome.type === 'lost' ? outcome.detail : 'The trainer stopped without being asked to');
  }

  async #complete(result: TrainerResult, scratch: string): Promise<RunEnd> {
    const handler = this.handler!;
    let completed: Job | null;
    try {
      await handler.publish(this.job, result, scratch);
      completed = await this.parts.dataSource.transaction(async (manager) => {
        if (!(await completeJob(manager, this.#claim))) return null;
        await handler.record(this.job, result, manager);
        const job = await manager.findOneByOrFail(Job, { id: this.job.id });
        await this.parts.endings.record(manager, job);
        return job;
      });
    } catch (error) {
      return this.#fail(hostFailure(error, 'The result could not be stored'));
    }
    if (completed === null) return { outcome: 'superseded' };
    await this.parts.endings.tell(completed);
    return { outcome: 'completed' };
  }

  async #fail({ type, detail, isFault, stack }: Failure): Promise<RunEnd> {
    await this.#end((manager) => failJob(manager, this.#claim, { type, detail }));
    const reason = { type, detail, ...(stack !== undefined && { stack }) };
    return { outcome: 'failed', reason, isFault: isFault === true };
  }

  /** Its files are kept, and it is delivered again when the studio is back. */
  async #giveBack(): Promise<RunEnd> {
    await this.#end(async (manager) => {
      const status = await returnJob(manager, this.#claim);
      if (status === 'queued') await this.parts.queue.add(manager, this.job.id);
      return status !== null;
    });
    return { outcome: 'returned' };
  }

  async #lost(detail: string): Promise<RunEnd> {
    await this.#end(async (manager) => {
      const { jobId: id, workerId, attempt: attempts } = this.#claim;
      const job = await manager.findOneBy(Job, { id, workerId, attempts, status: 'running' });
      const status = job === null ? null : await releaseLost(manager, job, detail);
      if (status === 'queued') await this.parts.queue.add(manager, id);
      return status !== null;
    });
    return { outcome: 'lost', reason: { type: 'worker_lost', detail } };
  }

  #end(change: Parameters<JobEndings['write']>[1]): Promise<void> {
    return this.parts.endings.write(this.job, change);
  }

  async #writeProgress(progress: JobProgress): Promise<void> {
    try {
      if (await updateProgress(this.parts.dataSource.manager, this.#claim, progress)) {
        announce(this.parts.events, this.job);
      } else {
        this.stop('superseded');
      }
    } catch (error) {
      this.#observed.logger.warn({ err: error }, 'Progress could not be written');
    }
  }

  /** Returns what ends it. */
  #lookAfterRow(): () => void {
    let beat = performance.now();
    const look = async () => {
      try {
        const row = await this.parts.dataSource.manager.findOneBy(Job, { id: this.job.id });
        if (
          row?.status !== 'running' ||
          row.workerId !== this.#claim.workerId ||
          row.attempts !== this.#claim.attempt
        ) {
          return;
        }
        if (row.cancelRequested) this.stop('cancel');
        if (performance.now() - beat < HEARTBEAT_INTERVAL) return;
        beat = performance.now();
        await this.delivery.touch();
        if (!(await updateProgress(this.parts.dataSource.manager, this.#claim, {}))) this.stop('superseded');
      } catch (error) {
        this.#observed.logger.warn({ err: error }, 'The heartbeat of a job was missed');
      }
    };
    // At once, for a cancellation between the claim and now.
    void look();
    const timer = setInterval(() => void look(), LOOK_INTERVAL);
    return () => clearInterval(timer);
  }
}

interface Failure extends JobFailure {
  readonly stack?: string;
  /** The studio's own, and not of what was asked. */
  readonly isFault?: boolean;
}

/** A fault of the studio's own is told in the log; the owner of the job learns where it happened. */
function hostFailure(error: unknown, what: string): Failure {
  if (error instanceof StudioError) return { type: error.type, detail: error.message };
  const { type, detail, stack } = toFailure(error);
  const told = type === 'internal_error' ? what : detail;
  return { type, detail: told, isFault: true, ...(stack !== undefined && { stack }) };
}
