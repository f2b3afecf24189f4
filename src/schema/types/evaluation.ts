import type { Evaluation } from '../../core/evaluations/evaluation.entity.js';
import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';
import { given } from '../given.js';
import { orNull } from '../or-null.js';
import type { PluginInputs } from '../plugin-inputs/index.js';
import type { Score } from '../shapes.js';

export function addEvaluations(kit: SchemaKit, inputs: PluginInputs): void {
  addEvaluationTypes(kit);
  addEvaluationQueries(kit);
  addEvaluate(kit, inputs);
  addEvaluationProgress(kit);
}

function addEvaluationTypes({ builder }: SchemaKit): void {
  builder.objectType('EvaluatorRun', {
    fields: (t) => ({
      id: t.exposeString('id', { description: 'The id of its plugin.' }),
      config: t.field({
        type: 'JSON',
        description: 'Every key with its value, as the plugin spells them.',
        resolve: ({ config }) => config,
      }),
    }),
  });
  builder.objectType('Score', {
    description: 'A headline score of the synthetic rows; `evaluatorTypes` says what it means.',
    fields: (t) => ({
      evaluator: t.exposeString('evaluator'),
      metric: t.exposeString('metric'),
      value: t.float({
        nullable: true,
        description: 'Null where it could not be computed; the report says why.',
        resolve: ({ value }) => value,
      }),
    }),
  });
  builder.objectType('Evaluation', {
    description: 'Synthetic rows held against the real ones, and against rows that were kept from training.',
    interfaces: ['Node', 'LongWork'],
    fields: (t) => ({
      generatorId: t.exposeID('generatorId'),
      generator: t.field({
        type: 'Generator',
        nullable: true,
        resolve: ({ generatorId }, _args, { loaders }) => loaders.generators.load(generatorId),
      }),
      datasetId: t.exposeID('datasetId'),
      dataset: t.field({
        type: 'Dataset',
        nullable: true,
        resolve: ({ datasetId }, _args, { loaders }) => loaders.datasets.load(datasetId),
      }),
      evaluators: t.field({ type: ['EvaluatorRun'], resolve: ({ evaluators }) => evaluators }),
      targetColumn: t.string({ nullable: true, resolve: ({ targetColumn }) => targetColumn }),
      sensitiveColumns: t.stringList({ resolve: ({ sensitiveColumns }) => sensitiveColumns }),
      seed: t.field({ type: 'SafeInt', resolve: ({ seed }) => seed }),
      scores: t.field({
        type: ['Score'],
        nullable: true,
        description: 'Null until it is completed.',
        resolve: ({ scores }) => scores && scoreList(scores),
      }),
      report: t.field({
        type: 'JSON',
        nullable: true,
        description: 'The whole report, as REST gives it; null until it is completed.',
        resolve: ({ id, ownerId, job }, _args, { services }) =>
          job.status === 'completed' ? services.evaluations.report(ownerId, id) : null,
      }),
      reportUrl: t.string({
        nullable: true,
        description: 'The report as a page: a path on this server, which asks for the same `Authorization` header.',
        resolve: ({ id, job }) => (job.status === 'completed' ? `/evaluations/${id}/report` : null),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
      completedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ job }) => job.completedAt }),
    }),
  });
}

/** Stored as `evaluator.metric`; neither id has a dot. */
function scoreList(scores: NonNullable<Evaluation['scores']>): Score[] {
  return Object.entries(scores).map(([name, value]) => {
    const [evaluator, metric] = name.split('.') as [string, string];
    return { evaluator, metric, value };
  });
}

function addEvaluationQueries({ builder, enums }: SchemaKit): void {
  const EvaluationConnection = addConnection(builder, 'Evaluation');
  const EvaluationFilter = builder.inputType('EvaluationFilter', {
    fields: (t) => ({ generatorId: t.id(), datasetId: t.id(), status: t.field({ type: enums.jobStatus }) }),
  });
  builder.queryFields((t) => ({
    evaluation: t.field({
      type: 'Evaluation',
      nullable: true,
      policy: 'read',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => orNull(context.services.evaluations.get(callerOf(context).userId, id)),
    }),
    evaluations: t.field({
      type: EvaluationConnection,
      policy: 'read',
      description: 'The newest first.',
      args: { ...connectionArguments(builder), filter: t.arg({ type: EvaluationFilter }) },
      resolve: async (_root, { filter, ...page }, context) => {
        const { evaluations } = context.services;
        const found = await evaluations.list(callerOf(context).userId, given(filter), pageRequest(page));
        return toConnection(found, (evaluation) => evaluations.cursor(evaluation), page);
      },
    }),
  }));
}

function addEvaluate({ builder }: SchemaKit, { evaluatorConfig }: PluginInputs): void {
  const evaluated = addResult(builder, 'EvaluateResult', {
    success: ['Evaluation'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'LimitError', 'UnavailableError'],
  });
  const EvaluateInput = builder.inputType('EvaluateInput', {
    fields: (t) => ({
      generatorId: t.id({ required: true }),
      datasetId: t.id({ description: 'The dataset that the generator learned from; any other is refused.' }),
      evaluators: t.field({
        type: [evaluatorConfig.type],
        description: 'All of them, with their defaults, when left out.',
      }),
      targetColumn: t.string({ description: 'The column that a model trained on the rows would predict.' }),
      sensitiveColumns: t.stringList({ description: 'Columns that nobody should learn about a person.' }),
      seed: t.int(),
    }),
  });
  builder.mutationField('evaluate', (t) =>
    t.field({
      type: evaluated.type,
      policy: 'generate',
      creates: true,
      description: 'Answers at once; watch `evaluationProgress`.',
      args: { input: t.arg({ type: EvaluateInput, required: true }) },
      resolve: (_root, { input: { generatorId, evaluators, ...input } }, context) => {
        const chosen = evaluators?.map((evaluator) => evaluatorConfig.choose(evaluator));
        return evaluated.of(
          () =>
            context.services.evaluations.run(callerOf(context).userId, {
              generatorId,
              ...given(input),
              ...(chosen !== undefined && { evaluators: chosen }),
            }),
          // `evaluators.0.config.bins` of the service is `evaluators.0.fidelity.bins` here.
          (error) =>
            renameFields(error, ([list, index, , ...path]) => [
              list!,
              index!,
              chosen?.[Number(index)]?.member ?? 'config',
              ...path,
            ]),
        );
      },
    }),
  );
}

function addEvaluationProgress({ builder }: SchemaKit): void {
  builder.objectType('EvaluationProgress', {
    interfaces: ['LongWork'],
    fields: (t) => ({
      evaluationId: t.id({ resolve: ({ job }) => job.subjectId }),
      evaluation: t.field({
        type: 'Evaluation',
        resolve: ({ job }, _args, { services }) => services.evaluations.get(job.ownerId, job.subjectId),
      }),
      timestamp: t.field({ type: 'DateTime', resolve: ({ job }) => job.updatedAt }),
    }),
  });
  builder.subscriptionField('evaluationProgress', (t) =>
    t.field({
      type: 'EvaluationProgress',
      policy: 'read',
      description: 'The state as it is now, then each change, ten a second at most; ends with the final one.',
      args: { evaluationId: t.arg.id({ required: true }) },
      subscribe: async (_root, { evaluationId }, context) => {
        const { evaluations, jobs } = context.services;
        const { jobId } = await evaluations.get(callerOf(context).userId, evaluationId);
        return jobs.watch(jobId, context.signal);
      },
      resolve: (job) => ({ job }),
    }),
  );
}
