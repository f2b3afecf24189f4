import { ERROR_CATALOGUE, type ErrorType, FIELD_ERROR_CODES } from '../core/errors/index.js';
import { VERSION } from '../core/app/version.js';
import { isScope } from '../core/auth/policies.js';
import type { PluginRegistry } from '../core/plugin-host/index.js';
import { LONGEST_KEY } from '../core/idempotency/idempotency.service.js';
import { isOperational } from './admission.js';
import { isRepeatable } from './idempotency.js';
import type { Endpoint } from './endpoint.js';
import { array, integer, type JsonSchema, object, oneOf, string, time } from './json-schema.js';
import { createComponents, type ShowSchema } from './openapi-components.js';
import { progressPath } from './openapi-progress.js';
import { webhookMessages } from './openapi-webhooks.js';

const envelope = object(
  {
    detail: string(),
    type: oneOf(Object.keys(ERROR_CATALOGUE) as ErrorType[]),
    status_code: integer(),
    timestamp: time(),
    request_id: string({ description: 'Also in the header `X-Request-Id`, and in the log.' }),
  },
  {
    errors: array(
      object({
        field: string({ description: 'A dotted path.' }),
        message: string(),
        code: oneOf(FIELD_ERROR_CODES),
      }),
      { description: 'With `validation_error`: everything that is wrong.' },
    ),
  },
  { title: 'Error' },
);

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of the routes, with the configs that the loaded plugins take. */
export function openApiDocument(endpoints: readonly Endpoint[], plugins: PluginRegistry): Json {
  const { show, components } = createComponents(plugins);
  const paths: Record<string, Record<string, Json>> = {};
  for (const endpoint of endpoints) {
    const path = (paths[endpoint.path.replaceAll(/:(\w+)/g, '{$1}')] ??= {});
    const [first, ...others] = [endpoint.method].flat() as string[];
    path[first!.toLowerCase()] = operation(endpoint, show);
    for (const method of others) {
      const id = `${method.toLowerCase()}_${endpoint.docs.id}`;
      path[method.toLowerCase()] = { ...operation(endpoint, show), operationId: id };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Synthetic Data Studio',
      version: VERSION,
      description:
        "Turns a table of real people's data into rows that look and behave like it and belong to nobody. Every route answers with and without a trailing slash, and under `/api` too.",
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }, { url: '/api' }],
    tags: ['Authentication', 'Datasets', 'Generation', 'Evaluations', 'Webhooks', 'Operations'].map((name) => ({
      name,
    })),
    paths: { ...paths, ...progressPath(show) },
    webhooks: webhookMessages(show),
    components: {
      schemas: { Error: show(envelope), ...components },
      headers: headerComponents(),
      securitySchemes,
    },
  };
}

function operation(endpoint: Endpoint, show: ShowSchema): Json {
  const { docs } = endpoint;
  return {
    operationId: docs.id,
    tags: [docs.tag],
    summary: docs.summary,
    ...(docs.description !== undefined && { description: docs.description }),
    ...security(endpoint),
    parameters: parameters(endpoint, show),
    ...requestBody(endpoint, show),
    responses: { ...successes(endpoint, show), ...failures(endpoint) },
  };
}

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The access token of a login, or an API key where the operation names a scope.',
  },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API key with the scope that is named.' },
};

/** A scope stands with the scheme whose credentials have scopes: OpenAPI 3.1 allows it for all schemes. */
function security({ access }: Endpoint): Json {
  if (access === 'public') return {};
  return { security: [{ bearer: [] }, ...(isScope(access) ? [{ apiKey: [access] }] : [])] };
}

/** Of the routes that create something. */
const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'A text of your own, a UUID for example. The same request with the same key gets the first answer, for 24 hours, and nothing is made twice; while the first one runs it is 409, and another request with the key is 422.',
  schema: { type: 'string', minLength: 1, maxLength: LONGEST_KEY, pattern: '^[!-~]+$' },
};
const REPLAYED = { 'Idempotent-Replayed': '`true` when this is the answer to an earlier request with the same key.' };

