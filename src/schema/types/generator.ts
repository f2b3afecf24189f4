import { TERMINAL_STATUSES } from '../../core/jobs/job.entity.js';
import type { Condition } from '../../core/plugin-api/index.js';
import { NO_DATASET } from '../../core/generators/generator.entity.js';
import { type ConditionInput, MOST_LISTED_VALUES } from '../../core/generators/conditions.js';
import { type DistributionInput, type Margin, MOST_COMBINATIONS } from '../../core/generators/distribution.js';
import { DEFAULT_ROWS, MAXIMUM_ROWS, MINIMUM_ROWS } from '../../core/generators/generator.service.js';
import { invalid } from '../../core/errors/index.js';
import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { callerOf } from '../context.js';
import { addEnum, type SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';
import { given } from '../given.js';
import { orNull } from '../or-null.js';
import type { PluginInputs } from '../plugin-inputs/index.js';
import { namedValues } from './long-work.js';
import { rowPage } from './rows.js';

type GenerationKind = 'generate' | 'sample' | 'impute';

export function addGenerators(kit: SchemaKit, inputs: PluginInputs): void {
  addGeneratorTypes(kit);
  addGeneratorQueries(kit);
  addGeneratorMutations(kit, inputs);
  addGenerationProgress(kit);
}

function addGeneratorTypes({ builder }: SchemaKit): void {
  builder.objectType('PreflightWarning', {
    description: 'Something worth telling that was found before the run, though nothing that forbids it.',
    fields: (t) => ({
      code: t.exposeString('code'),
      message: t.exposeString('message'),
      column: t.string({ nullable: true, resolve: ({ column }) => column }),
    }),
  });
  builder.objectType('PrivacySpent', {
    description: 'What the run cost in differential privacy; the unit is one row.',
    fields: (t) => ({ epsilon: t.exposeFloat('epsilon'), delta: t.exposeFloat('delta') }),
  });
  builder.objectType('PrivacyLedgerEntry', {
    description: 'A mechanism that read the rows, and what it cost.',
    fields: (t) => ({
      mechanism: t.exposeString('mechanism'),
      reads: t.exposeString('reads'),
      epsilon: t.exposeFloat('epsilon'),
      delta: t.exposeFloat('delta'),
    }),
  });
  const kind = addEnum<GenerationKind>(builder, 'GenerationKind', 'What a run does.', {
    generate: 'Trains a model and draws rows from it.',
    sample: 'Draws rows from the model of an earlier run.',
    impute: 'Fills the gaps of its dataset from the model of an earlier run.',
  });
  builder.objectType('Generator', {
    description:
      'A run: a model is trained on a dataset, or taken from an earlier run, and synthetic rows are drawn from it.',
    interfaces: ['Node', 'LongWork'],
    fields: (t) => ({
      generatorType: t.exposeString('generatorType', { description: 'The id of its plugin.' }),
      name: t.exposeString('name', { nullable: true }),
      rowCount: t.exposeInt('numRows', { description: 'Synthetic rows asked for.' }),
      seed: t.field({ type: 'SafeInt', resolve: ({ seed }) => seed }),
      config: t.field({
        type: 'JSON',
        description: 'Every key with its value, as the plugin spells them.',
        resolve: ({ config }) => config,
      }),
      conditions: t.field({ type: 'JSON', resolve: ({ conditions }) => conditions satisfies readonly Condition[] }),
      distribution: t.field({
        type: 'JSON',
        nullable: true,
        description: 'The shares that were asked for: a list of columns, each with its `shares`.',
        resolve: ({ option }) => option?.distribution?.map(fromMargin),
      }),
      kind: t.field({ type: kind, resolve: ({ job }) => job.kind as GenerationKind }),
      baseModelId: t.id({
        nullable: true,
        description: 'The model that training went on from.',
        resolve: ({ option }) => option?.baseModelId,
      }),
      warnings: t.field({ type: ['PreflightWarning'], resolve: ({ warnings }) => warnings }),
      holdoutFraction: t.exposeFloat('holdoutFraction', {
        description: 'Share of the rows that training never sees, for the evaluators.',
      }),
      metrics: t.field({
        type: ['NamedValue'],
        description: 'Of the run while it goes on, of the trained model afterwards.',
        resolve: ({ job, model }) =>
          namedValues(TERMINAL_STATUSES.has(job.status) ? (model?.summary.metrics ?? job.metrics) : job.metrics),
      }),
      privacy: t.field({
        type: 'PrivacySpent',
        nullable: true,
        description: 'Null for a generator that makes no claim, and until training has ended.',
        resolve: ({ model }) => model?.summary.privacySpent,
      }),
      privacyLedger: t.field({
        type: ['PrivacyLedgerEntry'],
        description: 'Each mechanism that read the rows: they add up to `privacy`.',
        resolve: ({ model }) => model?.summary.privacyLedger ?? [],
      }),
      privacyCaveats: t.stringList({
        description: 'Why the claim may not hold, in plain words.',
        resolve: ({ model }) => [...(model?.summary.privacyCaveats ?? [])],
      }),
      trainingHistory: t.field({
        type: 'JSON',
        description: 'Losses and the like by epoch, once training has ended.',
        resolve: ({ model }) => model?.summary.history ?? {},
      }),
      datasetId: t.id({
        nullable: true,
        description: 'Null for an imported model whose table is not yours.',
        resolve: ({ datasetId }) => (datasetId === NO_DATASET ? null : datasetId),
      }),
      dataset: t.field({
        type: 'Dataset',
        nullable: true,
        description: 'The table that it learns from; null when that was deleted.',
        resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.load(datasetId),
      }),
      outputDatasetId: t.id({ nullable: true, resolve: ({ outputDatasetId }) => outputDatasetId }),
      outputDataset: t.field({
        type: 'Dataset',
        nullable: true,
        description: 'The synthetic rows, once there are any.',
        resolve: ({ outputDatasetId }, _args, { loaders }) =>
          outputDatasetId === null ? null : loaders.datasets.load(outputDatasetId),
      }),
      rows: t.field({
        type: 'RowConnection',
        nullable: true,
        description: 'A preview of the synthetic rows; null until there are any.',
        args: connectionArguments(builder),
        resolve: async ({ outputDatasetId }, page, context) => {
          const dataset = outputDatasetId === null ? null : await context.loaders.datasets.load(outputDatasetId);
          return dataset === null ? null : rowPage(dataset, page, context);
        },
      }),
      downloadUrl: t.string({
        nullable: true,
        description:
          'The synthetic rows as a file: a path on this server, which asks for the same `Authorization` header.',
        resolve: ({ id, outputDatasetId }) => (outputDatasetId === null ? null : `/generators/${id}/download`),
      }),
      modelUrl: t.string({
        nullable: true,
        description:
          'The trained model as a file for `importModel`: a path on this server, which asks for the same `Authorization` header. Null until training has ended.',
        resolve: ({ id, modelId }) => (modelId === null ? null : `/generators/${id}/model`),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
      completedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ job }) => job.completedAt }),
    }),
  });
}

