/**
 * What the REST door adds to a service call: an authenticated list of 10 datasets from a real database over HTTP, beside
 * the same service call made directly, in one process and in alternating rounds. A third round of each keeps the
 * service's answer in memory: what is left is the door alone, with Fastify, the token, the limits, the audit trail and the
 * body; the difference is what a database call costs more between requests than in a row. A fourth is a bare Fastify route
 * that sends the same rows: what any door in this language costs on this machine. Figures are the server's own CPU time a
 * call (all its threads), so that the load generator does not count; a busy machine still does, by cold caches, so that
 * the least of the rounds says most.
 */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import { createApi } from '../src/api.js';
import { readConfig } from '../src/core/app/config.js';
import { Studio } from '../src/core/app/studio.js';
import { AuthService } from '../src/core/auth/auth.service.js';
import { DatasetService } from '../src/core/datasets/dataset.service.js';
import { PrivacyAccounts } from '../src/core/privacy/privacy-accounts.js';
import { builtInPlugins } from '../src/plugins/index.js';

const PATH = '/datasets/?limit=10';
const ROUNDS = 9;
const SECONDS = 2;
const CONNECTIONS = 20;
const DIRECT_CALLS = 5000;
const WANTED_MICROSECONDS = 100;
const AUDIT_DELAY_MS = 300;

type Request = 'cpu' | 'direct' | 'keep' | 'forget' | 'stop';
interface Ready {
  readonly url: string;
  readonly bareUrl: string;
  readonly token: string;
}

async function serve(dataDir: string): Promise<void> {
  // The limits are kept, but far out of reach: what they cost is part of the door.
  const limit = '1000000000';
  const config = readConfig({
    DATA_DIR: dataDir,
    LOG_LEVEL: 'error',
    STUDIO_ROLE: 'api',
    RATE_LIMIT_PER_MINUTE: limit,
    RATE_LIMIT_PER_HOUR: limit,
  });
  const studio = await Studio.open({ config, builtIn: builtInPlugins, trainerEntry: '' });
  const auth = studio.container.resolve(AuthService);
  const datasets = studio.container.resolve(DatasetService);
  const privacy = studio.container.resolve(PrivacyAccounts);
  const account = { email: 'bench@example.com', password: 'secure-password' };
  const { id } = await auth.register(account);
  for (let i = 0; i < 10; i++) {
    const stream = Readable.from([Buffer.from('age,city,income\n36,London,2.5\n85,New York,1.25\n')]);
    await datasets.upload(id, { stream, filename: `table-${i}.csv`, details: () => ({}) });
  }
  const { accessToken: token } = await auth.login(account.email, account.password, '127.0.0.1');
  const app = await createApi(studio);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });

  const callDirectly = async () => {
    const page = await datasets.list(id, {}, '-created_at', { limit: 10, offset: 0 });
    await privacy.of(page.items.map((dataset) => dataset.id));
    if ((await page.total()) !== 10) throw new Error('The list is not of 10 datasets');
  };
  const kept = await datasets.list(id, {}, '-created_at', { limit: 10, offset: 0 });
  const accounts = await privacy.of(kept.items.map((dataset) => dataset.id));
  const real = { list: datasets.list, of: privacy.of };
  const requests: Readonly<Record<Request, () => number | Promise<number>>> = {
    cpu: cpuMicroseconds,
    direct: () => cpuOf(callDirectly, DIRECT_CALLS),
    keep: () => {
      datasets.list = async () => kept;
      privacy.of = async () => accounts;
      return 0;
    },
    forget: () => {
      datasets.list = real.list;
      privacy.of = real.of;
      return 0;
    },
    stop: () => studio.close().then(() => process.exit(0)),
  };
  process.on('message', async (request: Request) => process.send!(await requests[request]()));
  process.send!({ url, bareUrl: await serveBare(url, token), token } satisfies Ready);
}

/** A Fastify with one route and nothing else. */
async function serveBare(url: string, token: string): Promise<string> {
  const response = await fetch(`${url}${PATH}`, { headers: { authorization: `Bearer ${token}` } });
  const rows: unknown = await response.json();
  const app = Fastify();
  app.get('/datasets/', async () => rows);
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** CPU microseconds a call, with as many calls under way as the load generator has connections. */
async function cpuOf(call: () => Promise<void>, count: number): Promise<number> {
  const before = cpuMicroseconds();
  let left = count;
  const callInTurn = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, callInTurn));
  return (cpuMicroseconds() - before) / count;
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-rest-'));
  const server = fork(fileURLToPath(import.meta.url), [dataDir]);
  const answer = <T>() =>
    new Promise<T>((resolve, reject) => {
      server.once('message', (message) => resolve(message as T));
      server.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
    });
  const ask = (request: Request): Promise<number> => {
    const answered = answer<number>();
    server.send(request);
    return answered;
  };
  server.setMaxListeners(0);
  try {
    const { url, bareUrl, token } = await answer<Ready>();
    await check(url, token);
    const load = async (base = url): Promise<number> => {
      const before = await ask('cpu');
      const { requests, non2xx } = await autocannon({
        url: `${base}${PATH}`,
        connections: CONNECTIONS,
        duration: SECONDS,
        headers: { authorization: `Bearer ${token}` },
      });
      if (non2xx > 0) throw new Error(`${non2xx} requests failed`);
      // The last entries of the audit trail are written behind the answers.
      await delay(AUDIT_DELAY_MS);
      return ((await ask('cpu')) - before) / requests.total;
    };
    const rounds: Round[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const [direct, rest] = [await ask('direct'), await load()];
      await ask('keep');
      const door = await load();
      await ask('forget');
      const bare = await load(bareUrl);
      // The first round warms all up.
      if (round === 0) continue;
      rounds.push({ rest, direct, door, bare });
      console.log(show(rounds.at(-1)!));
    }
    console.log(`least   ${show(roundAt(rounds, 0))}`);
    const median = roundAt(rounds, Math.floor(ROUNDS / 2));
    console.log(`median  ${show(median)} (wanted: at most ${WANTED_MICROSECONDS} added)`);
  } finally {
    const ended = new Promise((done) => server.once('exit', done));
    server.send('stop');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** CPU microseconds of a request or call. */
interface Round {
  readonly rest: number;
  readonly direct: number;
  /** Of a request whose answer is in memory. */
  readonly door: number;
  readonly bare: number;
}

/** Each of the costs by itself at a place in their ascending order. */
function roundAt(rounds: readonly Round[], place: number): Round {
  const costOf = (key: keyof Round) => rounds.map((round) => round[key]).toSorted((a, b) => a - b)[place]!;
  return { rest: costOf('rest'), direct: costOf('direct'), door: costOf('door'), bare: costOf('bare') };
}

function show({ rest, direct, door, bare }: Round): string {
  const [r, d, o, a, b] = [rest, direct, door, rest - direct, bare].map((cost) => cost.toFixed(0));
  return `REST ${r} µs a request, direct ${d} µs a call: ${a} µs added; the door alone ${o} µs, a bare Fastify route ${b} µs`;
}

async function check(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}${PATH}`, { headers: { authorization: `Bearer ${token}` } });
  const rows = (await response.json()) as unknown[];
  if (!response.ok || rows.length !== 10) throw new Error(JSON.stringify(rows));
}

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) await main();
else await serve(dataDir);
