import type { Scope } from '../../core/auth/policies.js';
import { callerOf } from '../context.js';
import { addEnum, type SchemaKit } from '../enums.js';
import { renameFields } from '../errors/field-names.js';
import { addResult } from '../errors/result-union.js';

export function addApiKeys({ builder }: SchemaKit): void {
  const scope = addEnum<Scope>(builder, 'Scope', 'What an API key may do; none implies another.', {
    read: 'All that is read.',
    write: 'Upload, change and delete.',
    generate: 'Start and cancel runs and evaluations.',
  });
  builder.objectType('ApiKey', {
    description:
      'A key for a machine, sent as `Authorization: Bearer` or `X-API-Key`. It reaches what its scopes name, and neither keys, passwords, sessions nor what administrators alone may do. It outlives sessions.',
    fields: (t) => ({
      id: t.exposeID('id'),
      name: t.exposeString('name'),
      scopes: t.field({ type: [scope], resolve: ({ scopes }) => scopes }),
      hint: t.exposeString('hint', { description: 'How the key begins.' }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        nullable: true,
        description: 'Null: it holds until it is deleted.',
      }),
      lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'To the minute.' }),
    }),
  });
  builder.objectType('IssuedApiKey', {
    fields: (t) => ({
      apiKey: t.field({ type: 'ApiKey', resolve: ({ apiKey }) => apiKey }),
      key: t.exposeString('secret', { description: 'The key itself. It is shown this once.' }),
    }),
  });
  const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
    fields: (t) => ({
      name: t.string({ required: true }),
      scopes: t.field({ type: [scope], required: true }),
      expiresAt: t.field({ type: 'DateTime', description: 'Left out: it holds until it is deleted.' }),
    }),
  });
  const created = addResult(builder, 'CreateApiKeyResult', {
    success: ['IssuedApiKey'],
    errors: ['ValidationError', 'ConflictError', 'UnavailableError'],
  });
  builder.queryField('apiKeys', (t) =>
    t.field({
      type: ['ApiKey'],
      policy: 'user',
      description: 'The caller’s, the newest first.',
      resolve: (_root, _args, context) => context.services.apiKeys.list(callerOf(context).userId),
    }),
  );
  builder.mutationField('createApiKey', (t) =>
    t.field({
      type: created.type,
      policy: 'user',
      creates: true,
      args: { input: t.arg({ type: CreateApiKeyInput, required: true }) },
      resolve: (_root, { input: { expiresAt = null, ...input } }, context) =>
        created.of(
          () => context.services.apiKeys.create(callerOf(context).userId, { ...input, expiresAt }),
          renameFields,
        ),
    }),
  );
}
