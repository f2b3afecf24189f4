import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { addProcessMetrics } from './process-metrics.js';
import { addQueueMetrics } from './queue-metrics.js';
import { TimedCalls } from './timed-calls.js';

/** Seconds: from what a cached answer takes to what an upload does. */
const CALL_BUCKETS = [0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
/** Seconds: from a Gaussian copula of a small table to a night of training. */
const RUN_BUCKETS = [0.5, 1, 2, 5, 15, 60, 180, 600, 1800, 3600, 14_400];

/** What Prometheus is told. No label takes a value that a caller chose: there are as many series as there are routes. */
@scoped(Lifecycle.ContainerScoped)
export class Metrics {
  /** Of REST and whatever else is asked over HTTP: method, route template, class of the status. */
  readonly http: TimedCalls<'method' | 'route', 'status'>;
  /** Of GraphQL over any transport: kind of operation, root field, outcome. */
  readonly graphql: TimedCalls<'type' | 'field', 'outcome'>;
  readonly runs: TimedCalls<'kind' | 'plugin', 'outcome'>;
  readonly #registry = new Registry();
  readonly #phases: Histogram<'phase' | 'plugin'>;
  readonly #trainers: Gauge;
  readonly #uploaded: Counter;
  readonly #stop: () => void;

  constructor(@inject(DATA_SOURCE) dataSource: DataSource) {
    const registers = [this.#registry];
    this.http = new TimedCalls(this.#registry, {
      total: ['studio_http_requests_total', 'HTTP requests answered.'],
      seconds: ['studio_http_request_duration_seconds', 'From the head of a request to the end of its answer.'],
      labels: ['method', 'route'],
      outcome: 'status',
      buckets: CALL_BUCKETS,
    });
    this.graphql = new TimedCalls(this.#registry, {
      total: ['studio_graphql_operations_total', 'GraphQL operations, over HTTP and WebSockets.'],
      seconds: ['studio_graphql_operation_duration_seconds', 'Time of execution; of a subscription, until it stands.'],
      labels: ['type', 'field'],
      outcome: 'outcome',
      buckets: CALL_BUCKETS,
    });
    this.runs = new TimedCalls(this.#registry, {
      total: ['studio_job_runs_total', 'Attempts at jobs that have ended.'],
      seconds: ['studio_job_run_duration_seconds', 'Time of an attempt at a job.'],
      labels: ['kind', 'plugin'],
      outcome: 'outcome',
      buckets: RUN_BUCKETS,
    });
    this.#phases = new Histogram({
      name: 'studio_trainer_phase_duration_seconds',
      help: 'Time of a phase of a trainer: phase "train" is the training time of each generator.',
      labelNames: ['phase', 'plugin'],
      buckets: RUN_BUCKETS,
      registers,
    });
    this.#trainers = new Gauge({ name: 'studio_trainers', help: 'Trainer processes that run now.', registers });
    this.#uploaded = new Counter({ name: 'studio_upload_bytes_total', help: 'Bytes of accepted uploads.', registers });
    addQueueMetrics(this.#registry, dataSource);
    this.#stop = addProcessMetrics(this.#registry);
  }

  phaseEnded(phase: string, plugin: string, seconds: number): void {
    this.#phases.observe({ phase, plugin }, seconds);
  }

  trainers(change: 1 | -1): void {
    this.#trainers.inc(change);
  }

  uploaded(bytes: number): void {
    this.#uploaded.inc(bytes);
  }

  readonly contentType = this.#registry.contentType;

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#stop();
  }
}
