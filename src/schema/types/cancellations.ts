import { Generator } from '../../core/generators/generator.entity.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { addResult } from '../errors/result-union.js';

/** Work that has begun is asked to stop, and says `CANCELLED` a little later. */
export function addCancellations({ builder }: SchemaKit): void {
  const cancelled = addResult(builder, 'CancelResult', {
    success: ['Generator', 'Evaluation'],
    errors: ['NotFoundError', 'ConflictError', 'UnavailableError'],
    typeOf: (value) => (value instanceof Generator ? 'Generator' : 'Evaluation'),
  });
  const description = 'Work that has begun is asked to stop, and is `CANCELLED` within seconds.';
  builder.mutationFields((t) => ({
    cancelGeneration: t.field({
      type: cancelled.type,
      policy: 'generate',
      description,
      args: { id: t.arg.id({ required: true, description: 'Of the generator.' }) },
      resolve: (_root, { id }, context) =>
        cancelled.of(() => context.services.generators.cancel(callerOf(context).userId, id)),
    }),
    cancelEvaluation: t.field({
      type: cancelled.type,
      policy: 'generate',
      description,
      args: { id: t.arg.id({ required: true, description: 'Of the evaluation.' }) },
      resolve: (_root, { id }, context) =>
        cancelled.of(() => context.services.evaluations.cancel(callerOf(context).userId, id)),
    }),
  }));
}
