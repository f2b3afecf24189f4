import type { ApiKey } from '../core/auth/api-key.entity.js';
import { MAXIMUM_KEY_NAME } from '../core/auth/api-keys.js';
import { SCOPES } from '../core/auth/policies.js';
import { type Endpoint, endpoint } from './endpoint.js';
import { array, nullable, object, oneOf, type Static, string, time } from './json-schema.js';
import type { Services } from './services.js';
import { parseTime } from './times.js';

const scopes = array(oneOf(SCOPES), {
  minItems: 1,
  description:
    '`read`: all that is read. `write`: upload, change and delete. `generate`: start and cancel runs and evaluations. None implies another.',
});

const parts = {
  id: string(),
  name: string(),
  scopes,
  hint: string({ description: 'How the key begins.' }),
  created_at: time(),
  expires_at: nullable(time('Null: it holds until it is deleted.')),
  last_used_at: nullable(time('To the minute; null for a key that was never used.')),
};
const apiKeyView = object(parts, {}, { title: 'ApiKey' });
const issuedView = object(
  { ...parts, key: string({ description: 'The key itself. It is shown this once.' }) },
  {},
  { title: 'IssuedApiKey' },
);

export function apiKeyEndpoints(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/auth/api-keys',
      body: object(
        { name: string({ minLength: 1, maxLength: MAXIMUM_KEY_NAME }), scopes },
        { expires_at: nullable(time('A time without an offset is UTC. Left out: it holds until it is deleted.')) },
      ),
      status: 201,
      answer: issuedView,
      docs: {
        id: 'createApiKey',
        tag: 'Authentication',
        summary: 'Make a key for a machine',
        description:
          'Send it as `Authorization: Bearer` or as `X-API-Key`. It reaches what its scopes name, and neither keys, passwords, sessions nor what administrators alone may do. It outlives your sessions and a change of the password, unless that asks for `revoke_api_keys`.',
        errors: ['conflict'],
      },
      handle: async ({ principal, body: { expires_at: expiry, ...input } }) => {
        const expiresAt = expiry == null ? null : parseTime(expiry)!;
        const { apiKey, secret } = await services.apiKeys.create(principal.userId, { ...input, expiresAt });
        return { ...toApiKey(apiKey), key: secret };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/auth/api-keys',
      answer: array(apiKeyView),
      docs: { id: 'listApiKeys', tag: 'Authentication', summary: 'Your API keys, newest first' },
      handle: async ({ principal }) => (await services.apiKeys.list(principal.userId)).map(toApiKey),
    }),
    endpoint({
      method: 'DELETE',
      path: '/auth/api-keys/:api_key_id',
      docs: {
        id: 'deleteApiKey',
        tag: 'Authentication',
        summary: 'Delete an API key',
        description: 'Requests that carry it are refused from now on.',
        errors: ['resource_not_found'],
      },
      handle: ({ principal, params }) => services.apiKeys.delete(principal.userId, params['api_key_id']!),
    }),
  ];
}

function toApiKey(key: ApiKey): Static<typeof apiKeyView> {
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    hint: key.hint,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
  };
}
