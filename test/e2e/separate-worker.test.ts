import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Client, Program } from '../support/program.js';

let dataDir: string;
let api: Program;
let client: Client;
let workers: Program[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'studio-worker-'));
  workers = [];
  api = await Program.start({ dataDir, env: { STUDIO_ROLE: 'api' } });
  client = await new Client(api.url).register();
});
afterEach(async () => {
  for (const program of [...workers, api]) await program.kill();
  await rm(dataDir, { recursive: true, force: true });
});

async function startWorker(): Promise<Program> {
  const worker = await Program.start({ dataDir, program: 'worker' });
  workers.push(worker);
  return worker;
}

async function uploadAdult(): Promise<string> {
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  const { body } = await client.upload(`${adult.split('\n').slice(0, 501).join('\n')}\n`, 'adult.csv');
  return body.id;
}

async function generate(datasetId: string, options: object): Promise<string> {
  const path = `/generators/dataset/${datasetId}/generate`;
  return (await client.call('POST', path, { num_rows: 100, ...options })).generator_id;
}

/** What a watcher at the api is told until the run has ended. */
function watch(generatorId: string): Promise<{ status: string }[]> {
  return new Promise((done, fail) => {
    const messages: { status: string }[] = [];
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws/generation/${generatorId}`, {
      headers: { authorization: client.authorization },
    });
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())));
    socket.once('error', fail).once('close', () => done(messages));
  });
}

describe('a worker beside the api, in a process of its own', () => {
  it('runs what the api took before it was there; who watches at the api sees it', { timeout: 60_000 }, async () => {
    // Takes long enough to be seen running.
    const generatorId = await generate(await uploadAdult(), { generator_type: 'autoregressive' });
    const watched = watch(generatorId);
    expect(await client.call('GET', '/health')).toMatchObject({ status: 'healthy' });
    expect((await client.call('GET', `/generators/${generatorId}`)).status).toBe('pending');
    const worker = await startWorker();
    const statuses = (await watched).map(({ status }) => status);
    expect([statuses[0], statuses.at(-1)]).toEqual(['pending', 'completed']);
    expect(statuses).toContain('running');
    expect((await client.send('GET', `/generators/${generatorId}/download`)).body.trim().split('\n')).toHaveLength(101);
    const { evaluation_id: id } = await client.call('POST', '/evaluations/run', { generator_id: generatorId });
    expect(await client.ended(`/evaluations/${id}`)).toMatchObject({ status: 'completed' });
    await worker.stop();
    expect((await worker.exited).code).toBe(0);
  });

  it(
    'is cancelled from the api, and what it leaves at its end the next one goes on with',
    { timeout: 60_000 },
    async () => {
      const first = await startWorker();
      const datasetId = await uploadAdult();
      const config = { epochs: 2000 };
      const [kept, cancelled] = [
        await generate(datasetId, { generator_type: 'ctgan', config }),
        await generate(datasetId, { generator_type: 'ctgan', config }),
      ];
      while (first.trainers().length === 0) await new Promise((done) => setTimeout(done, 20));
      await first.stop();
      expect(first.trainers()).toEqual([]);
      expect(['pending', 'queued']).toContain((await client.call('GET', `/generators/${kept}`)).status);
      const second = await startWorker();
      while (second.trainers().length === 0) await new Promise((done) => setTimeout(done, 20));
      for (const id of [cancelled, kept]) {
        await client.call('POST', `/generators/${id}/cancel`);
        expect((await client.ended(`/generators/${id}`)).status).toBe('cancelled');
      }
      while (second.trainers().length > 0) await new Promise((done) => setTimeout(done, 20));
    },
  );

  it('is one: a second worker, and a second api, are refused in a line', { timeout: 60_000 }, async () => {
    const worker = await startWorker();
    for (const [program, role, holder] of [
      ['main', 'api', api],
      ['worker', 'worker', worker],
    ] as const) {
      const second = await Program.start({ dataDir, program, env: { STUDIO_ROLE: role } });
      expect((await second.exited).code).toBe(1);
      const line = `DATA_DIR: ${dataDir} is in use by another studio (process ${holder.child.pid}): it takes one ${role}`;
      expect(second.output).toEqual([line]);
    }
  });
});
