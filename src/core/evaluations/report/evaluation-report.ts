import {
  type Chart,
  type ColumnKind,
  type Condition,
  type EvaluatorPlugin,
  type FitSummary,
  type MetricDefinition,
  type MetricValue,
  PLUGIN_API_VERSION,
  type PrivacyLedgerEntry,
  type PrivacySpent,
} from '../../plugin-api/index.js';
import type { PrivacyAccount } from '../../privacy/privacy-account.js';
import { writeVerdict } from './verdict.js';

/** What the host knows of an evaluation, told in the report as it is. */
export interface ReportFacts {
  readonly evaluationId: string;
  readonly generator: {
    readonly id: string;
    readonly type: string;
    readonly name: string | null;
    readonly pluginVersion: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly seed: number;
    readonly rowCount: number | null;
    readonly conditions: readonly Condition[] | null;
    readonly summary: FitSummary;
  };
  readonly dataset: {
    readonly id: string;
    readonly name: string;
    readonly rowCount: number | null;
    readonly columnCount: number | null;
    readonly checksum: string;
    readonly holdoutFraction: number;
    readonly setAside: readonly { readonly name: string; readonly kind: ColumnKind }[];
    /** What all models of the dataset may give away together. */
    readonly privacy: PrivacyAccount;
  };
  readonly seed: number;
}

/** One evaluator's part of a report. */
export interface EvaluatorSection extends Pick<EvaluatorPlugin, 'id' | 'title' | 'description'> {
  readonly metrics: readonly MetricDefinition[];
  readonly values: readonly MetricValue[];
  readonly charts: readonly Chart[];
  readonly notes: readonly string[];
}

/** The whole evaluation as JSON: every number of the page, and those that the page has no room for. */
export interface EvaluationReport {
  readonly evaluation_id: string;
  readonly created_at: string;
  readonly seed: number;
  readonly versions: { readonly plugin_api: string; readonly node: string };
  readonly generator: {
    readonly id: string;
    readonly type: string;
    readonly name: string | null;
    readonly plugin_version: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly seed: number;
    readonly row_count: number | null;
    readonly conditions: readonly Condition[];
    readonly metrics: Readonly<Record<string, number>>;
  };
  readonly dataset: {
    readonly id: string;
    readonly name: string;
    readonly row_count: number | null;
    readonly column_count: number | null;
    readonly checksum: string;
    readonly holdout_fraction: number;
    readonly columns_set_aside: readonly { readonly name: string; readonly kind: ColumnKind }[];
  };
  /** Three sentences. */
  readonly verdict: readonly [string, string, string];
  readonly privacy: {
    readonly spent: PrivacySpent | null;
    readonly ledger: readonly PrivacyLedgerEntry[];
    /** Why the claim may not hold. */
    readonly caveats: readonly string[];
    /** By all models of the dataset, this one included. */
    readonly dataset: PrivacySpent & { readonly models: number; readonly unbounded_models: number };
  };
  /** Values by epoch. */
  readonly training_history: Readonly<Record<string, readonly number[]>>;
  readonly evaluators: readonly EvaluatorSection[];
}

export interface ReportOptions {
  /** Part of a score's range within which it counts as reaching the held-out rows. Default 0.02. */
  readonly nearHoldout?: number;
  /** Default: now. */
  readonly createdAt?: Date;
}

export function buildReport(
  facts: ReportFacts,
  evaluators: readonly EvaluatorSection[],
  { nearHoldout = 0.02, createdAt = new Date() }: ReportOptions = {},
): EvaluationReport {
  const { generator, dataset } = facts;
  const { summary } = generator;
  return {
    evaluation_id: facts.evaluationId,
    created_at: createdAt.toISOString(),
    seed: facts.seed,
    versions: { plugin_api: PLUGIN_API_VERSION, node: process.version },
    generator: {
      id: generator.id,
      type: generator.type,
      name: generator.name,
      plugin_version: generator.pluginVersion,
      config: generator.config,
      seed: generator.seed,
      row_count: generator.rowCount,
      conditions: generator.conditions ?? [],
      metrics: summary.metrics,
    },
    dataset: {
      id: dataset.id,
      name: dataset.name,
      row_count: dataset.rowCount,
      column_count: dataset.columnCount,
      checksum: dataset.checksum,
      holdout_fraction: dataset.holdoutFraction,
      columns_set_aside: dataset.setAside,
    },
    verdict: writeVerdict(evaluators, summary.privacySpent, nearHoldout),
    privacy: {
      spent: summary.privacySpent,
      ledger: summary.privacyLedger ?? [],
      caveats: summary.privacyCaveats ?? [],
      dataset: tellAccount(dataset.privacy),
    },
    training_history: summary.history ?? {},
    evaluators,
  };
}

function tellAccount({
  epsilon,
  delta,
  models,
  unboundedModels,
}: PrivacyAccount): EvaluationReport['privacy']['dataset'] {
  return { epsilon, delta, models, unbounded_models: unboundedModels };
}
