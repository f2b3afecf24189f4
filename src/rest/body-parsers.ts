import { parse as parseQuery } from 'node:querystring';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalid, StudioError } from '../core/errors/index.js';

/**
 * JSON is the one type of body. A client that sends its JSON content type on everything, with nothing in the body, is
 * taken at its nothing. `JSON.parse` keeps a key called `__proto__` as an ordinary key of the object, and no code
 * here copies by assignment: such a column name is only a name.
 */
export function addBodyParsers(rest: FastifyInstance): void {
  rest.removeAllContentTypeParsers();
  rest.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, text: string) =>
    text === '' ? undefined : parseJson(text),
  );
  rest.addContentTypeParser('*', { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (text === '') return undefined;
    const given = request.headers['content-type'] ?? 'none';
    throw new StudioError('bad_request', `The body must be JSON (Content-Type: application/json), not ${given}`);
  });
}

/** The fields of an HTML form; one that comes twice is a list, which no schema takes for a text. */
export function addFormParser(forms: FastifyInstance): void {
  forms.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    async (_request: unknown, text: string) => ({ ...parseQuery(text) }),
  );
}

function parseJson(text: string): unknown {
  const value = parse(text);
  // Fastify's sign for a request without a body, which this one is not.
  if (value === null) throw invalid({ field: 'body', message: 'Must be of type object', code: 'invalid_type' });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StudioError('bad_request', `Malformed JSON: ${(error as Error).message}`);
  }
}
