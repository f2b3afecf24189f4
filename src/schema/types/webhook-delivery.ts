import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { addResult } from '../errors/result-union.js';

export function addWebhookDeliveries(kit: SchemaKit): void {
  addDeliveryTypes(kit);
  addSending(kit);
}

function addDeliveryTypes({ builder, enums }: SchemaKit): void {
  builder.objectType('DeliveryAttempt', {
    description: 'One try of a delivery.',
    fields: (t) => ({
      number: t.exposeInt('number'),
      at: t.field({ type: 'DateTime', resolve: ({ at }) => new Date(at) }),
      statusCode: t.exposeInt('statusCode', { nullable: true, description: 'Null where there was no answer.' }),
      durationMs: t.exposeInt('duration'),
      error: t.exposeString('error', { nullable: true, description: 'Why it counts as failed.' }),
      excerpt: t.exposeString('excerpt', { nullable: true, description: 'The beginning of the answer.' }),
    }),
  });
  builder.objectType('WebhookDelivery', {
    description: 'One message to one webhook, with the log of its tries.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Sent as `webhook-id`, the same with every try.' }),
      webhookId: t.exposeID('webhookId'),
      type: t.field({ type: enums.webhookMessageType, resolve: ({ type }) => type }),
      status: t.field({ type: enums.deliveryStatus, resolve: ({ status }) => status }),
      payload: t.field({
        type: 'JSON',
        description: 'The body that is sent.',
        resolve: ({ body }) => JSON.parse(body) as unknown,
      }),
      attempts: t.field({
        type: ['DeliveryAttempt'],
        description: 'The latest hundred.',
        resolve: ({ attempts }) => attempts,
      }),
      nextAttemptAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'Of one that is pending; while a try is under way, when it is given up for lost.',
        resolve: ({ status, dueAt }) => (status === 'pending' ? dueAt : null),
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true }),
    }),
  });
}

function addSending({ builder }: SchemaKit): void {
  const tested = addResult(builder, 'TestWebhookResult', {
    success: ['WebhookDelivery'],
    errors: ['NotFoundError', 'UnavailableError'],
  });
  const redelivered = addResult(builder, 'RedeliverWebhookResult', {
    success: ['WebhookDelivery'],
    errors: ['NotFoundError', 'ConflictError', 'UnavailableError'],
  });
  builder.mutationFields((t) => ({
    testWebhook: t.field({
      type: tested.type,
      policy: 'write',
      description: 'Sends a `webhook.test` now, once, and tells how it went; also to a webhook that is disabled.',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) =>
        tested.of(() => context.services.webhooks.test(callerOf(context).userId, id)),
    }),
    redeliverWebhook: t.field({
      type: redelivered.type,
      policy: 'write',
      description: 'As soon as possible, under the same id.',
      args: { deliveryId: t.arg.id({ required: true }) },
      resolve: (_root, { deliveryId }, context) =>
        redelivered.of(() => context.services.webhooks.redeliver(callerOf(context).userId, deliveryId)),
    }),
  }));
}
