import { Counter, Histogram, type Registry } from 'prom-client';

type NameAndHelp = readonly [name: string, help: string];

export interface TimedCallsOptions<Label extends string, Outcome extends string> {
  readonly total: NameAndHelp;
  readonly seconds: NameAndHelp;
  readonly labels: readonly Label[];
  readonly outcome: Outcome;
  readonly buckets: readonly number[];
}

interface Series {
  readonly seconds: Histogram.Internal<string>;
  readonly totals: Map<string, Counter.Internal>;
}

/**
 * Rate, errors and duration of one sort of call. The series of a set of labels are looked up once and kept, so that
 * counting a call costs a microsecond and allocates nothing.
 */
export class TimedCalls<Label extends string, Outcome extends string> {
  readonly #total: Counter;
  readonly #seconds: Histogram;
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(registers: Registry[], options: TimedCallsOptions<Label, Outcome>) {
    const [name, help] = options.total;
    this.#total = new Counter({ name, help, labelNames: [...options.labels, options.outcome], registers });
    const [histogram, meaning] = options.seconds;
    const buckets = [...options.buckets];
    const labelNames = [...options.labels];
    this.#seconds = new Histogram({ name: histogram, help: meaning, labelNames, buckets, registers });
  }

  /** The values of the two labels in their order; each must be one of few. */
  ended(first: string, second: string, outcome: string, seconds: number): void {
    const series = this.#seriesOf(first, second);
    series.seconds.observe(seconds);
    let total = series.totals.get(outcome);
    if (total === undefined) {
      total = this.#total.labels(first, second, outcome);
      series.totals.set(outcome, total);
    }
    total.inc();
  }

  #seriesOf(first: string, second: string): Series {
    let group = this.#series.get(first);
    if (group === undefined) {
      group = new Map();
      this.#series.set(first, group);
    }
    let series = group.get(second);
    if (series === undefined) {
      series = { seconds: this.#seconds.labels(first, second), totals: new Map() };
      group.set(second, series);
    }
    return series;
  }
}
