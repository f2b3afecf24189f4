import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/random.js';
import { Client, Program } from '../support/program.js';
import { type Received, verify, WebhookReceiver } from '../support/webhook-receiver.js';

const EVENTS = 100;
const ENV = {
  WEBHOOK_ALLOW_PRIVATE: 'true',
  WEBHOOK_RETRY_DELAY: '50ms',
  WEBHOOK_TIMEOUT: '1s',
};

/** A run, then uploads until the process dies: it is killed some time after there are `target` of them. */
async function work(client: Client, accepted: string[], target: number, kill: () => Promise<void>): Promise<void> {
  let killed: Promise<void> | undefined;
  try {
    for (let i = 0; ; i++) {
      const rows = Array.from({ length: 60 }, (_, row) => `${accepted.length},${row}`);
      const { status, body } = await client.upload(`a,b\n${rows.join('\n')}\n`);
      expect(status, JSON.stringify(body)).toBe(201);
      accepted.push(body.id);
      if (accepted.length >= target) killed ??= kill();
      if (i > 0) continue;
      const run = { generator_type: 'independent', num_rows: 100 };
      await client.call('POST', `/generators/dataset/${body.id}/generate`, run);
    }
  } finally {
    await killed;
  }
}

describe('webhooks of a program that is killed', () => {
  let dataDir: string;
  let program: Program | undefined;
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'studio-webhooks-'));
    receiver = await WebhookReceiver.open();
  });
  afterEach(async () => {
    await program?.kill();
    await receiver[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<Client> {
    program = await Program.start({ dataDir, env: ENV });
    expect(program.url, program.output.join('\n')).not.toBe('');
    return new Client(program.url).register();
  }

  it('lose none of 100 events, whenever it is killed, to a receiver that fails a third of the time', async () => {
    const random = new RandomStream(20261124, 'webhooks');
    const taken: Received[] = [];
    receiver.respond = (received, response) => {
      const fails = random.next() < 1 / 3;
      if (!fails) taken.push(received);
      response.writeHead(fails ? 500 : 200).end();
    };
    const client = await start();
    const events = ['dataset.created', 'generation.completed', 'generation.failed'];
    const { secret } = await client.call('POST', '/webhooks/register', { url: receiver.url, events });

    const accepted: string[] = [];
    let kills = 0;
    while (accepted.length < EVENTS) {
      const user = kills === 0 ? client : await start();
      kills++;
      // After some uploads, and a moment in which the next ones, their deliveries and a run are under way.
      const target = accepted.length + 1 + random.nextInteger(25);
      const kill = () => setTimeout(random.next() * 200).then(() => program!.kill());
      // The connection breaks when the process dies; anything else that fails is a defect.
      await work(user, accepted, target, kill).catch((error: Error) => {
        if (!(error instanceof TypeError)) throw error;
      });
    }
    expect(kills).toBeGreaterThanOrEqual(5);

    const survivor = await start();
    const runs: { id: string; status: string }[] = await survivor.call('GET', '/generators?limit=1000');
    for (const { id } of runs) await survivor.ended(`/generators/${id}`);
    const datasets: { id: string; original_filename: string }[] = await survivor.call('GET', '/datasets?limit=1000');
    const uploads = datasets.filter(({ original_filename: name }) => name === 'table.csv').map(({ id }) => id);
    expect(uploads).toEqual(expect.arrayContaining(accepted));
    const expected = new Set([...uploads, ...runs.map(({ id }) => id)]);
    const told = () => new Set(taken.map(({ message: { data } }) => data['dataset_id'] ?? data['generator_id']));
    const deadline = Date.now() + 30_000;
    while (told().size < expected.size && Date.now() < deadline) await setTimeout(50);
    expect(told()).toEqual(expected);
    for (const received of taken) expect(verify(secret, received)).toEqual(received.message);
  }, 400_000);
});
