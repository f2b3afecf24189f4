import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { expectedError } from '../errors/expected-error.js';
import { renameFields } from '../errors/field-names.js';

/** Evaluations side by side. */
export function addComparison(kit: SchemaKit): void {
  addComparedTypes(kit);
  kit.builder.queryField('compareEvaluations', (t) =>
    t.field({
      type: 'EvaluationComparison',
      policy: 'read',
      description: 'Two to five completed evaluations side by side, in the order given.',
      args: { ids: t.arg.idList({ required: true }) },
      resolve: async (_root, { ids }, context) => {
        try {
          return await context.services.comparisons.compare(callerOf(context).userId, ids);
        } catch (error) {
          const known = expectedError(error);
          throw known === undefined ? error : renameFields(known);
        }
      },
    }),
  );
}

function addComparedTypes({ builder }: SchemaKit): void {
  builder.objectType('ComparedEvaluation', {
    fields: (t) => ({
      id: t.exposeID('id'),
      evaluation: t.field({
        type: 'Evaluation',
        resolve: ({ id }, _args, context) => context.services.evaluations.get(callerOf(context).userId, id),
      }),
      generatorType: t.string({ resolve: ({ generator }) => generator.type }),
      config: t.field({ type: 'JSON', resolve: ({ generator }) => generator.config }),
      privacySpent: t.field({
        type: 'PrivacySpent',
        nullable: true,
        description: 'Null: the generator claims no differential privacy.',
        resolve: ({ privacySpent }) => privacySpent,
      }),
      trainingSeconds: t.float({
        nullable: true,
        description: 'Of the run that trained the model, its first rows included; null when it was deleted.',
        resolve: ({ trainingSeconds }) => trainingSeconds,
      }),
    }),
  });
  builder.objectType('ComparedValue', {
    description: 'A score of the synthetic rows of one evaluation, with the same of both controls.',
    fields: (t) => ({
      evaluationId: t.exposeID('evaluationId'),
      value: t.float({ nullable: true, resolve: ({ value }) => value }),
      reason: t.string({ nullable: true, description: 'Why there is no value.', resolve: ({ reason }) => reason }),
      interval: t.field({
        type: 'Bounds',
        nullable: true,
        description: '95 %; null where the evaluator knows none.',
        resolve: ({ interval }) => interval,
      }),
      independent: t.float({ nullable: true, resolve: ({ independent }) => independent }),
      holdout: t.float({ nullable: true, resolve: ({ holdout }) => holdout }),
    }),
  });
  builder.objectType('ComparedScore', {
    fields: (t) => ({
      metric: t.field({ type: 'Metric', resolve: ({ metric }) => metric }),
      values: t.field({ type: ['ComparedValue'], resolve: ({ values }) => values }),
      best: t.idList({
        description: 'Evaluations than which none is better: several where intervals meet or values are equal.',
        resolve: ({ best }) => [...best],
      }),
    }),
  });
  builder.objectType('ComparedEvaluator', {
    fields: (t) => ({
      id: t.exposeString('id'),
      title: t.exposeString('title'),
      incomparable: t.string({
        nullable: true,
        description: 'Why none of its scores is called better than another.',
        resolve: ({ incomparable }) => incomparable,
      }),
      scores: t.field({ type: ['ComparedScore'], resolve: ({ scores }) => scores }),
    }),
  });
  builder.objectType('EvaluationComparison', {
    fields: (t) => ({
      evaluations: t.field({ type: ['ComparedEvaluation'], resolve: ({ evaluations }) => evaluations }),
      evaluators: t.field({ type: ['ComparedEvaluator'], resolve: ({ evaluators }) => evaluators }),
      notes: t.stringList({ resolve: ({ notes }) => [...notes] }),
    }),
  });
}
