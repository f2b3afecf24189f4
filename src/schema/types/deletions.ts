import { callerOf, type RequestContext } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { addResult } from '../errors/result-union.js';

/** One union for all kinds of thing that can be deleted. */
export function addDeletions({ builder }: SchemaKit): void {
  builder.objectType('Deleted', {
    description: 'It is gone.',
    fields: (t) => ({ id: t.exposeID('id') }),
  });
  const deleted = addResult(builder, 'DeleteResult', {
    success: ['Deleted'],
    errors: ['NotFoundError', 'ConflictError', 'UnavailableError'],
  });
  type Kind = 'datasets' | 'generators' | 'evaluations' | 'apiKeys' | 'webhooks';
  const remove = (kind: Kind, id: string, context: RequestContext) =>
    deleted.of(async () => {
      await context.services[kind].delete(callerOf(context).userId, id);
      return { id };
    });
  builder.mutationFields((t) => ({
    deleteDataset: t.field({
      type: deleted.type,
      policy: 'write',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => remove('datasets', id, context),
    }),
    deleteGenerator: t.field({
      type: deleted.type,
      policy: 'write',
      description: 'Its synthetic rows stay, as a dataset of their own.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => remove('generators', id, context),
    }),
    deleteEvaluation: t.field({
      type: deleted.type,
      policy: 'write',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => remove('evaluations', id, context),
    }),
    deleteApiKey: t.field({
      type: deleted.type,
      policy: 'user',
      description: 'Requests that carry it are refused from now on.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => remove('apiKeys', id, context),
    }),
    deleteWebhook: t.field({
      type: deleted.type,
      policy: 'write',
      description: 'With its deliveries and their log.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => remove('webhooks', id, context),
    }),
  }));
}
