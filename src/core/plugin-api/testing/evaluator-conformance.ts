import assert from 'node:assert/strict';
import type { Compute } from '../compute.js';
import type { EvaluationRequest, EvaluationResult, MetricValue } from '../evaluator.js';
import type { AnyEvaluatorPlugin } from '../plugin-package.js';
import type { RunContext } from '../run-context.js';
import type { ColumnKind } from '../tables.js';
import { TickWatch } from './cases/cancellation.js';
import { derivedAlternatives } from './config-alternatives.js';
import type { ConformanceCase } from './conformance-case.js';
import { oddTables, standardTable } from './standard-tables.js';
import { testContext } from './test-context.js';

export interface EvaluatorConformanceOptions {
  /** Config keys that differ from their defaults in every case. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** By config key: other values, of which one must change the result. By default they are derived from the schema. */
  readonly alternatives?: Readonly<Record<string, readonly unknown[]>>;
  readonly compute?: () => Compute | Promise<Compute>;
  /** Longest time in milliseconds between two ticks; 500 by default. */
  readonly cancelWithinMs?: number;
}

const KINDS: readonly ColumnKind[] = ['continuous', 'integer', 'categorical', 'boolean', 'datetime'];
const TABLE = { kinds: KINDS, missing: true, profile: true };

/** What every evaluator must do, as cases for any test runner. */
export function evaluatorConformanceCases(
  plugin: AnyEvaluatorPlugin,
  options: EvaluatorConformanceOptions = {},
): readonly ConformanceCase[] {
  const harness = new EvaluatorHarness(plugin, options);
  return [
    {
      name: 'the same seed gives the same result',
      run: async () => assert.deepEqual(await harness.evaluate(), await harness.evaluate()),
    },
    {
      name: 'an unknown config key is refused',
      run: async () => assert.equal(plugin.configSchema.safeParse({ no_such_key: 1 }).success, false),
    },
    ...Object.keys(plugin.configSchema.shape).map((key) => ({
      name: `the config key ${key} changes the result`,
      run: () => harness.checkEffect(key),
    })),
    {
      name: 'a cancel stops the evaluation, and no stretch between two ticks is long',
      run: () => harness.checkCancel(),
    },
    {
      name: 'values are of defined metrics, within their range, and a null has a reason',
      run: async () => harness.checkResult(await harness.evaluate()),
    },
    {
      name: 'every headline metric has a value for the synthetic rows',
      run: async () => harness.checkHeadlines(await harness.evaluate()),
    },
    {
      name: 'without held-out rows it still gives a result',
      run: async () => harness.checkResult(await harness.evaluate({ holdout: null })),
    },
    ...[...oddTables(TABLE)].map(([what, table]) => ({
      name: `a table with ${what} is evaluated`,
      run: async () => harness.checkResult(await harness.evaluate({ real: table, synthetic: table, holdout: null })),
    })),
  ];
}

class EvaluatorHarness {
  constructor(
    private readonly plugin: AnyEvaluatorPlugin,
    private readonly options: EvaluatorConformanceOptions,
  ) {}

  async context(signal?: AbortSignal): Promise<RunContext> {
    const compute = await this.options.compute?.();
    return testContext({ seed: 1, compute, ...(signal && { signal }) });
  }

  async evaluate(
    tables: Partial<Pick<EvaluationRequest<never>, 'real' | 'synthetic' | 'holdout'>> = {},
    config: Readonly<Record<string, unknown>> = {},
    context?: RunContext,
  ): Promise<EvaluationResult> {
    const runtime = await this.plugin.loadRuntime();
    const request = {
      real: standardTable(TABLE),
      synthetic: standardTable({ ...TABLE, rowCount: 400 }),
      holdout: standardTable({ ...TABLE, rowCount: 100 }),
      ...tables,
      targetColumn: null,
      sensitiveColumns: [],
      config: this.plugin.configSchema.parse({ ...this.options.config, ...config }) as never,
    };
    return runtime.evaluate(request, context ?? (await this.context()));
  }

  async checkEffect(key: string): Promise<void> {
    const current = this.plugin.configSchema.parse({ ...this.options.config })[key];
    const values = this.options.alternatives?.[key] ?? derivedAlternatives(this.plugin.configSchema, key, current);
    assert.ok(values, `other values of "${key}" cannot be derived from its schema: give them in "alternatives"`);
    const before = JSON.stringify(await this.evaluate());
    for (const value of values) {
      if (JSON.stringify(await this.evaluate({}, { [key]: value })) !== before) return;
    }
    assert.fail(`the result doesn't change with ${key} = ${values.map((value) => JSON.stringify(value)).join(', ')}`);
  }

  async checkCancel(): Promise<void> {
    const watch = new TickWatch();
    await this.evaluate({}, {}, watch.wrap(await this.context()));
    watch.check(this.options.cancelWithinMs ?? 500, 'evaluate');
    const controller = new AbortController();
    const abort = new TickWatch((ticks) => ticks === 1 && controller.abort());
    const context = abort.wrap(await this.context(controller.signal));
    await assert.rejects(this.evaluate({}, {}, context), 'evaluate went on to its end after a cancel');
  }

  checkResult({ metrics, charts = [] }: EvaluationResult): void {
    assert.ok(metrics.length > 0, 'no metric was computed');
    for (const value of metrics) this.#checkValue(value);
    const ids = charts.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'two charts have one id');
  }

  #checkValue({ metric, value, reason, interval, columns }: MetricValue): void {
    const definition = this.plugin.metrics.find(({ id }) => id === metric);
    assert.ok(definition, `the metric "${metric}" is not defined`);
    const expected = { dataset: 0, column: 1, 'column-pair': 2 }[definition.scope];
    assert.equal(columns?.length ?? 0, expected, `the number of columns that "${metric}" names`);
    if (value === null) {
      assert.ok(reason, `"${metric}" is null without a reason`);
      return;
    }
    const [low, high] = definition.range;
    assert.ok(value >= low && value <= high, `"${metric}" is ${value}, outside ${low} to ${high}`);
    if (interval === undefined) return;
    const [from, to] = interval;
    assert.ok(
      low <= from && from <= value && value <= to && to <= high,
      `"${metric}" is ${value}, of ${from} to ${to}`,
    );
  }

  checkHeadlines({ metrics }: EvaluationResult): void {
    for (const { id } of this.plugin.metrics.filter(({ headline }) => headline)) {
      const value = metrics.find(({ metric, subject }) => metric === id && subject === 'synthetic');
      assert.ok(value, `the headline metric "${id}" has no value for the synthetic rows`);
    }
  }
}
