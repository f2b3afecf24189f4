import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import type { Principal } from '../core/auth/access-tokens.js';
import type { Policy } from '../core/auth/policies.js';
import type { ErrorType } from '../core/errors/index.js';
import { type JsonSchema, object, type Schema } from './json-schema.js';

export type Tag = 'Authentication' | 'Datasets' | 'Generation' | 'Evaluations' | 'Webhooks' | 'Operations';

/** One request, checked and taken apart. */
export interface Call<Query, Body, Access extends Policy> {
  readonly principal: Access extends 'public' ? null : Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What is said of a route in the OpenAPI document beside what its schemas say. */
export interface Description {
  /** The `operationId`: what generated clients call it. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** Failures of this route beyond those that any route has. */
  readonly errors?: readonly ErrorType[];
  /** Headers of the request and of the answer, by name, with what they mean. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Media types of an answer that is a file, each with its schema. */
  readonly files?: Readonly<Record<string, JsonSchema>>;
  /** Answers other than the usual one, by status. */
  readonly otherAnswers?: Readonly<Record<number, string>>;
  readonly multipart?: JsonSchema;
  /** Whether the body is what an HTML form sends, and not JSON. */
  readonly form?: boolean;
  /** Parameters in the path that are no UUID, by name. */
  readonly pathParameters?: Readonly<Record<string, JsonSchema>>;
}

/**
 * A route as data. One declaration validates, types and documents it; without `access` it is for logged-in
 * users alone, and closed to API keys.
 */
export interface Endpoint<Query = unknown, Body = unknown, Answer = unknown, Access extends Policy = Policy> {
  readonly method: HTTPMethods | readonly HTTPMethods[];
  /** With `:name` for each parameter. */
  readonly path: string;
  readonly access: Access;
  readonly query: Schema<Query>;
  /** Absent for methods that have none; an empty object where none is wanted. */
  readonly body?: Schema<Body>;
  /** Of a success; 200 or, without an answer, 204. */
  readonly status: number;
  readonly answer?: Schema<Answer>;
  readonly docs: Description;
  handle(call: Call<Query, Body, Access>): Promise<Answer>;
}

type Given<Query, Body, Answer, Access extends Policy> = Omit<
  Endpoint<Query, Body, Answer, Access>,
  'access' | 'query' | 'status'
> & { readonly access?: Access; readonly query?: Schema<Query>; readonly status?: number };

const NOTHING = object({});
const METHODS_WITH_BODY: ReadonlySet<unknown> = new Set(['POST', 'PATCH', 'PUT']);

export function endpoint<
  Query = Record<never, never>,
  Body = Record<never, never>,
  Answer = void,
  Access extends Policy = 'user',
>(given: Given<Query, Body, Answer, Access>): Endpoint {
  const takesBody = METHODS_WITH_BODY.has(given.method) && given.docs.multipart === undefined;
  const whole = {
    access: 'user',
    query: NOTHING,
    status: given.answer === undefined && given.docs.files === undefined ? 204 : 200,
    ...(takesBody && { body: NOTHING }),
    ...given,
  };
  // The types of one route's parts fit each other; the list of routes needs no more than that.
  return whole as unknown as Endpoint;
}
