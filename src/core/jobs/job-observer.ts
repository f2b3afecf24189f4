import type { Logger } from 'pino';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { LOGGER, TRACER } from '../app/tokens.js';
import type { RunPhase } from '../plugin-api/index.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Span, Tracer } from '../telemetry/tracer.js';
import type { Job } from './job.entity.js';

/** How an attempt ended: `returned` to the queue when the studio ends, `lost` with its trainer, or another's by then. */
export type RunOutcome = 'completed' | 'failed' | 'cancelled' | 'returned' | 'lost' | 'superseded';

export interface RunEnd {
  readonly outcome: RunOutcome;
  /** For the log and the trace. */
  readonly reason?: { readonly type: string; readonly detail: string; readonly stack?: string };
  /** The studio's own, and not of what was asked. */
  readonly isFault?: boolean;
}

/** What the log, the metrics and the traces are told of jobs. */
@scoped(Lifecycle.ContainerScoped)
export class JobObserver {
  constructor(
    @inject(LOGGER) private readonly logger: Logger,
    @inject(TRACER) private readonly tracer: Tracer,
    private readonly metrics: Metrics,
  ) {}

  begin(job: Job): ObservedRun {
    return new ObservedRun(job, this.logger, this.tracer, this.metrics);
  }
}

/** One attempt at a job, from the claim to its end. */
export class ObservedRun {
  /** Each line names the job and the request that asked for it. */
  readonly logger: Logger;
  readonly #span: Span;
  readonly #begin = performance.now();
  #plugin = '';
  #phase: { readonly name: RunPhase; readonly since: number; readonly span: Span } | undefined;
  #hasTrainer = false;

  constructor(
    private readonly job: Job,
    logger: Logger,
    private readonly tracer: Tracer,
    private readonly metrics: Metrics,
  ) {
    const { id: jobId, kind, attempts: attempt, origin } = job;
    this.logger = logger.child({ jobId, ...(origin !== null && { request_id: origin.requestId }) });
    this.#span = tracer.start({
      name: `job ${kind}`,
      kind: 'consumer',
      parent: origin?.traceparent,
      attributes: { 'studio.job.id': jobId, 'studio.job.kind': kind, 'studio.job.attempt': attempt },
    });
    this.logger.info({ kind, attempt }, 'A job began');
  }

  /** Of the job's span, for the trainer. */
  get traceparent(): string | undefined {
    return this.#span.traceparent;
  }

  trainerStarts(plugin: string): void {
    this.#plugin = plugin;
    this.#hasTrainer = true;
    this.metrics.trainers(1);
  }

  /** @param at epoch milliseconds, on the trainer's clock. */
  phaseBegins(name: RunPhase, at: number): void {
    this.#endPhase(at);
    const span = this.tracer.start({ name: `trainer ${name}`, kind: 'internal', parent: this.traceparent, at });
    this.#phase = { name, since: at, span };
  }

  trainerEnded(): void {
    this.#endPhase(Date.now());
    if (this.#hasTrainer) this.metrics.trainers(-1);
    this.#hasTrainer = false;
  }

  /** One line for each end; that of a failure says why. */
  end({ outcome, reason, isFault = false }: RunEnd): void {
    const seconds = (performance.now() - this.#begin) / 1000;
    const { kind } = this.job;
    this.metrics.runs.ended(kind, this.#plugin, outcome, seconds);
    this.#span.end({
      attributes: { 'studio.job.outcome': outcome, ...(this.#plugin !== '' && { 'studio.plugin': this.#plugin }) },
      ...(reason !== undefined && { error: reason.type }),
    });
    const facts = { kind, outcome, seconds: Math.round(seconds * 1000) / 1000, ...reason };
    if (outcome === 'failed') this.logger[isFault ? 'error' : 'warn'](facts, 'A job failed');
    else if (outcome === 'lost') this.logger.warn(facts, 'A job lost its trainer');
    else this.logger.info(facts, 'A job ended');
  }

  #endPhase(at: number): void {
    if (this.#phase === undefined) return;
    const { name, since, span } = this.#phase;
    span.end({ at });
    this.metrics.phaseEnded(name, this.#plugin, Math.max(0, at - since) / 1000);
    this.#phase = undefined;
  }
}
