import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrainerTask } from '../../src/core/jobs/job-handler.js';
import { createCheckpoints } from '../../src/core/jobs/trainer/checkpoint-folder.js';
import { createProgressReporter } from '../../src/core/jobs/trainer/progress-reporter.js';
import { createTicker } from '../../src/core/jobs/trainer/ticker.js';
import { TrainerChild } from '../../src/core/jobs/trainer/trainer-child.js';
import type { Progress } from '../../src/core/plugin-api/index.js';

const support = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trainer-'));
});
afterEach(async () => {
  delete process.env['JWT_SECRET'];
  await rm(folder, { recursive: true, force: true });
});

function start(behaviour: string, entry = support('trainer-entry.mjs')) {
  const task = { kind: 'generate', behaviour } as TrainerTask;
  const order = { task, scratch: folder, checkpointFolder: folder };
  const working = Promise.withResolvers<Progress>();
  const child = new TrainerChild({ entry, order, logger: pino({ level: 'silent' }), onProgress: working.resolve });
  return { child, working: working.promise };
}

describe('a trainer process', () => {
  it('leaves the signals of a terminal to its parent', async () => {
    expect(await start('interrupted').child.outcome).toEqual({ type: 'result', result: {} });
  });

  it('knows no secret of the api', async () => {
    process.env['JWT_SECRET'] = 'x'.repeat(32);
    expect(await start('environment').child.outcome).toEqual({ type: 'result', result: { secrets: [] } });
  });

  it('tells memory that it could not get as what it is', async () => {
    expect(await start('allocate').child.outcome).toMatchObject({ type: 'failed', failure: { type: 'out_of_memory' } });
  });

  it('is gone within 100 ms of an abort, when the code ticks', async () => {
    let least = Infinity;
    // A machine that does other things meanwhile only ever adds to it.
    for (let attempt = 0; attempt < 3; attempt++) {
      const { child, working } = start('loop');
      await working;
      const begin = performance.now();
      child.abort(5000);
      expect(await child.outcome).toEqual({ type: 'aborted' });
      least = Math.min(least, performance.now() - begin);
    }
    expect(least).toBeLessThan(100);
  });

  it('that cannot be started is lost, with a reason', async () => {
    const { child } = start('finish', join(folder, 'missing.mjs'));
    expect(await child.outcome).toEqual({ type: 'lost', detail: 'The trainer process ended with exit code 1' });
  });

  it.each(['loop', 'hang'])('dies with its parent, whether its code pauses or not (%s)', async (behaviour) => {
    const program = [support('trainer-parent.mjs'), behaviour];
    const parent = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString().split('\n')[0]);
    // By then the one that hangs has let the event loop run for the last time.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 5000 }).toBe(false);
  });
});

describe('ticking', () => {
  it('lets an abort in that a loop of settled promises would never see', async () => {
    const abort = new AbortController();
    const tick = createTicker(abort.signal);
    setTimeout(() => abort.abort(), 50);
    const begin = performance.now();
    const loop = async () => {
      while (performance.now() - begin < 2000) await tick();
    };
    await expect(loop()).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - begin).toBeLessThan(200);
  });
});

describe('reporting', () => {
  it('sends the first at once, of many the newest, and the last of each phase', async () => {
    const sent: Progress[] = [];
    const reporter = createProgressReporter((progress) => sent.push(progress));
    for (let completed = 1; completed <= 50; completed++) reporter.report({ phase: 'train', completed, total: 50 });
    expect(sent.map(({ completed }) => completed)).toEqual([1]);
    reporter.report({ phase: 'sample', completed: 0, total: 5 });
    expect(sent.map(({ phase, completed }) => [phase, completed])).toEqual([
      ['train', 1],
      ['train', 50],
    ]);
    await expect.poll(() => sent.length).toBe(3);
    reporter.report({ phase: 'sample', completed: 5, total: 5 });
    reporter.flush();
    reporter.flush();
    expect(sent.at(-1)!.completed).toBe(5);
    expect(sent).toHaveLength(4);
  });
});

describe('checkpoints', () => {
  it('give the newest whole state back, and keep no other', async () => {
    const first = createCheckpoints(folder);
    expect(await first.restore()).toBeNull();
    for (const epoch of [1, 2, 3]) {
      await first.save(async (writer) => {
        await writer.json('state', { epoch });
        await writer.bytes('weights', new Uint8Array([epoch]));
      });
    }
    expect(await readdir(folder)).toHaveLength(1);
    const reader = (await createCheckpoints(folder).restore())!;
    expect(await reader.json('state')).toEqual({ epoch: 3 });
    expect([...(await reader.bytes('weights'))]).toEqual([3]);
  });

  it('survive a save that fails half-way, and what a kill left', async () => {
    const checkpoints = createCheckpoints(folder);
    await checkpoints.save((writer) => writer.json('state', 1));
    const broken = checkpoints.save(async (writer) => {
      await writer.json('state', 2);
      throw new Error('killed');
    });
    await expect(broken).rejects.toThrow('killed');
    await mkdir(join(folder, 'unfinished', 'deep'), { recursive: true });
    await writeFile(join(folder, 'stray'), '');
    expect(await (await checkpoints.restore())!.json('state')).toBe(1);
    await checkpoints.save((writer) => writer.json('state', 3));
    expect(await (await checkpoints.restore())!.json('state')).toBe(3);
  });

  it('are due once the interval has passed', async () => {
    const checkpoints = createCheckpoints(folder, 30);
    expect(checkpoints.due()).toBe(false);
    await expect.poll(() => checkpoints.due()).toBe(true);
    await checkpoints.save((writer) => writer.json('state', 1));
    expect(checkpoints.due()).toBe(false);
  });
});

/** One that has ended, and that nobody has asked after yet, still has a number. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