function parameters(endpoint: Endpoint, show: ShowSchema): Json[] {
  const { path, query, docs } = endpoint;
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    const { description, ...schema } = docs.pathParameters?.[name!] ?? { type: 'string', format: 'uuid' };
    return { name, in: 'path', required: true, ...(description !== undefined && { description }), schema };
  });
  const inQuery = Object.entries(query['properties'] as Readonly<Record<string, JsonSchema>>).map(([name, schema]) => {
    const { description, ...rest } = schema;
    const required = (query['required'] as readonly string[] | undefined)?.includes(name);
    return {
      name,
      in: 'query',
      ...(required === true && { required }),
      ...(description !== undefined && { description }),
      schema: show(rest),
    };
  });
  const inHeader = Object.entries(docs.requestHeaders ?? {}).map(([name, description]) => {
    return { name, in: 'header', description, schema: { type: 'string' } };
  });
  return [...inPath, ...inQuery, ...inHeader, ...(isRepeatable(endpoint) ? [KEY_PARAMETER] : [])];
}

function requestBody({ body, docs }: Endpoint, show: ShowSchema): Json {
  if (docs.multipart !== undefined) {
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema: show(docs.multipart) } } } };
  }
  // A route that wants nothing in its body needs no body.
  if (body === undefined || Object.keys(body['properties'] as object).length === 0) return {};
  const required = body['required'] !== undefined;
  const type = docs.form === true ? 'application/x-www-form-urlencoded' : 'application/json';
  return { requestBody: { required, content: { [type]: { schema: show(body) } } } };
}

const RATE_HEADERS = {
  'X-RateLimit-Limit': 'Requests that the tightest of your windows allows.',
  'X-RateLimit-Remaining': 'What is left of them.',
  'X-RateLimit-Reset': 'When the oldest counted request leaves the window, so that more is left again: epoch seconds.',
} as const;
const REFUSAL_HEADERS = {
  'Retry-After': 'Seconds after which to try again.',
  'X-RateLimit-Retry-After': 'The same, for clients that look here.',
} as const;

/** Headers that are described once and named where they stand. */
function rateHeaders(names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function headerComponents(): Json {
  return Object.fromEntries(
    Object.entries({ ...RATE_HEADERS, ...REFUSAL_HEADERS }).map(([name, description]) => {
      return [name, { description, schema: { type: 'integer' } }];
    }),
  );
}

function successes(endpoint: Endpoint, show: ShowSchema): Json {
  const { status, answer, docs } = endpoint;
  const media = docs.files ?? (answer === undefined ? {} : { 'application/json': answer });
  const content = Object.entries(media).map(([type, schema]) => [type, { schema: show(schema) }] as const);
  const own = Object.entries({ ...docs.responseHeaders, ...(isRepeatable(endpoint) && REPLAYED) }).map(
    ([name, description]) => {
      return [name, { description, schema: { type: 'string' } }] as const;
    },
  );
  const headers = {
    ...Object.fromEntries(own),
    ...(!isOperational(endpoint) && rateHeaders(Object.keys(RATE_HEADERS))),
  };
  const others = Object.entries(docs.otherAnswers ?? {}).map(([code, description]) => [code, { description }] as const);
  return {
    [status]: {
      description: docs.summary,
      ...(Object.keys(headers).length > 0 && { headers }),
      ...(content.length > 0 && { content: Object.fromEntries(content) }),
    },
    ...Object.fromEntries(others),
  };
}

function failures(endpoint: Endpoint): Json {
  const types = new Set<ErrorType>(endpoint.docs.errors);
  if (endpoint.access !== 'public') types.add('authentication_error').add('token_expired').add('permission_denied');
  if (endpoint.body !== undefined) types.add('bad_request').add('payload_too_large');
  if (!isOperational(endpoint)) types.add('rate_limit_exceeded');
  if (isRepeatable(endpoint)) types.add('conflict');
  types.add('validation_error').add('internal_error').add('unavailable');
  const byStatus = new Map<number, ErrorType[]>();
  for (const type of types) byStatus.set(ERROR_CATALOGUE[type], [...(byStatus.get(ERROR_CATALOGUE[type]) ?? []), type]);
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const answers = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, names]) => {
      const description = names.map((name) => `\`${name}\``).join(', ');
      const headers = rateHeaders(Object.keys({ ...RATE_HEADERS, ...REFUSAL_HEADERS }));
      return [status, { description, ...(status === 429 && { headers }), content }] as const;
    });
  return Object.fromEntries(answers);
}
