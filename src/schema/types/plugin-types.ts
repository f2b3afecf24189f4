import type { RecommendedPurpose } from '../../core/plugin-api/index.js';
import { configJsonSchema } from '../../core/plugin-host/index.js';
import { addEnum, type SchemaKit } from '../enums.js';
import { namedValues } from './long-work.js';
import { memberName } from '../plugin-inputs/one-of-plugins.js';

/** What the loaded plugins say of themselves. */
export function addPluginTypes(kit: SchemaKit): void {
  addGeneratorType(kit);
  addEvaluatorType(kit);
  const { builder } = kit;
  builder.objectType('PluginPackage', {
    fields: (t) => ({ name: t.exposeString('name'), version: t.exposeString('version') }),
  });
  builder.queryFields((t) => ({
    generatorTypes: t.field({
      type: ['GeneratorType'],
      policy: 'read',
      description: 'The generators that are loaded, those that are recommended first.',
      resolve: (_root, _args, { services }) => services.plugins.generators,
    }),
    evaluatorTypes: t.field({
      type: ['EvaluatorType'],
      policy: 'read',
      description: 'The evaluators that are loaded.',
      resolve: (_root, _args, { services }) => services.plugins.evaluators,
    }),
  }));
}

function addGeneratorType({ builder, enums }: SchemaKit): void {
  const conditionalSampling = addEnum<'none' | 'biased' | 'exact'>(
    builder,
    'ConditionalSampling',
    'What becomes of conditions.',
    {
      none: 'They are refused.',
      biased: 'Every row meets them; the rest of it nearly follows the model.',
      exact: 'Rows come from the model’s conditional distribution.',
    },
  );
  const accelerator = addEnum<'none' | 'optional' | 'required'>(builder, 'Accelerator', 'Whether a GPU is of use.', {
    none: undefined,
    optional: undefined,
    required: undefined,
  });
  builder.objectType('GeneratorCapabilities', {
    fields: (t) => ({
      columnKinds: t.field({ type: [enums.columnKind], resolve: ({ columnKinds }) => columnKinds }),
      missingValues: t.exposeBoolean('missingValues'),
      conditionalSampling: t.field({ type: conditionalSampling, resolve: (able) => able.conditionalSampling }),
      differentialPrivacy: t.boolean({ resolve: ({ differentialPrivacy }) => differentialPrivacy !== null }),
      accelerator: t.field({ type: accelerator, resolve: (able) => able.accelerator }),
      imputation: t.boolean({
        description: 'Its models fill gaps: `impute`.',
        resolve: ({ imputation }) => imputation ?? false,
      }),
      continuedTraining: t.boolean({
        description: 'Training may go on from a model, with other rows: `baseGeneratorId`.',
        resolve: ({ continuedTraining }) => continuedTraining ?? false,
      }),
      conditionLists: t.boolean({
        description: 'A condition may list values.',
        resolve: ({ conditionLists }) => conditionLists ?? false,
      }),
    }),
  });
  const purpose = addEnum<RecommendedPurpose>(
    builder,
    'RecommendedPurpose',
    'What a generator is the first choice for.',
    {
      fidelity: 'Rows as close to the real ones as can be had.',
      privacy: 'A promise that bounds what can be learned of any one row.',
    },
  );
  builder.objectType('GeneratorType', {
    description: 'A generator plugin.',
    fields: (t) => ({
      id: t.exposeString('id'),
      title: t.exposeString('title'),
      description: t.exposeString('description'),
      recommendedFor: t.field({
        type: purpose,
        nullable: true,
        description: 'Such generators come first.',
        resolve: ({ recommendation }) => recommendation?.purpose,
      }),
      measuredOn: t.string({
        nullable: true,
        description: 'The table and the settings of `figures`.',
        resolve: ({ recommendation }) => recommendation?.measuredOn,
      }),
      figures: t.field({
        type: ['NamedValue'],
        description: 'What the recommendation rests on.',
        resolve: ({ recommendation }) => namedValues(recommendation?.figures ?? null),
      }),
      capabilities: t.field({ type: 'GeneratorCapabilities', resolve: ({ capabilities }) => capabilities }),
      inputMember: t.string({
        description: 'Its member of `GeneratorConfigInput`.',
        resolve: ({ id }) => memberName(id),
      }),
      configSchema: t.field({
        type: 'JSON',
        description: 'JSON Schema of its config, with descriptions and defaults; in snake case, as REST takes it.',
        resolve: (plugin) => configJsonSchema(plugin),
      }),
      defaults: t.field({ type: 'JSON', resolve: (plugin) => defaultsOf(plugin) }),
      package: t.field({ type: 'PluginPackage', resolve: (plugin) => plugin.package }),
    }),
  });
}

function addEvaluatorType({ builder }: SchemaKit): void {
  const scope = addEnum<'dataset' | 'column' | 'column-pair'>(builder, 'MetricScope', 'What one value speaks of.', {
    dataset: undefined,
    column: undefined,
    'column-pair': undefined,
  });
  const direction = addEnum<'higher' | 'lower'>(builder, 'BetterDirection', 'Which end of the range is good.', {
    higher: undefined,
    lower: undefined,
  });
  builder.objectType('Metric', {
    fields: (t) => ({
      id: t.exposeString('id'),
      title: t.exposeString('title'),
      description: t.exposeString('description'),
      scope: t.field({ type: scope, resolve: (metric) => metric.scope }),
      range: t.field({ type: 'Bounds', resolve: ({ range }) => range }),
      better: t.field({ type: direction, resolve: ({ better }) => better }),
      headline: t.boolean({
        description: 'Part of `Evaluation.scores`.',
        resolve: ({ headline }) => headline === true,
      }),
    }),
  });
  builder.objectType('EvaluatorType', {
    description: 'An evaluator plugin.',
    fields: (t) => ({
      id: t.exposeString('id'),
      title: t.exposeString('title'),
      description: t.exposeString('description'),
      metrics: t.field({ type: ['Metric'], resolve: ({ metrics }) => metrics }),
      needsHoldout: t.exposeBoolean('needsHoldout'),
      inputMember: t.string({
        description: 'Its member of `EvaluatorConfigInput`.',
        resolve: ({ id }) => memberName(id),
      }),
      configSchema: t.field({
        type: 'JSON',
        description: 'JSON Schema of its config, with descriptions and defaults; in snake case, as REST takes it.',
        resolve: (plugin) => configJsonSchema(plugin),
      }),
      defaults: t.field({ type: 'JSON', resolve: (plugin) => defaultsOf(plugin) }),
      package: t.field({ type: 'PluginPackage', resolve: (plugin) => plugin.package }),
    }),
  });
}

function defaultsOf(plugin: Parameters<typeof configJsonSchema>[0]): Record<string, unknown> {
  const { properties } = configJsonSchema(plugin);
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, schema.default]));
}
