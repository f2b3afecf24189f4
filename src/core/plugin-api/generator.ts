import type { z } from 'zod';
import type { ArtefactReader, ArtefactWriter } from './artefacts.js';
import type { Condition } from './conditions.js';
import type { PrivacySpent, RunContext } from './run-context.js';
import type { ColumnKind, DatasetProfile, TableBatch, TableSchema, TableSource } from './tables.js';

/**
 * The config of such a generator has the key `epsilon`, the budget for everything that reads the rows, and may have `delta`;
 * where that is absent or null, the plugin chooses δ during the run and reports it with its progress. The host adds up the
 * budgets of all models of a table, and refuses the one that would pass a limit.
 */
export interface DifferentialPrivacyCapability {
  readonly mechanism: 'dp-sgd' | 'noisy-statistics';
  readonly unit: 'row';
  /** Every stage that reads the data must be listed, or the claim is false. */
  readonly coveredStages: readonly ('encoding' | 'sampling' | 'training')[];
}

export interface GeneratorCapabilities {
  readonly columnKinds: readonly ColumnKind[];
  readonly missingValues: boolean;
  /** `exact`: rows come from the model's conditional distribution; `biased`: every row meets the condition, the rest only nearly follows it; `none`: refused. */
  readonly conditionalSampling: 'none' | 'biased' | 'exact';
  readonly differentialPrivacy: DifferentialPrivacyCapability | null;
  readonly accelerator: 'none' | 'optional' | 'required';
  /** Models have `impute`. Absent: they do not. */
  readonly imputation?: boolean;
  /** Training may go on from a saved model (`base`). Absent: it may not. */
  readonly continuedTraining?: boolean;
  /** Conditions may list values. Absent: such conditions are refused and never reach the plugin. */
  readonly conditionLists?: boolean;
}

/** What a generator may be recommended for, in the order of a list: rows as the real ones are, or a promise of privacy. */
export const RECOMMENDED_PURPOSES = ['fidelity', 'privacy'] as const;
export type RecommendedPurpose = (typeof RECOMMENDED_PURPOSES)[number];

/** Says that a generator is the first choice for a purpose, by figures that were measured. */
export interface Recommendation {
  readonly purpose: RecommendedPurpose;
  /** The table, the settings and the machine of the figures, in one sentence. */
  readonly measuredOn: string;
  /** By name in snake case, its unit at the end where it has one: `training_seconds`. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface PreflightIssue {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly column?: string;
  /** The key of the config that is to be changed, where one alone is. */
  readonly configKey?: string;
}

export interface FitRequest<Config> {
  readonly source: TableSource;
  readonly config: Config;
  /**
   * What a model of the same plugin saved, to go on from, in plugins whose capabilities say so; its columns had the same
   * names and kinds, in the same order. Absent: a new model.
   */
  readonly base?: ArtefactReader;
}

export interface SampleRequest {
  readonly rowCount: number;
  /** A wish for the size of the batches that come out; never changes the rows. */
  readonly batchSize: number;
  readonly conditions?: readonly Condition[];
}

export interface ImputeRequest {
  /** The rows to fill: the columns that the model learned, in its schema's order, each of the kind that it was learned as. */
  readonly source: TableSource;
}

/** One mechanism that read the rows, and what it cost. */
export interface PrivacyLedgerEntry extends PrivacySpent {
  readonly mechanism: string;
  readonly reads: string;
}

export interface FitSummary {
  readonly metrics: Readonly<Record<string, number>>;
  /** Null for a generator that makes no claim. */
  readonly privacySpent: PrivacySpent | null;
  readonly privacyLedger?: readonly PrivacyLedgerEntry[];
  /** Plain sentences without which the claim would mislead: that the noise was seeded, so that nothing is private, for one. */
  readonly privacyCaveats?: readonly string[];
  /** Values by epoch, for the training curves: equal lengths, finite numbers. */
  readonly history?: Readonly<Record<string, readonly number[]>>;
}

export interface FittedModel {
  readonly summary: FitSummary;
  /**
   * The same seed gives the same rows, whatever the batch size. A condition that cannot be met, or that lists a value which
   * cannot be, throws ConditionError.
   */
  sample(request: SampleRequest, context: RunContext): AsyncIterable<TableBatch>;
  /**
   * Fills gaps, in plugins whose capabilities say so: gives all rows of the source in its order, each missing cell drawn
   * from the model's distribution given the cells that its row has. Only what stands where a cell was missing is used; a
   * cell that is missing still is left so. The same seed fills the same rows with the same values.
   */
  impute?(request: ImputeRequest, context: RunContext): AsyncIterable<TableBatch>;
  save(writer: ArtefactWriter): Promise<void>;
  dispose(): void;
}

/** Loaded only inside the trainer process; may import TensorFlow. */
export interface GeneratorRuntime<Config> {
  fit(request: FitRequest<Config>, context: RunContext): Promise<FittedModel>;
  restore(reader: ArtefactReader, context: RunContext): Promise<FittedModel>;
}

/** The light half: imported by the API process, so it must not import TensorFlow. */
export interface GeneratorPlugin<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: 'generator';
  /** Kebab case; unique among all loaded plugins. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Bumped when save() output changes shape; the host refuses to restore another. */
  readonly artefactVersion: number;
  /** Strict; every key has a description and a default. */
  readonly configSchema: Schema;
  readonly capabilities: GeneratorCapabilities;
  /** Absent: listed after all that are recommended. */
  readonly recommendation?: Recommendation;
  /** Absent: nothing to object to. An issue of severity `error` refuses the run before it starts. */
  preflight?(schema: TableSchema, profile: DatasetProfile | null, config: z.output<Schema>): readonly PreflightIssue[];
  loadRuntime(): Promise<GeneratorRuntime<z.output<Schema>>>;
}

export function defineGenerator<Schema extends z.ZodObject>(
  plugin: Omit<GeneratorPlugin<Schema>, 'kind'>,
): GeneratorPlugin<Schema> {
  return { kind: 'generator', ...plugin };
}
