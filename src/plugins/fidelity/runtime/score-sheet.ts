import type { MetricSubject, MetricValue } from '../../../core/plugin-api/index.js';
import type { FIDELITY_METRICS } from '../metrics.js';
import type { Score } from './score.js';

export type FidelityMetric = (typeof FIDELITY_METRICS)[number]['id'];

/** Collects the values of an evaluation. */
export class ScoreSheet {
  readonly #values: MetricValue[] = [];

  add(metric: FidelityMetric, subject: MetricSubject, score: Score, ...columns: string[]): void {
    const { value } = score;
    this.#values.push({
      metric,
      subject,
      value,
      ...(score.value === null && { reason: score.reason }),
      ...(columns.length > 0 && { columns }),
    });
  }

  get values(): readonly MetricValue[] {
    return this.#values;
  }
}
