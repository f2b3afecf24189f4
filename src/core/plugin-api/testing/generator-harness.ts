import assert from 'node:assert/strict';
import type { z } from 'zod';
import type { Compute } from '../compute.js';
import type { Condition } from '../conditions.js';
import type { FittedModel } from '../generator.js';
import type { AnyGeneratorPlugin } from '../plugin-package.js';
import type { RunContext } from '../run-context.js';
import { CODED_KINDS, isCoded, type TableBatch, type TableSource } from '../tables.js';
import type { FreshProcess } from './fresh-process.js';
import { standardTable } from './standard-tables.js';
import { rowsOf, type Cell } from './table-from-rows.js';
import { testContext, type TestContextOptions } from './test-context.js';

export interface GeneratorConformanceOptions {
  /** Config keys that differ from their defaults in every case: so that a fit takes a second, not minutes. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** By config key: other values, of which one must change the result. By default they are derived from the schema. */
  readonly alternatives?: Readonly<Record<string, readonly unknown[]>>;
  /** By config key: other keys to set while that key is tried, where it has an effect only then. */
  readonly companions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** How a new process finds the plugin, to restore a saved model there. */
  readonly freshProcess: FreshProcess;
  /** Makes the compute that the plugin is given; absent for plugins that use none. */
  readonly compute?: () => Compute | Promise<Compute>;
  /** Longest time in milliseconds from a cancel to the stop, which is also the longest between two ticks; 500 by default. */
  readonly cancelWithinMs?: number;
  /** Rows sampled in most cases; 150 by default. */
  readonly rowCount?: number;
}

export type Rows = readonly (readonly Cell[])[];

export interface FitOptions extends Pick<TestContextOptions, 'seed' | 'signal' | 'onProgress'> {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly table?: TableSource;
}

export interface SampleOptions extends Pick<TestContextOptions, 'seed'> {
  readonly rowCount?: number;
  readonly batchSize?: number;
  readonly conditions?: readonly Condition[];
}

/** A plugin with its options: fits and samples with defaults for all that a case doesn't care about. */
export class GeneratorHarness {
  readonly table: TableSource;
  readonly rowCount: number;
  readonly cancelWithinMs: number;
  #compute: Promise<Compute> | null = null;

  constructor(
    readonly plugin: AnyGeneratorPlugin,
    readonly options: GeneratorConformanceOptions,
  ) {
    this.table = standardTable(this.tableOptions);
    this.rowCount = options.rowCount ?? 150;
    this.cancelWithinMs = options.cancelWithinMs ?? 500;
  }

  /** What tables for this plugin are made of. */
  get tableOptions() {
    const { columnKinds: kinds, missingValues: missing, differentialPrivacy } = this.plugin.capabilities;
    return { kinds, missing, profile: differentialPrivacy === null };
  }

  parse(config: Readonly<Record<string, unknown>> = {}): z.output<z.ZodObject> {
    return this.plugin.configSchema.parse({ ...this.options.config, ...config });
  }

  async context(options: Omit<TestContextOptions, 'compute'> = {}): Promise<RunContext> {
    if (this.options.compute) this.#compute ??= Promise.resolve(this.options.compute());
    return testContext({ ...options, compute: (await this.#compute) ?? undefined });
  }

  async fit({ config, table = this.table, ...context }: FitOptions = {}): Promise<FittedModel> {
    return this.fitWith(await this.context(context), { ...(config && { config }), table });
  }

  async fitWith(context: RunContext, { config, table = this.table }: FitOptions = {}): Promise<FittedModel> {
    const runtime = await this.plugin.loadRuntime();
    return runtime.fit({ source: table, config: this.parse(config) as never }, context);
  }

  /** Samples, and checks on the way that batches have the shape of the table. */
  async sample(model: FittedModel, options: SampleOptions = {}, table: TableSource = this.table): Promise<Rows> {
    const { rowCount = this.rowCount, batchSize = 64, conditions } = options;
    const context = await this.context({ seed: options.seed ?? 1 });
    const batches: TableBatch[] = [];
    for await (const batch of model.sample({ rowCount, batchSize, ...(conditions && { conditions }) }, context)) {
      checkShape(batch, table);
      batches.push(batch);
    }
    const rows = rowsOf(batches);
    assert.equal(rows.length, rowCount, 'the number of rows that came out');
    return rows;
  }

  /** Fits, hands the model over, and disposes of it. */
  async withModel<T>(options: FitOptions, use: (model: FittedModel) => Promise<T>): Promise<T> {
    const model = await this.fit(options);
    try {
      return await use(model);
    } finally {
      model.dispose();
    }
  }
}

function checkShape(batch: TableBatch, { schema }: TableSource): void {
  assert.equal(batch.columns.length, schema.columns.length, 'the number of columns of a batch');
  batch.columns.forEach((column, c) => {
    const { name, kind } = schema.columns[c]!;
    assert.equal(isCoded(column), CODED_KINDS.has(kind), `whether the column "${name}" (${kind}) is coded`);
    const cells = isCoded(column) ? column.codes : column.values;
    assert.equal(cells.length, batch.rowCount, `the number of cells of the column "${name}"`);
  });
}