function addGeneratorQueries({ builder, enums }: SchemaKit): void {
  const GeneratorConnection = addConnection(builder, 'Generator');
  const GeneratorFilter = builder.inputType('GeneratorFilter', {
    fields: (t) => ({
      datasetId: t.id(),
      status: t.field({ type: enums.jobStatus }),
      generatorType: t.string({ description: 'The id of a plugin.' }),
    }),
  });
  builder.queryFields((t) => ({
    generator: t.field({
      type: 'Generator',
      nullable: true,
      policy: 'read',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => orNull(context.services.generators.get(callerOf(context).userId, id)),
    }),
    generators: t.field({
      type: GeneratorConnection,
      policy: 'read',
      description: 'The newest first.',
      args: { ...connectionArguments(builder), filter: t.arg({ type: GeneratorFilter }) },
      resolve: async (_root, { filter, ...page }, context) => {
        const { generators } = context.services;
        const found = await generators.list(callerOf(context).userId, given(filter), pageRequest(page));
        return toConnection(found, (generator) => generators.cursor(generator), page);
      },
    }),
  }));
}

function addGeneratorMutations({ builder }: SchemaKit, { generatorConfig }: PluginInputs): void {
  const generated = addResult(builder, 'GenerateResult', {
    success: ['Generator'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'LimitError', 'UnavailableError'],
  });
  const sampled = addResult(builder, 'SampleResult', {
    success: ['Generator'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'LimitError', 'UnavailableError'],
  });
  const imputed = addResult(builder, 'ImputeResult', {
    success: ['Generator'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'LimitError', 'UnavailableError'],
  });
  const ConditionInputType = builder.inputType('ConditionInput', {
    description:
      'Holds a column at one value or at one of several, or a number or time within bounds. Every row will meet it.',
    fields: (t) => ({
      column: t.string({ required: true }),
      value: t.field({ type: 'Cell', description: 'Null stands for a missing value. Not together with bounds.' }),
      values: t.field({
        type: t.listRef('Cell', { required: false }),
        description: `Up to ${MOST_LISTED_VALUES} of which each row holds one, as often as the model has it: instead of \`value\`, of generators with \`conditionLists\`.`,
      }),
      min: t.field({ type: 'Cell', description: 'Inclusive: a number, or a time in ISO 8601.' }),
      max: t.field({ type: 'Cell', description: 'Inclusive: a number, or a time in ISO 8601.' }),
    }),
  });
  const ShareInputType = builder.inputType('ShareInput', {
    fields: (t) => ({
      value: t.field({ type: 'Cell', description: 'Null stands for a missing value.' }),
      share: t.float({ required: true, description: '0 to 1.' }),
    }),
  });
  const DistributionInputType = builder.inputType('DistributionInput', {
    description:
      'Shares of the rows that the values of a column have, adding up to 1. Of generators that draw exactly under conditions.',
    fields: (t) => ({
      column: t.string({ required: true }),
      shares: t.field({ type: [ShareInputType], required: true }),
    }),
  });
  const rowCount = `${MINIMUM_ROWS} to ${MAXIMUM_ROWS}.`;
  const distribution = `A column, or several whose shares are met together, their values in up to ${MOST_COMBINATIONS} combinations.`;
  const seed = 'The same seed gives the same rows; drawn when left out.';
  const GenerateInput = builder.inputType('GenerateInput', {
    fields: (t) => ({
      datasetId: t.id({ required: true }),
      generator: t.field({ type: generatorConfig.type, required: true }),
      rowCount: t.int({ defaultValue: DEFAULT_ROWS, description: rowCount }),
      name: t.string(),
      seed: t.int({ description: seed }),
      conditions: t.field({ type: [ConditionInputType] }),
      distribution: t.field({ type: [DistributionInputType], description: distribution }),
      baseGeneratorId: t.id({
        description:
          'A run of yours whose model training goes on from, with the rows of this dataset, which has the same columns. The settings are those given here, whatever the base had.',
      }),
    }),
  });
  const SampleInput = builder.inputType('SampleInput', {
    fields: (t) => ({
      rowCount: t.int({ defaultValue: DEFAULT_ROWS, description: rowCount }),
      seed: t.int({ description: seed }),
      conditions: t.field({ type: [ConditionInputType] }),
      distribution: t.field({ type: [DistributionInputType], description: distribution }),
    }),
  });
  const ImputeInput = builder.inputType('ImputeInput', {
    fields: (t) => ({
      datasetId: t.id({ required: true, description: 'It has the columns that the model learned.' }),
      name: t.string({ description: 'Of the filled dataset.' }),
      seed: t.int({ description: seed }),
    }),
  });
  builder.mutationFields((t) => ({
    generate: t.field({
      type: generated.type,
      policy: 'generate',
      creates: true,
      description:
        'Trains a generator on a dataset, then draws rows from it. Answers at once; watch `generationProgress`.',
      args: { input: t.arg({ type: GenerateInput, required: true }) },
      resolve: (_root, { input: { datasetId, generator, baseGeneratorId, ...input } }, context) => {
        const chosen = generatorConfig.choose(generator);
        return generated.of(
          () =>
            context.services.generators.generate(callerOf(context).userId, {
              datasetId,
              generatorType: chosen.id,
              config: chosen.config,
              ...toSample(input),
              ...(input.name != null && { name: input.name }),
              ...(baseGeneratorId != null && { baseGeneratorId }),
            }),
          (error) => renameFields(error, ([, ...path]) => ['generator', chosen.member, ...path]),
        );
      },
    }),
    sample: t.field({
      type: sampled.type,
      policy: 'generate',
      creates: true,
      description: 'More rows from a trained model: a run of its own, without training and without new privacy cost.',
      args: { generatorId: t.arg.id({ required: true }), input: t.arg({ type: SampleInput, required: true }) },
      resolve: (_root, { generatorId, input }, context) =>
        sampled.of(
          () => context.services.generators.sample(callerOf(context).userId, generatorId, toSample(input)),
          renameFields,
        ),
    }),
    impute: t.field({
      type: imputed.type,
      policy: 'generate',
      creates: true,
      description:
        'Fills the gaps of a dataset from a trained model: a run whose output is the dataset with each gap drawn given the other cells of its row. Cells that are there stay as they are.',
      args: { generatorId: t.arg.id({ required: true }), input: t.arg({ type: ImputeInput, required: true }) },
      resolve: (_root, { generatorId, input }, context) =>
        imputed.of(
          () =>
            context.services.generators.impute(callerOf(context).userId, generatorId, {
              datasetId: input.datasetId,
              name: input.name ?? null,
              seed: input.seed ?? null,
            }),
          renameFields,
        ),
    }),
  }));
}

