import type { Progress, RunPhase } from '../plugin-api/index.js';
import type { Job, JobKind } from './job.entity.js';

/** Share of each phase in the whole, in their order. */
const WEIGHTS: Readonly<Record<JobKind, readonly (readonly [RunPhase, number])[]>> = {
  generate: [
    ['prepare', 0.05],
    ['train', 0.8],
    ['sample', 0.15],
  ],
  sample: [
    ['prepare', 0.1],
    ['sample', 0.9],
  ],
  impute: [
    ['prepare', 0.1],
    ['sample', 0.9],
  ],
  evaluate: [
    ['prepare', 0.1],
    ['evaluate', 0.9],
  ],
};

/** Weight of the newest rate in the smoothed one, for reports a second apart. */
const SMOOTHING = 0.3;

export type JobProgress = Pick<Job, 'phase' | 'progress' | 'epoch' | 'epochs' | 'etaSeconds' | 'metrics'>;

/** Turns a run's reports, each about its present phase, into the progress of the whole; it never falls. */
export class ProgressMeter {
  readonly #phases: readonly (readonly [RunPhase, number])[];
  #progress = 0;
  #phase: RunPhase | null = null;
  #last = { time: 0, fraction: 0 };
  /** Fraction of the present phase done in a millisecond, smoothed; null until it is known. */
  #rate: number | null = null;
  #metrics: Readonly<Record<string, number>> | null = null;

  constructor(
    kind: JobKind,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#phases = WEIGHTS[kind];
  }

  update(report: Progress): JobProgress {
    const fraction = report.total > 0 ? Math.min(Math.max(report.completed / report.total, 0), 1) : 0;
    this.#measure(report.phase, fraction);
    this.#progress = Math.max(this.#progress, this.#overall(report.phase, fraction));
    const metrics = finiteMetrics(report);
    if (Object.keys(metrics).length > 0) this.#metrics = { ...this.#metrics, ...metrics };
    const inEpochs = report.unit === 'epoch';
    return {
      phase: report.phase,
      progress: this.#progress,
      epoch: inEpochs ? Math.floor(report.completed) : null,
      epochs: inEpochs ? Math.floor(report.total) : null,
      etaSeconds: this.#eta(fraction),
      metrics: this.#metrics,
    };
  }

  #overall(phase: RunPhase, fraction: number): number {
    let before = 0;
    for (const [name, weight] of this.#phases) {
      if (name === phase) return Math.min(before + weight * fraction, 1);
      before += weight;
    }
    // A phase that this kind of job does not have moves nothing.
    return this.#progress;
  }

  #measure(phase: RunPhase, fraction: number): void {
    const time = this.now();
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#rate = null;
    } else if (time > this.#last.time && fraction > this.#last.fraction) {
      const elapsed = time - this.#last.time;
      const rate = (fraction - this.#last.fraction) / elapsed;
      // The same memory in seconds, however often reports come.
      const weight = 1 - (1 - SMOOTHING) ** (elapsed / 1000);
      this.#rate = this.#rate === null ? rate : this.#rate + weight * (rate - this.#rate);
    } else {
      return;
    }
    this.#last = { time, fraction };
  }

  /** Time left in the present phase. Preparing tells nothing about the work that follows. */
  #eta(fraction: number): number | null {
    if (this.#rate === null || this.#phase === 'prepare') return null;
    return Math.round((1 - fraction) / this.#rate / 100) / 10;
  }
}

function finiteMetrics({ metrics = {}, privacySpent }: Progress): Record<string, number> {
  const all = { ...metrics, ...privacySpent };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)));
}
