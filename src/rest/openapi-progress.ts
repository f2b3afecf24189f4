import { progressParts } from './generator.view.js';
import { map, nullable, number, object, string, time } from './json-schema.js';
import type { ShowSchema } from './openapi-components.js';

const { status, progress, ...details } = progressParts;

const message = object(
  { generator_id: string(), status, progress, timestamp: time() },
  { ...details, metrics: nullable(map(number())) },
  { title: 'Progress' },
);

/** The WebSocket, as far as OpenAPI can tell of one. */
export function progressPath(show: ShowSchema) {
  return {
    '/ws/generation/{generator_id}': {
      get: {
        operationId: 'watchGeneration',
        tags: ['Generation'],
        summary: 'Progress of a run (WebSocket)',
        description:
          'Sends JSON messages: the present state, then changes, at most 10 a second, and the last state, after which it closes with 1000. Without a token the message has `generator_id`, `status`, `progress` and `timestamp` alone. Closes with 4404 for an unknown id, with 4401 for a bad token and with 4403 for an API key without the scope `read`.',
        security: [{ bearer: [] }, { apiKey: [] }, {}],
        parameters: [
          { name: 'generator_id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          {
            name: 'token',
            in: 'query',
            description: 'The access token or API key, for clients that cannot send headers.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          101: { description: 'Messages of this shape', content: { 'application/json': { schema: show(message) } } },
          400: {
            description: '`bad_request`: the request is no WebSocket handshake',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
          422: {
            description: '`validation_error`: a query parameter that it does not have',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        },
      },
    },
  };
}
