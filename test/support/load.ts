import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createClient, type Client as Subscriber } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Client, Program } from './program.js';

export interface LoadOptions {
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  /** Answers by status. */
  readonly answers: Readonly<Record<number, number>>;
  /** Requests that had no answer, and streams that ended before their last message. */
  readonly lost: readonly string[];
  /** Messages that the subscribers were sent. */
  readonly messages: number;
  /** Milliseconds. */
  readonly latency: { readonly median: number; readonly p99: number };
  /** Resident memory of the program over time, in MiB. */
  readonly memory: readonly number[];
}

/** Of each ten connections: what they do. */
const PARTS = { rest: 6, graphql: 2, upload: 0.5, subscription: 1.5 };
const THINK_MS = 200;
const ANSWER_TIMEOUT_MS = 60_000;
const GRAPHQL_LIST = '{ datasets(first: 10) { edges { node { id name rowCount columns { name kind } } } } }';
const WATCH_EVENTS = 'subscription { events(types: [DATASET_CREATED]) { type subjectId } }';

/**
 * Holds as many connections open as asked, each with its own work at its own pace: reads over both doors, uploads,
 * subscriptions. `client` is logged in; the user's limits must be off.
 */
export async function applyLoad(program: Program, client: Client, options: LoadOptions): Promise<LoadResult> {
  const run = new LoadRun(program, client, options);
  return run.finish();
}

class LoadRun {
  readonly #answers: Record<number, number> = {};
  readonly #lost: string[] = [];
  readonly #latencies: number[] = [];
  readonly #memory: number[] = [];
  #deadline = 0;
  #messages = 0;

  constructor(
    private readonly program: Program,
    private readonly client: Client,
    private readonly options: LoadOptions,
  ) {}

  async finish(): Promise<LoadResult> {
    const { body } = await this.client.upload('city,income\nLondon,2.5\nNew York,1.25\n', 'small.csv');
    const reads = [
      '/datasets/?limit=10',
      `/datasets/${body.id}`,
      `/datasets/${body.id}/profile`,
      '/generators/',
      '/auth/me',
    ];
    const share = (part: keyof typeof PARTS) => Math.round((this.options.connections * PARTS[part]) / 10);
    const subscribers = await Promise.all(repeat(share('subscription'), () => this.#connect()));
    this.#deadline = Date.now() + this.options.seconds * 1000;
    const sampling = setInterval(() => this.#memory.push(residentMemory(this.program.child.pid!)), 500);
    await Promise.all([
      ...repeat(share('rest'), (i) => this.#inTurn((turn) => this.#send('GET', reads[(i + turn) % reads.length]!))),
      ...repeat(share('graphql'), () =>
        this.#inTurn(() => this.#send('POST', '/graphql', 'application/json', JSON.stringify({ query: GRAPHQL_LIST }))),
      ),
      ...repeat(share('upload'), (i) => this.#inTurn((turn) => this.#upload(`load-${i}-${turn}.csv`))),
      ...subscribers.map((subscriber) => this.#watch(subscriber)),
    ]);
    clearInterval(sampling);
    this.#latencies.sort((a, b) => a - b);
    const quantile = (q: number) => this.#latencies[Math.floor(q * (this.#latencies.length - 1))] ?? 0;
    return {
      answers: this.#answers,
      lost: this.#lost,
      messages: this.#messages,
      latency: { median: quantile(0.5), p99: quantile(0.99) },
      memory: this.#memory,
    };
  }

  /** One connection's work, again and again until the time is over, over one socket. */
  async #inTurn(work: (turn: number) => (agent: Agent) => Promise<void>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; Date.now() < this.#deadline; turn++) {
      await work(turn)(agent);
      await pause(THINK_MS);
    }
    agent.destroy();
  }

  #upload(name: string) {
    const boundary = 'part-of-the-load';
    const body = [
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/csv\r\n`,
      `city,income\r\nLondon,2.5\r\nNew York,1.25\r\n--${boundary}--\r\n`,
    ].join('\r\n');
    return this.#send('POST', '/datasets/upload', `multipart/form-data; boundary=${boundary}`, body);
  }

  #send(method: string, path: string, contentType?: string, body?: string) {
    return (agent: Agent) =>
      new Promise<void>((done) => {
        const started = performance.now();
        const lose = (error: Error) => {
          this.#lost.push(`${method} ${path}: ${error.message}`);
          done();
        };
        const headers = {
          authorization: this.client.authorization,
          ...(contentType !== undefined && { 'content-type': contentType }),
        };
        const sent = request(this.program.url + path, { agent, method, headers }, (response) => {
          response.on('error', lose).on('end', () => {
            const { statusCode = 0 } = response;
            this.#answers[statusCode] = (this.#answers[statusCode] ?? 0) + 1;
            this.#latencies.push(performance.now() - started);
            done();
          });
          response.resume();
        });
        sent.setTimeout(ANSWER_TIMEOUT_MS, () => sent.destroy(new Error(`no answer in ${ANSWER_TIMEOUT_MS} ms`)));
        sent.on('error', lose).end(body);
      });
  }

  /** A WebSocket that is open: the time starts when all are. */
  #connect(): Promise<Subscriber> {
    return new Promise((done, fail) => {
      const client = createClient({
        url: `${this.program.url.replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        connectionParams: { Authorization: this.client.authorization },
        lazy: false,
        retryAttempts: 0,
        onNonLazyError: fail,
        on: { connected: () => done(client) },
      });
    });
  }

  /** Watches the user's events until the time is over. */
  async #watch(client: Subscriber): Promise<void> {
    const events = client.iterate({ query: WATCH_EVENTS });
    // A timer may fire a millisecond before the clock says so.
    let isOver = false;
    const over = setTimeout(() => {
      isOver = true;
      void events.return!();
    }, this.#deadline - Date.now());
    try {
      for await (const { errors } of events) {
        if (errors !== undefined) throw new Error(errors[0]!.message);
        this.#messages++;
      }
      if (!isOver) this.#lost.push('a subscription ended by itself');
    } catch (error) {
      this.#lost.push(`a subscription: ${String((error as Error).message ?? error)}`);
    } finally {
      clearTimeout(over);
      await client.dispose();
    }
  }
}

function repeat<T>(count: number, work: (i: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, (_, i) => work(i));
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

/** MiB. */
export function residentMemory(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** How much more memory the last third of the time had than the middle one, as a share; medians. */
export function memoryGrowth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return median(samples.slice(2 * third)) / median(samples.slice(third, 2 * third)) - 1;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
