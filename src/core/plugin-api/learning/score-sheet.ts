import type { MetricSubject, MetricValue } from '../evaluator.js';

/** A finite number, or the reason why there is none. */
export type Score =
  | { readonly value: number; readonly interval?: readonly [number, number]; readonly reason?: undefined }
  | { readonly value: null; readonly interval?: undefined; readonly reason: string };

/** A number that is not finite becomes a reason. @param interval of 95 % confidence. */
export function knownScore(value: number, interval?: readonly [number, number]): Score {
  if (!Number.isFinite(value)) return unknownScore('The arithmetic overflowed');
  return interval === undefined ? { value } : { value, interval };
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
    const { value, interval, reason } = score;
    this.#values.push({
      metric,
      subject,
      value,
      ...(interval !== undefined && { interval }),
      ...(reason !== undefined && { reason }),
      ...(columns.length > 0 && { columns }),
    });
  }

  get values(): readonly MetricValue[] {
    return this.#values;
  }
}
