import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/plugin-api/random.js';
import { Client, Program } from '../support/program.js';

const adult = new URL('../../assets/adult.csv', import.meta.url);

/** The header and the first rows of the adult table. */
async function adultRows(count: number): Promise<string> {
  const lines = (await readFile(adult, 'utf8')).split('\n');
  return `${lines.slice(0, count + 1).join('\n')}\n`;
}

describe('faults', () => {
  let dataDir: string;
  let program: Program | undefined;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'studio-faults-'));
  });
  afterEach(async () => {
    await program?.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function start(): Promise<Client> {
    program = await Program.start({ dataDir });
    expect(program.url, program.output.join('\n')).not.toBe('');
    return new Client(program.url).register();
  }

  it('of 30 kills of the whole process at random moments lose no accepted upload and no finished model', async () => {
    const random = new RandomStream(20261124, 'kills');
    const table = await adultRows(3000);
    const accepted = new Map<string, string>();
    const finished = new Set<string>();
    const begun = new Set<string>();

    /** The main job once, noting what the studio has promised on the way. */
    async function mainJob(client: Client, round: number): Promise<void> {
      const content = table.replace('39,', `${39 + round},`);
      const { status, body } = await client.upload(content, `table-${round}.csv`);
      expect(status).toBe(201);
      accepted.set(body.id, createHash('sha256').update(content).digest('hex'));
      const run = await client.call('POST', `/generators/dataset/${body.id}/generate`, {
        generator_type: 'gaussian-copula',
        num_rows: 2000,
        seed: round,
      });
      begun.add(run.generator_id);
      expect(await client.ended(`/generators/${run.generator_id}`)).toMatchObject({ status: 'completed' });
      finished.add(run.generator_id);
      const evaluation = await client.call('POST', '/evaluations/run', {
        generator_id: run.generator_id,
        evaluators: [{ id: 'fidelity' }],
      });
      await client.ended(`/evaluations/${evaluation.evaluation_id}`);
    }

    // How long the job takes here sets when to kill: each of its phases gets its share.
    const client = await start();
    const begin = performance.now();
    await mainJob(client, 0);
    const duration = performance.now() - begin;
    await program!.kill();

    for (let kill = 1; kill <= 30; kill++) {
      const victim = await start();
      const killed = setTimeout(random.next() * duration).then(() => program!.kill());
      // The connection breaks when the process dies; anything else that fails is a defect.
      await mainJob(victim, kill).catch((error: Error) => {
        if (!(error instanceof TypeError)) throw error;
      });
      await killed;
    }

    const survivor = await start();
    for (const [id, checksum] of accepted) {
      expect(await survivor.call('GET', `/datasets/${id}`)).toMatchObject({
        status: 'ready',
        checksum: `sha256:${checksum}`,
      });
      const content = await survivor.call('GET', `/datasets/${id}/download`);
      expect(createHash('sha256').update(content).digest('hex')).toBe(checksum);
    }
    for (const id of begun) {
      const state = await survivor.ended(`/generators/${id}`);
      expect([state.status, state.error?.type ?? null]).toBeOneOf([
        ['completed', null],
        ['failed', 'worker_lost'],
      ]);
    }
    for (const id of finished) {
      const more = await survivor.call('POST', `/generators/${id}/generate`, { num_rows: 100 });
      expect(await survivor.ended(`/generators/${more.generator_id}`)).toMatchObject({ status: 'completed' });
    }
    for (const { id } of await survivor.call('GET', '/evaluations/')) {
      expect((await survivor.ended(`/evaluations/${id}`)).status).toMatch(/completed|failed/);
    }
    expect(accepted.size).toBeGreaterThan(10);
    await program!.stop();
    await expect(readdir(join(dataDir, 'scratch'))).resolves.toEqual([]);
  }, 400_000);

  it('of a trainer killed once are healed by another attempt, killed always end with a reason', async () => {
    const client = await start();
    const { body: dataset } = await client.upload(await adultRows(32_561), 'adult.csv');
    const generate = async (killings: number) => {
      const { generator_id: id } = await client.call('POST', `/generators/dataset/${dataset.id}/generate`, {
        generator_type: 'gaussian-copula',
        num_rows: 100_000,
      });
      const killed = new Set<number>();
      while (killed.size < killings) {
        const next = program!.trainers().find((pid) => !killed.has(pid));
        if (next === undefined) await setTimeout(5);
        else {
          process.kill(next, 'SIGKILL');
          killed.add(next);
        }
        if (/completed|failed/.test((await client.call('GET', `/generators/${id}`)).status)) break;
      }
      return client.ended(`/generators/${id}`);
    };
    expect(await generate(1)).toMatchObject({ status: 'completed' });
    expect(await generate(3)).toMatchObject({ status: 'failed', error: { type: 'worker_lost' } });
  }, 120_000);

  it('of a trainer leave the model that it finished, though the run is cancelled before its next attempt', async () => {
    const client = await start();
    const { body: dataset } = await client.upload(await adultRows(2000), 'adult.csv');
    const generate = async () => {
      const facts = { generator_type: 'autoregressive', num_rows: 100_000 };
      return `/generators/${(await client.call('POST', `/generators/dataset/${dataset.id}/generate`, facts)).generator_id}`;
    };
    const run = await generate();
    // The one worker takes this up when the trainer of the first is gone.
    const next = await generate();
    while ((await client.call('GET', run)).phase !== 'sample') await setTimeout(5);
    process.kill(program!.trainers()[0]!, 'SIGKILL');
    while ((await client.call('GET', run)).status === 'running') await setTimeout(5);
    expect(await client.call('GET', run)).toMatchObject({ status: 'queued' });
    expect(await client.call('POST', `${run}/cancel`)).toMatchObject({ status: 'cancelled' });
    await client.call('POST', `${next}/cancel`);
    const more = await client.call('POST', `${run}/generate`, { num_rows: 100 });
    expect(await client.ended(`/generators/${more.generator_id}`)).toMatchObject({ status: 'completed' });
    await program!.stop();
    await expect(readdir(join(dataDir, 'scratch'))).resolves.toEqual([]);
  }, 60_000);

  it('of Ctrl-C in the middle of a run end the process within 5 s, and the run goes on after the next start', async () => {
    const client = await start();
    const { body: dataset } = await client.upload(await adultRows(32_561), 'adult.csv');
    const { generator_id: id } = await client.call('POST', `/generators/dataset/${dataset.id}/generate`, {
      generator_type: 'gaussian-copula',
      num_rows: 100_000,
    });
    while (program!.trainers().length === 0) await setTimeout(5);
    const asked = Date.now();
    program!.interrupt();
    await program!.exited;
    expect(Date.now() - asked).toBeLessThan(5000);
    expect(program!.trainers()).toEqual([]);
    const again = await start();
    expect(await again.ended(`/generators/${id}`)).toMatchObject({ status: 'completed' });
  }, 60_000);

  it('of a full disk are told as such, and harm nothing that was there', async () => {
    const mount = join(dataDir, 'mount');
    await mkdir(mount);
    // A file system of its own, visible to the studio alone.
    const script = `mount -t tmpfs -o size=12m none '${mount}' && exec "$0" "$@"`;
    program = await Program.start({ dataDir: mount, wrapper: ['unshare', '-rm', 'sh', '-c', script] });
    expect(program.url, program.output.join('\n')).not.toBe('');
    const client = await new Client(program.url).register();
    const small = await client.upload(await adultRows(500), 'small.csv');
    expect(small.status).toBe(201);
    const { status, body } = await client.upload(
      (await adultRows(32_561)).repeat(1).concat('x'.repeat(12e6)),
      'big.csv',
    );
    expect({ status, type: body.type }).toEqual({ status: 507, type: 'insufficient_storage' });
    expect(await client.call('GET', `/datasets/${small.body.id}`)).toMatchObject({ row_count: 500 });
    expect((await client.upload(await adultRows(400), 'again.csv')).status).toBe(201);
  });

  it('of a read-only DATA_DIR stop the start and name it', async () => {
    const mount = join(dataDir, 'mount');
    await mkdir(mount);
    const script = `mount -t tmpfs -o ro none '${mount}' && exec "$0" "$@"`;
    program = await Program.start({ dataDir: mount, wrapper: ['unshare', '-rm', 'sh', '-c', script] });
    expect((await program.exited).code).toBe(1);
    expect(program.output).toEqual([`DATA_DIR: cannot write to ${mount}: the file system is read-only`]);
  });

  it('of a second studio on the same DATA_DIR stop it, naming the first', async () => {
    await start();
    const second = await Program.start({ dataDir });
    expect((await second.exited).code).toBe(1);
    expect(second.output.join()).toContain(`is in use by another studio (process ${program!.child.pid})`);
  });

  it('of a bad variable stop the start and name it', async () => {
    program = await Program.start({ dataDir, env: { WORKER_CONCURRENCY: 'many' } });
    expect((await program.exited).code).toBe(1);
    expect(program.output.join()).toContain('WORKER_CONCURRENCY');
  });
});
