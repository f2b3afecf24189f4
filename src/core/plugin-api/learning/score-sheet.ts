import type { MetricSubject, MetricValue } from '../evaluator.js';

/** A finite number, or the reason why there is none. */
export type Score =
  { readonly value: number; readonly reason?: undefined } | { readonly value: null; readonly reason: string };

/** A number that is not finite becomes a reason. */
export function knownScore(value: number): Score {
  return Number.isFinite(value) ? { value } : unknownScore('The arithmetic overflowed');
}

export function unknownScore(reason: string): Score {
  return { value: null, reason };
}

/** The mean of the scores that could be computed. */
export function meanScore(scores: readonly Score[], whenNone: string): Score {
  const values = scores.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return unknownScore(whenNone);
  return knownScore(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Collects the values of an evaluation, of metrics with the given names. */
export class ScoreSheet<Metric extends string> {
  readonly #values: MetricValue[] = [];

  add(metric: Metric, subject: MetricSubject, score: Score, ...columns: string[]): void {
    const { value } = score;
    const named = columns.length > 0 && { columns };
    this.#values.push({ metric, subject, value, ...(score.value === null && { reason: score.reason }), ...named });
  }

  get values(): readonly MetricValue[] {
    return this.#values;
  }
}
