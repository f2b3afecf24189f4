import { isoTime } from '../core/app/iso-time.js';
import { type ConditionInput, type ConditionValue, MOST_LISTED_VALUES } from '../core/generators/conditions.js';
import { type Distribution, type DistributionInput, MOST_COMBINATIONS } from '../core/generators/distribution.js';
import { type Generator, NO_DATASET } from '../core/generators/generator.entity.js';
import { DEFAULT_GENERATOR, DEFAULT_ROWS, MAXIMUM_ROWS, MINIMUM_ROWS } from '../core/generators/generator.service.js';
import { type Job, JOB_STATUSES, TERMINAL_STATUSES } from '../core/jobs/job.entity.js';
import { type Condition, RECOMMENDED_PURPOSES } from '../core/plugin-api/index.js';
import {
  anything,
  array,
  boolean,
  integer,
  map,
  nullable,
  number,
  object,
  oneOf,
  type Schema,
  type Static,
  string,
  time,
} from './json-schema.js';

export const failureView = nullable(
  object(
    {
      type: string({ description: 'A type of the error envelope, or `worker_lost`, `out_of_memory`.' }),
      detail: string(),
    },
    {},
    { title: 'JobFailure' },
  ),
);

const conditionValue = {
  type: ['string', 'number', 'boolean', 'null', 'object', 'array'],
  properties: { min: { type: ['number', 'string'] }, max: { type: ['number', 'string'] } },
  additionalProperties: false,
  items: { type: ['string', 'number', 'boolean', 'null'] },
  minItems: 1,
  maxItems: MOST_LISTED_VALUES,
  uniqueItems: true,
  description:
    'One value, null for a missing one, or bounds that are both inclusive; or a list of values of which each row holds one, as often as the model has it, of generators with `condition_lists`.',
} as Schema<ConditionValue>;

export const conditions = map(conditionValue, {
  description:
    'What the rows must meet, by column: `{"sex": "Female", "age": {"min": 30, "max": 39}, "education": ["Bachelors", "Masters"]}`.',
});
export const distribution = map(map(number({ minimum: 0, maximum: 1 })), {
  description: `Shares of the rows that the values of a column have, adding up to 1: \`{"income": {"<=50K": 0.5, ">50K": 0.5}}\`. The rest of each row follows. Those of several columns are met together, their values in up to ${MOST_COMBINATIONS} combinations. Of generators whose \`conditional_sampling\` is \`exact\`.`,
});
export const numRows = integer({ minimum: MINIMUM_ROWS, maximum: MAXIMUM_ROWS, default: DEFAULT_ROWS });
export const seed = nullable(
  integer({
    minimum: 0,
    maximum: 2 ** 32 - 1,
    description: 'The same seed, config and rows give the same rows. Absent: drawn.',
  }),
);

/** Documented as what the loaded plugins take. */
export const generatorType = string({
  default: DEFAULT_GENERATOR,
  description: 'An id of `GET /generators/types`.',
});
export const generatorConfig = {
  type: 'object',
  description: 'Of the generator type; absent keys have its defaults.',
} as Schema<Readonly<Record<string, unknown>>>;

export const generateBody = object(
  {},
  {
    generator_type: generatorType,
    num_rows: numRows,
    name: nullable(string({ maxLength: 200 })),
    seed,
    config: generatorConfig,
    conditions,
    distribution,
    base_generator_id: string({
      description:
        'A run of yours whose model training goes on from, with the rows of this dataset, which has the same columns. Keys that `config` leaves out are those of that model.',
    }),
  },
);

const warningView = object({ code: string(), message: string(), column: nullable(string()) });

export const sampleBody = object({}, { num_rows: numRows, seed, conditions, distribution });

export const imputeBody = object(
  { dataset_id: string({ description: 'A dataset of yours that has the columns that the model learned.' }) },
  { name: nullable(string({ maxLength: 200, description: 'Of the filled dataset.' })), seed },
);

export const acceptedView = object(
  {
    generator_id: string(),
    id: string({ description: 'The same as `generator_id`.' }),
    job_id: string(),
    status: oneOf(['pending']),
    generator_type: string(),
    num_rows: integer(),
    dataset_id: nullable(string()),
    seed: integer(),
    warnings: array(warningView),
    message: string(),
    created_at: time(),
  },
  {},
  { title: 'AcceptedGeneration' },
);

export const progressParts = {
  status: oneOf(JOB_STATUSES),
  progress: number({ description: 'Percent over all phases, 0 to 100.' }),
  phase: nullable(oneOf(['prepare', 'train', 'sample', 'evaluate'])),
  epoch: nullable(integer()),
  epochs: nullable(integer()),
  eta_seconds: nullable(number()),
};

const metricsView = nullable(map(number(), { description: 'Losses and the like, by name.' }));

export const generatorView = object(
  {
    id: string(),
    name: nullable(string()),
    dataset_id: nullable(string({ description: 'Null for an imported model whose table is not yours.' })),
    generator_type: string(),
    ...progressParts,
    metrics: metricsView,
    num_rows: integer(),
    output_dataset_id: nullable(string({ description: 'The synthetic rows, as a dataset.' })),
    privacy: nullable(object({ epsilon: number(), delta: number() })),
    privacy_ledger: array(object({ mechanism: string(), reads: string(), epsilon: number(), delta: number() }), {
      description: 'Each mechanism that read the rows, and what it cost.',
    }),
    privacy_caveats: array(string(), { description: 'Why the claim may not hold, in plain words.' }),
    training_history: map(array(number()), { description: 'Losses and the like by epoch, once training has ended.' }),
    error: failureView,
    seed: integer(),
    config: { type: 'object', additionalProperties: true } as Schema<Readonly<Record<string, unknown>>>,
    conditions: map(anything()),
    distribution: nullable(map(map(number()))),
    kind: oneOf(['generate', 'sample', 'impute'], {
      description: 'Trained and sampled, sampled from a model, or filled the gaps of `dataset_id`.',
    }),
    base_model_id: nullable(string({ description: 'The model that training went on from.' })),
    warnings: array(warningView),
    job_id: string(),
    model_id: nullable(string({ description: 'Shared by the runs that sampled from one training.' })),
    created_at: time(),
    updated_at: time(),
    completed_at: nullable(time()),
  },
  {},
  { title: 'Generator' },
);

