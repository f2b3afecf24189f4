import type { z } from 'zod';
import type { RunContext } from './run-context.js';
import type { TableSource } from './tables.js';

export interface MetricDefinition {
  /** Snake case; unique within the plugin. */
  readonly id: string;
  readonly title: string;
  /** What the score means, in a sentence for a reader who never met it. */
  readonly description: string;
  readonly scope: 'dataset' | 'column' | 'column-pair';
  readonly range: readonly [number, number];
  readonly better: 'higher' | 'lower';
  /** Shown first, and part of the evaluation's `scores`. */
  readonly headline?: boolean;
}

/** Whose rows a score speaks of: the generator's, or one of the two controls. */
export type MetricSubject = 'synthetic' | 'independent' | 'holdout';

export interface MetricValue {
  readonly metric: string;
  readonly subject: MetricSubject;
  /** Null when it cannot be computed; then `reason` says why. Never NaN or infinite. */
  readonly value: number | null;
  readonly reason?: string;
  /** Where the value may lie by chance alone, with 95 % confidence; absent where the evaluator does not know. */
  readonly interval?: readonly [number, number];
  readonly columns?: readonly string[];
}

interface ChartBase {
  readonly id: string;
  readonly title: string;
  /** The chart in a sentence, for a reader who cannot see it. */
  readonly description: string;
}

/** Figures for the report, as data: the host draws them. */
export type Chart =
  | (ChartBase & {
      readonly type: 'bars';
      readonly categories: readonly string[];
      readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
    })
  | (ChartBase & {
      readonly type: 'lines';
      readonly xLabel: string;
      readonly yLabel: string;
      readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
    })
  | (ChartBase & {
      readonly type: 'heatmap';
      readonly rows: readonly string[];
      readonly columns: readonly string[];
      readonly values: readonly (readonly (number | null)[])[];
      readonly range: readonly [number, number];
    })
  | (ChartBase & {
      readonly type: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly (string | number | null)[])[];
    });

export interface EvaluationResult {
  readonly metrics: readonly MetricValue[];
  readonly charts?: readonly Chart[];
  /** Plain sentences a reader must know: what was sampled, what was left out and why. */
  readonly notes?: readonly string[];
}

export interface EvaluationRequest<Config> {
  /** The rows the generator learned from. */
  readonly real: TableSource;
  readonly synthetic: TableSource;
  /** Real rows kept out of training; null when the generator kept none. */
  readonly holdout: TableSource | null;
  readonly targetColumn: string | null;
  readonly sensitiveColumns: readonly string[];
  readonly config: Config;
}

export interface EvaluatorRuntime<Config> {
  evaluate(request: EvaluationRequest<Config>, context: RunContext): Promise<EvaluationResult>;
}

export interface EvaluatorPlugin<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: 'evaluator';
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly configSchema: Schema;
  readonly metrics: readonly MetricDefinition[];
  readonly needsHoldout: boolean;
  loadRuntime(): Promise<EvaluatorRuntime<z.output<Schema>>>;
}

export function defineEvaluator<Schema extends z.ZodObject>(
  plugin: Omit<EvaluatorPlugin<Schema>, 'kind'>,
): EvaluatorPlugin<Schema> {
  return { kind: 'evaluator', ...plugin };
}