function addGenerationProgress({ builder }: SchemaKit): void {
  builder.objectType('GenerationProgress', {
    interfaces: ['LongWork'],
    fields: (t) => ({
      generatorId: t.id({ resolve: ({ job }) => job.subjectId }),
      generator: t.field({
        type: 'Generator',
        nullable: true,
        resolve: ({ job }, _args, { loaders }) => loaders.generators.load(job.subjectId),
      }),
      timestamp: t.field({ type: 'DateTime', resolve: ({ job }) => job.updatedAt }),
    }),
  });
  builder.subscriptionField('generationProgress', (t) =>
    t.field({
      type: 'GenerationProgress',
      policy: 'read',
      description: 'The state as it is now, then each change, ten a second at most; ends with the final one.',
      args: { generatorId: t.arg.id({ required: true }) },
      subscribe: async (_root, { generatorId }, context) => {
        const { generators, jobs } = context.services;
        const { jobId } = await generators.get(callerOf(context).userId, generatorId);
        return jobs.watch(jobId, context.signal);
      },
      resolve: (job) => ({ job }),
    }),
  );
}

interface SampleArguments {
  readonly rowCount?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly conditions?: readonly ConditionArgument[] | null | undefined;
  readonly distribution?: readonly DistributionArgument[] | null | undefined;
}

