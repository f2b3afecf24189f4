import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainerTask } from '../../src/core/jobs/job-handler.js';
import type { TrainerEnv } from '../../src/core/jobs/trainer-process.js';
import { StudioError } from '../../src/core/errors/studio-error.js';

/** What the test trainer can be told to do; `behaviour` is the name. */
const BEHAVIOURS: Record<string, (task: TrainerTask, env: TrainerEnv) => Promise<Record<string, unknown>>> = {
  /** Reports ten epochs and a batch of rows, and writes a file. */
  async finish(_task, env) {
    for (let epoch = 1; epoch <= 10; epoch++) {
      env.report({ phase: 'train', completed: epoch, total: 10, metrics: { loss: 1 / epoch, bad: NaN } });
      await env.tick();
    }
    env.report({ phase: 'sample', completed: 5, total: 5, privacySpent: { epsilon: 1, delta: 1e-5 } });
    await writeFile(join(env.scratch, 'rows.txt'), 'rows');
    return { pid: process.pid, nice: (await import('node:os')).getPriority() };
  },
  /** Works without a pause, as a training loop does, until it is aborted. */
  async loop(_task, env) {
    env.report({ phase: 'train', completed: 1, total: 1000 });
    for (;;) {
      busyFor(5);
      await env.tick();
    }
  },
  /** Never lets the event loop run: only a kill ends it. */
  async hang(_task, env) {
    env.report({ phase: 'train', completed: 1, total: 1000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (;;) busyFor(1000);
  },
  async refuse() {
    throw new StudioError('validation_error', 'Category "x" is not in column "y"', {
      fields: [{ field: 'conditions.y', message: 'unknown', code: 'invalid_choice' }],
    });
  },
  async fault() {
    throw new TypeError('plugin fault');
  },
  async exit() {
    process.stderr.write('native library gave up\n');
    process.exit(7);
  },
  async die() {
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
  /** Counts its attempts in the checkpoint folder, dies in the first, and finishes in the second. */
  async dieOnce(_task, env) {
    const attempts = join(env.checkpointFolder, 'attempts');
    await appendFile(attempts, '.');
    const reader = await env.checkpoints.restore();
    if (reader === null) {
      await env.checkpoints.save((writer) => writer.json('state', { epoch: 4 }));
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => {});
    }
    return { resumed: await reader.json('state'), files: await readdir(env.checkpointFolder) };
  },
  async environment() {
    return { secrets: Object.keys(process.env).filter((name) => name === 'JWT_SECRET' || name.startsWith('ADMIN_')) };
  },
  /** Sends itself what a terminal sends to all of its processes. */
  async interrupted() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return {};
  },
  async allocate() {
    return { memory: new Float64Array(2 ** 50) };
  },
  /** Logs and answers what no message can carry. */
  async unsendable(_task, env) {
    const circular: Record<string, unknown> = { call: () => 1 };
    env.logger.warn('odd', { call: () => 1 });
    circular['self'] = circular;
    env.logger.warn('odd', circular);
    return { call: () => 1 };
  },
  async print() {
    process.stdout.write('noise on stdout\n');
    return {};
  },
};

function busyFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

export const tasks = (task: TrainerTask, env: TrainerEnv): Promise<Record<string, unknown>> => {
  const { behaviour } = task as TrainerTask & { readonly behaviour: string };
  env.logger.info('task begins', { behaviour });
  return BEHAVIOURS[behaviour]!(task, env);
};
