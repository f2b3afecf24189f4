import type { Metric, Registry } from 'prom-client';

type NameAndHelp = readonly [name: string, help: string];

export interface TimedCallsOptions<Label extends string, Outcome extends string> {
  readonly total: NameAndHelp;
  readonly seconds: NameAndHelp;
  readonly labels: readonly [Label, Label];
  readonly outcome: Outcome;
  /** Upper bounds, ascending; what is above the last is counted too. */
  readonly buckets: readonly number[];
}

/** The calls with one pair of labels. */
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Calls by bucket, each in the first that holds it; one more bucket has no bound. */
  readonly counts: number[];
  sum: number;
  readonly outcomes: Map<string, number>;
}

interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * Rate, errors and duration of one sort of call, as a counter and a histogram of a Prometheus registry. Counted here and
 * not by prom-client, which takes a hash of the labels at each call: 7 µs a request, where this is less than one.
 */
export class TimedCalls<Label extends string, Outcome extends string> {
  readonly #series = new Map<string, Map<string, Series>>();

  constructor(
    registry: Registry,
    private readonly options: TimedCallsOptions<Label, Outcome>,
  ) {
    register(registry, 'counter', options.total, () => this.#all().flatMap((series) => this.#totals(series)));
    register(registry, 'histogram', options.seconds, () => this.#all().flatMap((series) => this.#durations(series)));
  }

  /** The values of the two labels in their order; each must be one of few. */
  ended(first: string, second: string, outcome: string, seconds: number): void {
    const series = this.#seriesOf(first, second);
    series.counts[this.#bucketOf(seconds)]!++;
    series.sum += seconds;
    series.outcomes.set(outcome, (series.outcomes.get(outcome) ?? 0) + 1);
  }

  #bucketOf(seconds: number): number {
    const { buckets } = this.options;
    let bucket = 0;
    while (bucket < buckets.length && seconds > buckets[bucket]!) bucket++;
    return bucket;
  }

  #seriesOf(first: string, second: string): Series {
    let group = this.#series.get(first);
    if (group === undefined) this.#series.set(first, (group = new Map<string, Series>()));
    let series = group.get(second);
    if (series === undefined) group.set(second, (series = this.#begin(first, second)));
    return series;
  }

  #begin(first: string, second: string): Series {
    const { labels, buckets } = this.options;
    return {
      labels: { [labels[0]]: first, [labels[1]]: second },
      counts: Array.from({ length: buckets.length + 1 }, () => 0),
      sum: 0,
      outcomes: new Map(),
    };
  }

  #all(): Series[] {
    return [...this.#series.values()].flatMap((group) => [...group.values()]);
  }

  #totals({ labels, outcomes }: Series): Sample[] {
    return [...outcomes].map(([outcome, value]) => ({ labels: { ...labels, [this.options.outcome]: outcome }, value }));
  }

  /** Buckets of a Prometheus histogram hold all that is below their bound. */
  #durations({ labels, counts, sum }: Series): Sample[] {
    const [name] = this.options.seconds;
    let count = 0;
    const buckets = [...this.options.buckets, '+Inf'].map((le, i) => {
      count += counts[i]!;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}

function register(registry: Registry, type: string, [name, help]: NameAndHelp, values: () => Sample[]): void {
  // All that a registry asks of a metric, though its types name prom-client's own classes alone.
  const metric = { name, help, type, get: async () => ({ name, help, type, values: values() }) };
  registry.registerMetric(metric as unknown as Metric);
}