interface DistributionArgument {
  readonly column: string;
  readonly shares: readonly { readonly value?: ConditionArgument['value']; readonly share: number }[];
}

interface ConditionArgument {
  readonly column: string;
  readonly value?: string | number | boolean | null | undefined;
  readonly values?: readonly (string | number | boolean | null | undefined)[] | null | undefined;
  readonly min?: string | number | boolean | null | undefined;
  readonly max?: string | number | boolean | null | undefined;
}

function toSample({ rowCount, seed, conditions, distribution }: SampleArguments) {
  return {
    ...(rowCount != null && { numRows: rowCount }),
    ...(seed != null && { seed }),
    ...(conditions != null && { conditions: conditions.map(toCondition) }),
    ...(distribution != null && { distribution: distribution.map(toDistribution) }),
  };
}

function toDistribution({ column, shares }: DistributionArgument): DistributionInput {
  return { column, shares: shares.map(({ value, share }) => ({ value: value ?? null, share })) };
}

function fromMargin({ column, groups }: Margin) {
  return { column, shares: groups.map(({ condition, share }) => ({ value: condition.value, share })) };
}

function toCondition({ column, value, values, ...bounds }: ConditionArgument): ConditionInput {
  const range = given(bounds) as { min?: string | number; max?: string | number };
  const list = values?.map((listed) => listed ?? null);
  const ways = [value, list, Object.keys(range).length === 0 ? undefined : range].filter((way) => way !== undefined);
  if (ways.length < 2) return { column, value: ways.length === 0 ? range : ways[0]! };
  const message = 'Give a value, a list of values or bounds, and one of these only';
  throw invalid({ field: `conditions.${column}`, message, code: 'invalid_choice' });
}
