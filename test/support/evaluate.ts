import type {
  AnyEvaluatorPlugin,
  EvaluationResult,
  MetricSubject,
  RunContext,
  TableSource,
} from '../../src/core/plugin-api/index.js';
import { type Cell, tableFromRows, testContext } from '../../src/core/plugin-api/testing/index.js';

export interface EvaluatorRun {
  readonly real: TableSource;
  readonly synthetic: TableSource;
  readonly holdout?: TableSource;
  readonly targetColumn?: string;
  readonly sensitiveColumns?: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly context?: RunContext;
}

export async function runEvaluator(plugin: AnyEvaluatorPlugin, run: EvaluatorRun): Promise<EvaluationResult> {
  const runtime = await plugin.loadRuntime();
  const request = {
    real: run.real,
    synthetic: run.synthetic,
    holdout: run.holdout ?? null,
    targetColumn: run.targetColumn ?? null,
    sensitiveColumns: run.sensitiveColumns ?? [],
    config: plugin.configSchema.parse(run.config ?? {}) as never,
  };
  return runtime.evaluate(request, run.context ?? testContext({ seed: 1 }));
}

/** A value of the whole table, or of the named column. */
export function scoreOf(
  result: EvaluationResult,
  metric: string,
  subject: MetricSubject = 'synthetic',
  column?: string,
): number | null {
  const found = result.metrics.find((m) => m.metric === metric && m.subject === subject && m.columns?.[0] === column);
  if (found === undefined) throw new Error(`No ${metric} of ${subject} ${column ?? ''}`);
  return found.value;
}

export function reasonOf(result: EvaluationResult, metric: string, column?: string): string | undefined {
  return result.metrics.find((m) => m.metric === metric && m.subject === 'synthetic' && m.columns?.[0] === column)
    ?.reason;
}

/** The cells of a table row by row, to be cut up and altered. */
export async function rowsOfSource(source: TableSource): Promise<Cell[][]> {
  const rows: Cell[][] = [];
  for await (const { rowCount, columns } of source.batches(8192)) {
    for (let row = 0; row < rowCount; row++) {
      rows.push(
        columns.map((column) => {
          if ('codes' in column) return column.dictionary[column.codes[row]!] ?? null;
          const value = column.values[row]!;
          return Number.isNaN(value) ? null : value;
        }),
      );
    }
  }
  return rows;
}

/** A source over some rows of another's schema. */
export function sourceOf(like: TableSource, rows: readonly (readonly Cell[])[]): TableSource {
  return tableFromRows(like.schema.columns, rows);
}
