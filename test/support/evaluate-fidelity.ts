import type {
  EvaluationRequest,
  EvaluationResult,
  MetricSubject,
  RunContext,
  TableSource,
} from '../../src/core/plugin-api/index.js';
import { fidelityConfig } from '../../src/plugins/fidelity/config.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';

export interface FidelityRun {
  readonly real: TableSource;
  readonly synthetic: TableSource;
  readonly holdout?: TableSource;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  readonly context?: Partial<RunContext>;
}

export async function evaluateFidelity(run: FidelityRun): Promise<EvaluationResult> {
  const runtime = await fidelity.loadRuntime();
  const request: EvaluationRequest<ReturnType<typeof fidelityConfig.parse>> = {
    real: run.real,
    synthetic: run.synthetic,
    holdout: run.holdout ?? null,
    targetColumn: null,
    sensitiveColumns: [],
    config: fidelityConfig.parse(run.config ?? {}),
  };
  const context = { seed: run.seed ?? 7, report() {}, async tick() {}, ...run.context } as RunContext;
  return runtime.evaluate(request, context);
}

/** The value of a metric, by subject and columns; undefined when the result has none. */
export function valueOf(
  result: EvaluationResult,
  metric: string,
  columns: readonly string[] = [],
  subject: MetricSubject = 'synthetic',
): number | null | undefined {
  const same = (names: readonly string[] = []) =>
    names.length === columns.length && names.every((n, i) => n === columns[i]);
  return result.metrics.find((m) => m.metric === metric && m.subject === subject && same(m.columns))?.value;
}
