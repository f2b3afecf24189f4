import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { callerOf } from '../context.js';
import type { SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';
import { given } from '../given.js';
import { orNull } from '../or-null.js';

const SECRET =
  '`whsec_` and the base64 of 24 to 64 bytes, which are the key; or any other printable ASCII without spaces, which is the key as it stands. Left out: one is made.';

export function addWebhooks(kit: SchemaKit): void {
  addWebhookTypes(kit);
  addWebhookQueries(kit);
  addManagement(kit);
}

function addWebhookTypes({ builder, enums }: SchemaKit): void {
  const DeliveryConnection = addConnection(builder, 'WebhookDelivery');
  builder.objectType('Webhook', {
    description: 'An address that is told of events: signed after the Standard Webhooks specification, at least once.',
    fields: (t) => ({
      id: t.exposeID('id'),
      url: t.exposeString('url'),
      events: t.field({ type: [enums.webhookEvent], resolve: ({ events }) => events }),
      enabled: t.exposeBoolean('enabled'),
      disabledReason: t.exposeString('disabledReason', {
        nullable: true,
        description: 'Why the studio disabled it.',
      }),
      previousSecretExpiresAt: t.expose('previousSecretExpiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Until then deliveries are signed with the replaced secret too.',
      }),
      deliveries: t.field({
        type: DeliveryConnection,
        description: 'Of the last 30 days, the newest first.',
        args: { ...connectionArguments(builder), status: t.arg({ type: enums.deliveryStatus }) },
        resolve: async ({ id, ownerId }, { status, ...page }, { services: { webhooks } }) => {
          const found = await webhooks.deliveries(ownerId, id, given({ status }), pageRequest(page));
          return toConnection(found, (delivery) => webhooks.cursor(delivery), page);
        },
      }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      updatedAt: t.expose('updatedAt', { type: 'DateTime' }),
    }),
  });
  builder.objectType('WebhookWithSecret', {
    fields: (t) => ({
      webhook: t.field({ type: 'Webhook', resolve: ({ webhook }) => webhook }),
      secret: t.exposeString('secret', { description: 'Told this once.' }),
    }),
  });
}

function addWebhookQueries({ builder }: SchemaKit): void {
  builder.queryFields((t) => ({
    webhook: t.field({
      type: 'Webhook',
      nullable: true,
      policy: 'read',
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, { id }, context) => orNull(context.services.webhooks.get(callerOf(context).userId, id)),
    }),
    webhooks: t.field({
      type: ['Webhook'],
      policy: 'read',
      description: 'All of the caller’s, in the order of their making.',
      resolve: (_root, _args, context) => context.services.webhooks.list(callerOf(context).userId),
    }),
  }));
}

function addManagement({ builder, enums }: SchemaKit): void {
  const registered = addResult(builder, 'RegisterWebhookResult', {
    success: ['WebhookWithSecret'],
    errors: ['ValidationError', 'ConflictError', 'UnavailableError'],
  });
  const updated = addResult(builder, 'UpdateWebhookResult', {
    success: ['Webhook'],
    errors: ['NotFoundError', 'ValidationError', 'UnavailableError'],
  });
  const rotated = addResult(builder, 'RotateWebhookSecretResult', {
    success: ['WebhookWithSecret'],
    errors: ['NotFoundError', 'ValidationError', 'ConflictError', 'UnavailableError'],
  });
  const WebhookInput = builder.inputType('WebhookInput', {
    fields: (t) => ({
      url: t.string({ required: true, description: 'http or https, to public addresses, without credentials.' }),
      events: t.field({ type: [enums.webhookEvent], required: true }),
      secret: t.string({ description: SECRET }),
    }),
  });
  const UpdateWebhookInput = builder.inputType('UpdateWebhookInput', {
    fields: (t) => ({
      url: t.string(),
      events: t.field({ type: [enums.webhookEvent] }),
      enabled: t.boolean({ description: 'What waits for one that is disabled is failed with it.' }),
    }),
  });
  builder.mutationFields((t) => ({
    registerWebhook: t.field({
      type: registered.type,
      policy: 'write',
      creates: true,
      args: { input: t.arg({ type: WebhookInput, required: true }) },
      resolve: (_root, { input: { url, events, secret } }, context) =>
        registered.of(
          () => context.services.webhooks.register(callerOf(context).userId, { url, events, ...given({ secret }) }),
          renameFields,
        ),
    }),
    updateWebhook: t.field({
      type: updated.type,
      policy: 'write',
      args: { id: t.arg.id({ required: true }), input: t.arg({ type: UpdateWebhookInput, required: true }) },
      resolve: (_root, { id, input }, context) =>
        updated.of(() => context.services.webhooks.update(callerOf(context).userId, id, given(input)), renameFields),
    }),
    rotateWebhookSecret: t.field({
      type: rotated.type,
      policy: 'write',
      description: 'For a day deliveries bear two signatures, the new one and that of the replaced secret.',
      args: { id: t.arg.id({ required: true }), secret: t.arg.string({ description: SECRET }) },
      resolve: (_root, { id, secret }, context) =>
        rotated.of(
          () => context.services.webhooks.rotateSecret(callerOf(context).userId, id, secret ?? undefined),
          renameFields,
        ),
    }),
  }));
}
