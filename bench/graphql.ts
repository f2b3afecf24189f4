/**
 * A list of 10 rows from memory, ours beside mercurius with jit over the same schema and resolvers, like beside like: the
 * whole door (bearer token, limits, policies, bounds, audit trail, metrics, error envelope, compiled queries) beside
 * mercurius with the same duties, done by the same code in its own hooks; and the stack alone (Yoga, Pothos' schema,
 * compiled queries, policies, bounds and error envelope, over services that keep no count and no record) beside mercurius
 * alone. Each server has a process of its own; the rounds alternate, and several of each are started, since one process may
 * be luckier than another in what is compiled and where it lies. What counts is requests for each second of the server's own
 * CPU time: on a busy machine requests a second say more of the neighbours than of the server. Every answer must be the
 * right one.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import websocket from '@fastify/websocket';
import autocannon from 'autocannon';
import Fastify, { type FastifyRequest } from 'fastify';
import type { DocumentNode } from 'graphql';
import mercurius from 'mercurius';
import { pino } from 'pino';
import 'reflect-metadata';
import { readConfig } from '../src/core/app/config.js';
import { AuditTrail } from '../src/core/audit/audit-trail.js';
import { AuditWriter } from '../src/core/audit/audit-writer.js';
import { createDataSource } from '../src/core/persistence/index.js';
import { AccessTokens, type Principal } from '../src/core/auth/access-tokens.js';
import { credentialOf } from '../src/core/auth/credentials.js';
import type { Dataset } from '../src/core/datasets/dataset.entity.js';
import { type Quota, quotaHeaders } from '../src/core/limits/quota.js';
import { RequestLimiter } from '../src/core/limits/request-limiter.js';
import { createRegistry } from '../src/core/plugin-host/index.js';
import { builtInPlugins } from '../src/plugins/index.js';
import { admit } from '../src/schema/admission.js';
import { closeRecord, noteOperation } from '../src/schema/audit/record-operation.js';
import { CostMeter } from '../src/schema/bounds/cost.js';
import { type Caller, createContext, type RequestContext } from '../src/schema/context.js';
import { Metrics } from '../src/core/telemetry/metrics.js';
import { createSchema } from '../src/schema/create-schema.js';
import { mountGraphql } from '../src/schema/index.js';
import { applyPolicies } from '../src/schema/policies/apply-policies.js';
import { OperationObserver, outcomeOf } from '../src/schema/transport/operation-observer.js';
import type { Services } from '../src/schema/services.js';

const STARTS = 3;
const ROUNDS = 4;
const SECONDS = 3;
const CONNECTIONS = 20;
const QUERY = `query List($first: Int) {
  datasets(first: $first) { edges { cursor node { id name rowCount sizeBytes format createdAt } } pageInfo { hasNextPage endCursor } }
}`;
const SERVERS = {
  'our door': serveDoor,
  'our stack alone': serveStack,
  mercurius: serveMercurius,
  'mercurius with our duties': serveGuarded,
} as const;
type Name = keyof typeof SERVERS;
const COMPARED: readonly (readonly [ours: Name, theirs: Name])[] = [
  ['our door', 'mercurius with our duties'],
  ['our stack alone', 'mercurius'],
  ['our door', 'mercurius'],
];

const ANN: Principal = { userId: 'ann', email: '', role: 'user', sessionId: 's' };
const tokens = new AccessTokens(new TextEncoder().encode('a secret of this benchmark alone, at 32 bytes'), 3_600_000);

async function inMemoryServices(): Promise<Services> {
  const rows = Array.from({ length: 10 }, (_, i) => dataset(i));
  return {
    auth: { authenticate: (token: string) => tokens.verify(token) },
    datasets: {
      list: async () => ({ items: rows, hasMore: true, total: async () => 100 }),
      cursor: ({ id }: Dataset) => id,
    },
    auditTrail: await createAuditTrail(),
    // Far out of reach, but counted: that is part of the door.
    limits: new RequestLimiter(readConfig({ RATE_LIMIT_PER_MINUTE: '1000000000', RATE_LIMIT_PER_HOUR: '1000000000' })),
    plugins: createRegistry(builtInPlugins),
    // Asked for the queue's figures alone, at a scrape, it never comes to use its database.
    metrics: new Metrics({} as never),
  } as unknown as Services;
}

/** Written to a real database, since that too is part of the door. */
async function createAuditTrail(): Promise<AuditTrail> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-graphql-'));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  process.once('SIGTERM', () => process.exit());
  const logger = pino({ level: 'silent' });
  return new AuditTrail(new AuditWriter(await createDataSource({ dataDir }, logger), { dataDir }), logger);
}

