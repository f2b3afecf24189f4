import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { readConfig } from '../../src/core/app/config.js';
import { AuditTrail } from '../../src/core/audit/audit-trail.js';
import type { AuditWriter } from '../../src/core/audit/audit-writer.js';
import type { Principal } from '../../src/core/auth/access-tokens.js';
import { StudioError } from '../../src/core/errors/index.js';
import { EventBus } from '../../src/core/events/index.js';
import { RequestLimiter } from '../../src/core/limits/request-limiter.js';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import type { PluginRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { mountGraphql } from '../../src/schema/index.js';
import type { Services } from '../../src/schema/services.js';
import { UNLIMITED } from './unlimited.js';

/** Only what a test needs of the services; whatever else is called fails the test. */
export type ServiceParts = { readonly [K in keyof Services]?: Partial<Services[K]> };

export interface GraphqlDoor {
  readonly app: FastifyInstance;
  readonly events: EventBus;
  /** Lines that were logged, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  post(query: string, options?: PostOptions): Promise<GraphqlAnswer>;
}

export interface PostOptions {
  readonly variables?: unknown;
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly data: any;
  readonly errors: { message: string; path?: unknown; extensions: Record<string, unknown> }[] | undefined;
}

export const ANN: Principal = { userId: 'ann', email: 'ann@example.com', role: 'user', sessionId: 's' };

/** The real door over parts of services made for one test: what the door itself does, without a database. */
export async function openGraphqlDoor(
  parts: ServiceParts = {},
  plugins: PluginRegistry = createRegistry(builtInPlugins),
): Promise<GraphqlDoor> {
  const logged: Record<string, unknown>[] = [];
  const lines = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      logged.push(JSON.parse(line) as Record<string, unknown>);
      done();
    },
  });
  const events = new EventBus();
  const auditTrail = new AuditTrail({ append: async () => {} } as unknown as AuditWriter, pino({ level: 'silent' }));
  const limits = new RequestLimiter(readConfig(UNLIMITED));
  const services = {
    auth: { authenticate },
    events,
    limits,
    auditTrail,
    plugins,
    metrics: null,
    ...parts,
  } as unknown as Services;
  const app = Fastify({ genReqId: () => randomUUID(), forceCloseConnections: true });
  await app.register(websocket);
  await mountGraphql(app, services, pino({ base: null }, lines));
  await app.ready();
  return { app, events, logged, post: (query, options) => post(app, query, options) };
}

async function authenticate(token: string): Promise<Principal> {
  if (token === 'ann') return ANN;
  if (token === 'stale') throw new StudioError('token_expired', 'Token has expired');
  throw new StudioError('authentication_error', 'Not authenticated');
}

async function post(app: FastifyInstance, query: string, options: PostOptions = {}): Promise<GraphqlAnswer> {
  const { token = 'ann', variables, headers } = options;
  const response = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
    payload: { query, variables },
  });
  return { status: response.statusCode, headers: response.headers, ...response.json() };
}