export const generatorTypeView = object(
  {
    id: string(),
    title: string(),
    description: string(),
    capabilities: object({
      column_kinds: array(string()),
      missing_values: boolean(),
      conditional_sampling: oneOf(['none', 'biased', 'exact']),
      differential_privacy: nullable(
        object({
          mechanism: oneOf(['dp-sgd', 'noisy-statistics']),
          unit: oneOf(['row']),
          covered_stages: array(oneOf(['encoding', 'sampling', 'training'])),
        }),
      ),
      accelerator: oneOf(['none', 'optional', 'required']),
      imputation: boolean({ description: 'Its models fill gaps.' }),
      continued_training: boolean({ description: 'Training may go on from a model, with other rows.' }),
      condition_lists: boolean({ description: 'A condition may list values.' }),
    }),
    recommended_for: nullable(
      oneOf(RECOMMENDED_PURPOSES, { description: 'What it is the first choice for; such generators come first.' }),
    ),
    measured: nullable(
      object({
        on: string({ description: 'The table and the settings of the figures.' }),
        figures: map(number(), { description: 'By name, its unit at the end where it has one.' }),
      }),
    ),
    config_schema: anything({ type: 'object', additionalProperties: true, description: 'JSON Schema of `config`.' }),
  },
  {},
  { title: 'GeneratorType' },
);

export function toAccepted(generator: Generator): Static<typeof acceptedView> {
  return {
    generator_id: generator.id,
    id: generator.id,
    job_id: generator.jobId,
    // What was accepted: a worker may have begun since.
    status: 'pending',
    generator_type: generator.generatorType,
    num_rows: generator.numRows,
    dataset_id: datasetIdOf(generator),
    seed: generator.seed,
    warnings: generator.warnings.map(toWarning),
    message: `Generation accepted: follow it at /generators/${generator.id}`,
    created_at: isoTime(generator.createdAt),
  };
}

export function toGenerator(generator: Generator): Static<typeof generatorView> {
  const { job, model } = generator;
  return {
    id: generator.id,
    name: generator.name,
    dataset_id: datasetIdOf(generator),
    generator_type: generator.generatorType,
    ...toProgress(job),
    metrics: TERMINAL_STATUSES.has(job.status) ? (model?.summary.metrics ?? job.metrics) : job.metrics,
    num_rows: generator.numRows,
    output_dataset_id: generator.outputDatasetId,
    privacy: model?.summary.privacySpent ?? null,
    privacy_ledger: [...(model?.summary.privacyLedger ?? [])],
    privacy_caveats: [...(model?.summary.privacyCaveats ?? [])],
    training_history: copyHistory(model?.summary.history),
    error: job.error,
    seed: generator.seed,
    config: generator.config,
    conditions: Object.fromEntries(
      generator.conditions.map((condition) => [condition.column, fromCondition(condition)]),
    ),
    distribution: fromDistribution(generator.option?.distribution ?? null),
    kind: job.kind as 'generate' | 'sample' | 'impute',
    base_model_id: generator.option?.baseModelId ?? null,
    warnings: generator.warnings.map(toWarning),
    job_id: generator.jobId,
    model_id: generator.modelId,
    created_at: isoTime(generator.createdAt),
    updated_at: isoTime(latest(generator.updatedAt, job.updatedAt)),
    completed_at: job.completedAt ? isoTime(job.completedAt) : null,
  };
}

function datasetIdOf({ datasetId }: Generator): string | null {
  return datasetId === NO_DATASET ? null : datasetId;
}

function copyHistory(history: Readonly<Record<string, readonly number[]>> = {}): Record<string, number[]> {
  return Object.fromEntries(Object.entries(history).map(([name, values]) => [name, [...values]]));
}

export function toProgress(job: Job) {
  return {
    status: job.status,
    progress: Math.round(job.progress * 10_000) / 100,
    phase: job.phase,
    epoch: job.epoch,
    epochs: job.epochs,
    eta_seconds: job.etaSeconds,
  };
}

export function toConditionInputs(given: Readonly<Record<string, ConditionValue>> = {}): ConditionInput[] {
  return Object.entries(given).map(([column, value]) => ({ column, value }));
}

function fromCondition(condition: Condition): unknown {
  if ('value' in condition) return condition.value;
  if ('values' in condition) return condition.values;
  const { minimum: min, maximum: max } = condition;
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

export function toDistributionInputs(
  given: Readonly<Record<string, Readonly<Record<string, number>>>> = {},
): DistributionInput[] {
  return Object.entries(given).map(([column, shares]) => {
    return { column, shares: Object.entries(shares).map(([value, share]) => ({ value, share })) };
  });
}

function fromDistribution(given: Distribution | null): Record<string, Record<string, number>> | null {
  if (given === null) return null;
  return Object.fromEntries(
    given.map(({ column, groups }) => [
      column,
      Object.fromEntries(groups.map(({ condition, share }) => [String(condition.value), share])),
    ]),
  );
}

function toWarning({ code, message, column }: Generator['warnings'][number]) {
  return { code, message, column: column ?? null };
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}
