import type { Policy } from '../../../src/core/auth/policies.js';
import type { Owned } from './owned.js';

export interface RestEntry {
  readonly who: Policy;
  /** A body, or a query, that gets past the validation: what a stranger is told must come of whose the things are. */
  readonly json?: (owned: Owned) => object;
  readonly query?: (owned: Owned) => string;
  readonly file?: true;
}

const KEY = { name: 'k', scopes: ['read'] };
const HOOK = { url: 'https://example.com/hook', events: ['dataset.created'] };
const RUN = { generator_type: 'independent', num_rows: 100 };

/** Who may call each route (a HEAD is its GET): written down once more, so that an endpoint that is opened by mistake is found. */
export const REST_TABLE: Readonly<Record<string, RestEntry>> = {
  'POST /auth/register': { who: 'public' },
  'POST /auth/login': { who: 'public' },
  'POST /auth/refresh': { who: 'public' },
  'POST /auth/logout': { who: 'user' },
  'GET /auth/me': { who: 'read' },
  'PATCH /auth/me': { who: 'user', json: () => ({ name: 'n' }) },
  'POST /auth/change-password': { who: 'user' },
  'POST /auth/api-keys': { who: 'user', json: () => KEY },
  'GET /auth/api-keys': { who: 'user' },
  'DELETE /auth/api-keys/:api_key_id': { who: 'user' },
  'GET /auth/providers': { who: 'public' },
  'GET /auth/oauth/:provider/authorize': { who: 'public' },
  'GET /auth/oauth/:provider/callback': { who: 'public' },
  'GET /auth/saml/:provider/metadata': { who: 'public' },
  'GET /auth/saml/:provider/login': { who: 'public' },
  'POST /auth/saml/:provider/callback': { who: 'public' },
  'GET /users': { who: 'admin' },
  'POST /datasets/upload': { who: 'write', file: true },
  'GET /datasets': { who: 'read' },
  'GET /datasets/:dataset_id': { who: 'read' },
  'PATCH /datasets/:dataset_id': { who: 'write', json: () => ({ name: 'n' }) },
  'DELETE /datasets/:dataset_id': { who: 'write' },
  'GET /datasets/:dataset_id/rows': { who: 'read' },
  'GET /datasets/:dataset_id/profile': { who: 'read' },
  'GET /datasets/:dataset_id/download': { who: 'read' },
  'GET /generators/types': { who: 'read' },
  'POST /generators/dataset/:dataset_id/generate': { who: 'generate', json: () => RUN },
  'POST /generators/:generator_id/generate': { who: 'generate', json: () => ({ num_rows: 100 }) },
  'POST /generators/:generator_id/impute': {
    who: 'generate',
    json: ({ dataset_id: id }) => ({ dataset_id: id }),
  },
  'POST /generators/import': { who: 'write', file: true },
  'GET /generators': { who: 'read', query: ({ dataset_id: id }) => `?dataset_id=${id}` },
  'GET /generators/:generator_id': { who: 'read' },
  'POST /generators/:generator_id/cancel': { who: 'generate' },
  'DELETE /generators/:generator_id': { who: 'write' },
  'GET /generators/:generator_id/download': { who: 'read' },
  'GET /generators/:generator_id/model': { who: 'read' },
  'GET /evaluations/types': { who: 'read' },
  'POST /evaluations/run': { who: 'generate', json: ({ generator_id: id }) => ({ generator_id: id }) },
  'POST /evaluations/compare': {
    who: 'read',
    json: ({ evaluation_id: first, second_evaluation_id: second }) => ({ evaluation_ids: [first, second] }),
  },
  'GET /evaluations': { who: 'read', query: ({ generator_id: id }) => `?generator_id=${id}` },
  'GET /evaluations/:evaluation_id': { who: 'read' },
  'GET /evaluations/:evaluation_id/report': { who: 'read' },
  'POST /evaluations/:evaluation_id/cancel': { who: 'generate' },
  'DELETE /evaluations/:evaluation_id': { who: 'write' },
  'POST /webhooks/register': { who: 'write', json: () => HOOK },
  'GET /webhooks': { who: 'read' },
  'GET /webhooks/:webhook_id': { who: 'read' },
  'PATCH /webhooks/:webhook_id': { who: 'write', json: () => ({ events: ['dataset.created'] }) },
  'DELETE /webhooks/:webhook_id': { who: 'write' },
  'POST /webhooks/:webhook_id/rotate-secret': { who: 'write' },
  'POST /webhooks/:webhook_id/test': { who: 'write' },
  'GET /webhooks/:webhook_id/deliveries': { who: 'read' },
  'POST /webhooks/deliveries/:delivery_id/redeliver': { who: 'write' },
  // Of no time at all: the stranger's own entries name what the walk had it ask for.
  'GET /audit-logs': { who: 'user', query: () => '?to=2020-01-01T00:00:00Z' },
  'GET /audit-logs/verify': { who: 'admin' },
  'GET /metrics': { who: 'public' },
  'GET /health': { who: 'public' },
  'GET /health/live': { who: 'public' },
  'GET /health/ready': { who: 'public' },
};

/** What else the server answers to; none of it gives anything of a user's, or it is walked by itself. */
export const OTHER_ROUTES: readonly RegExp[] = [
  /^(GET|HEAD|POST) \/graphql$/,
  /^(GET|HEAD) \/ws\/generation\/:id$/,
  /^(GET|HEAD) \/openapi\.json$/,
  /^(GET|HEAD) \/docs(\*|\/|$)/,
];