function dataset(i: number): Dataset {
  const createdAt = new Date(1_700_000_000_000 + i);
  return {
    id: `00000000-0000-4000-8000-00000000000${i}`,
    name: `table ${i}`,
    rowCount: 32_561,
    sizeBytes: 4_000_000,
    format: 'csv',
    createdAt,
  } as Dataset;
}

async function serveDoor(services?: Services): Promise<string> {
  const app = Fastify({ genReqId: () => randomUUID() });
  await app.register(websocket);
  await mountGraphql(app, services ?? (await inMemoryServices()), pino({ level: 'silent' }));
  return app.listen({ port: 0, host: '127.0.0.1' });
}

async function serveStack(): Promise<string> {
  return serveDoor({
    ...(await inMemoryServices()),
    auth: { authenticate: async () => ANN },
    auditTrail: { open: () => ({ action: '' }), close() {} },
    limits: { admit: () => null },
    metrics: { graphql: { ended() {} } },
  } as unknown as Services);
}

async function serveMercurius(): Promise<string> {
  const app = Fastify({ genReqId: () => randomUUID() });
  const services = await inMemoryServices();
  const auth = { principal: ANN, refusal: null };
  await app.register(mercurius, {
    schema: createSchema(services.plugins),
    jit: 1,
    context: (request) => ({ ...createContext(services, { ...callerOf(request), credential: undefined }), auth }),
  });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** What a studio on mercurius would be: the same limits, policies, bounds, audit trail and metrics. */
async function serveGuarded(): Promise<string> {
  const app = Fastify({ genReqId: () => randomUUID() });
  const services = await inMemoryServices();
  const schema = createSchema(services.plugins);
  await app.register(mercurius, {
    schema,
    jit: 1,
    context: async (request, reply) => {
      const tellQuota = (quota: Quota) => void reply.headers(quotaHeaders(quota));
      const context = createContext(services, { ...callerOf(request), tellQuota });
      await admit(context);
      return context;
    },
  });
  await applyPolicies(app, schema, services.events);
  const costs = new CostMeter(schema);
  const observer = new OperationObserver(services.metrics);
  const running = new WeakMap<object, { document: DocumentNode; begun: number }>();
  app.graphql.addHook('preExecution', async (_schema, document, context, variables) => {
    running.set(context, { document, begun: performance.now() });
    costs.check(document, undefined, variables);
    noteOperation(context as unknown as RequestContext, { document, variableValues: variables });
  });
  app.graphql.addHook('onResolution', async (result, context) => {
    const { document, begun } = running.get(context)!;
    observer.ended({ document, operationName: undefined }, outcomeOf(result), begun);
    closeRecord(context as unknown as RequestContext, result);
  });
  return app.listen({ port: 0, host: '127.0.0.1' });
}

function callerOf({ id, ip, headers }: FastifyRequest): Caller {
  return { requestId: id, credential: credentialOf(headers), address: ip, userAgent: headers['user-agent'] };
}

async function main(): Promise<void> {
  const user = { id: 'ann', email: 'ann@example.com', role: 'user' } as never;
  const authorization = `Bearer ${await tokens.sign(user, 'session')}`;
  const names = Object.keys(SERVERS) as Name[];
  const ratios = COMPARED.map((): number[] => []);
  const cost: number[] = [];
  for (let started = 0; started < STARTS; started++) {
    await using servers = new AsyncDisposableStack();
    const running: [Name, Server][] = [];
    for (const name of names) running.push([name, servers.use(await start(name))]);
    const answers = await Promise.all(running.map(([, server]) => ask(server.url, authorization)));
    if (new Set(answers).size > 1) throw new Error('The servers answer differently');
    for (let round = 0; round <= ROUNDS; round++) {
      const rates = new Map<Name, Rate>();
      for (const [name, server] of round % 2 === 0 ? running : running.toReversed()) {
        rates.set(name, await load(server, authorization, answers[0]!));
      }
      // The first round warms all of them up.
      if (round === 0) continue;
      cost.push(1e6 / rates.get('our door')!.perCpuSecond);
      COMPARED.forEach(([ours, theirs], i) =>
        ratios[i]!.push(rates.get(ours)!.perCpuSecond / rates.get(theirs)!.perCpuSecond),
      );
      console.log(names.map((name) => `${name} ${show(rates.get(name)!)}`).join(', '));
    }
  }
  COMPARED.forEach(([ours, theirs], i) => {
    const sorted = ratios[i]!.toSorted((a, b) => a - b);
    const quartile = (k: number) => sorted[Math.floor((k * (sorted.length - 1)) / 4)]!.toFixed(2);
    console.log(
      `${ours} beside ${theirs}: median ratio ${quartile(2)}, quartiles ${quartile(1)} and ${quartile(3)} (wanted: 0.80)`,
    );
  });
  // The resolver's rows are in memory already, so all of a request's time is the door's.
  console.log(`the door adds ${Math.min(...cost).toFixed(0)} µs of CPU at best (wanted: at most 100)`);
}

interface Server extends AsyncDisposable {
  readonly url: string;
  /** Microseconds that the server has computed so far. */
  cpuTime(): Promise<number>;
}

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

function show({ perSecond, perCpuSecond }: Rate): string {
  return `${Math.round(perCpuSecond)} per CPU second (${(1e6 / perCpuSecond).toFixed(0)} µs each; ${Math.round(perSecond)}/s)`;
}

async function start(name: Name): Promise<Server> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [name], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve(String(message)));
    child.once('exit', (code) => reject(new Error(`The server "${name}" ended with ${code}`)));
  });
  return {
    url,
    cpuTime: () =>
      new Promise((resolve) => {
        child.once('message', (message) => resolve(Number(message)));
        child.send('cpu');
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
    },
  };
}

/** The answer, once it has been looked at. */
async function ask(url: string, authorization: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, requestWith(authorization));
  const answer = await response.text();
  const { data, errors } = JSON.parse(answer) as { data: { datasets: { edges: unknown[] } }; errors?: unknown };
  if (errors !== undefined || data.datasets.edges.length !== 10) throw new Error(`${url}: ${answer}`);
  return answer;
}

function requestWith(authorization: string) {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: QUERY, variables: { first: 10 } }),
  } as const;
}

async function load(server: Server, authorization: string, answer: string): Promise<Rate> {
  const before = await server.cpuTime();
  const { requests, non2xx, errors, mismatches } = await autocannon({
    url: `${server.url}/graphql`,
    ...requestWith(authorization),
    expectBody: answer,
    connections: CONNECTIONS,
    duration: SECONDS,
  });
  if (non2xx + errors + mismatches > 0) throw new Error(`${server.url}: not every answer was the right one`);
  const cpuSeconds = ((await server.cpuTime()) - before) / 1e6;
  return { perSecond: requests.average, perCpuSecond: requests.total / cpuSeconds };
}

const serve = SERVERS[process.argv[2] as Name];
if (serve === undefined) await main();
else {
  process.send!(await serve());
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send!(user + system);
  });
}
