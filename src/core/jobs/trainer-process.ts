import { setPriority } from 'node:os';
import type { Checkpoints, PluginLogger, Progress, RunPhase } from '../plugin-api/index.js';
import type { JobKind } from './job.entity.js';
import type { TrainerResult, TrainerTask } from './job-handler.js';
import { createCheckpoints } from './trainer/checkpoint-folder.js';
import { toFailure } from './trainer/failure.js';
import type { FromTrainer, ToTrainer, TrainerOrder } from './trainer/messages.js';
import { endWithParent } from './trainer/orphan-watch.js';
import { createProgressReporter } from './trainer/progress-reporter.js';
import { createTicker } from './trainer/ticker.js';

/** What a task meets in the trainer process. */
export interface TrainerEnv {
  /** An empty folder for the files of the result; removed when the attempt ends. */
  readonly scratch: string;
  /** Kept from one attempt of the job to the next; gone when the job ends. */
  readonly checkpointFolder: string;
  readonly checkpoints: Checkpoints;
  /** Aborted when the job is cancelled or the worker stops. */
  readonly signal: AbortSignal;
  /** Goes to the worker's log, with the job's id. */
  readonly logger: PluginLogger;
  /** Cheap and synchronous: of many reports the newest is sent, ten times a second. */
  report(progress: Progress): void;
  /** Lets the event loop run when 25 ms have passed since it last did, then throws if the run was aborted. */
  tick(): Promise<void>;
}

export type TrainerTaskRunner = (task: TrainerTask, env: TrainerEnv) => Promise<TrainerResult>;

export interface TrainerOptions {
  readonly tasks: Readonly<Record<JobKind, TrainerTaskRunner>>;
}

/** Added to the niceness: where the cores are few, the api answers before a trainer computes. */
const NICENESS = 5;

/**
 * The whole life of a trainer process: takes one order from its parent, runs it, answers, exits. It dies when the
 * parent does. Signals of the terminal are the parent's business: it ends its trainers in its own order.
 */
export async function runTrainer({ tasks }: TrainerOptions): Promise<void> {
  if (process.send === undefined) throw new Error('A trainer is started by a worker, not by hand');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(1));
  endWithParent();
  process.on('uncaughtException', (error) => void answer({ type: 'failed', failure: toFailure(error) }));
  lowerPriority();
  const abort = new AbortController();
  const order = await receiveOrder(abort);
  await answer(await runOrder(order, tasks, abort.signal));
}

function receiveOrder(abort: AbortController): Promise<TrainerOrder> {
  return new Promise((resolve) => {
    process.on('message', (message: ToTrainer) => {
      if (message.type === 'abort') abort.abort();
      else resolve(message.order);
    });
  });
}

async function runOrder(
  order: TrainerOrder,
  tasks: TrainerOptions['tasks'],
  signal: AbortSignal,
): Promise<FromTrainer> {
  const progress = createProgressReporter((latest) => post({ type: 'progress', progress: latest }));
  let phase: RunPhase | undefined;
  const env: TrainerEnv = {
    scratch: order.scratch,
    checkpointFolder: order.checkpointFolder,
    checkpoints: createCheckpoints(order.checkpointFolder),
    signal,
    logger: {
      info: (message, fields) => log('info', message, fields),
      warn: (message, fields) => log('warn', message, fields),
    },
    report(latest) {
      if (latest.phase !== phase) post({ type: 'phase', phase: (phase = latest.phase), at: Date.now() });
      progress.report(latest);
    },
    tick: createTicker(signal),
  };
  try {
    signal.throwIfAborted();
    return { type: 'result', result: await tasks[order.task.kind](order.task, env) };
  } catch (error) {
    return signal.aborted ? { type: 'aborted' } : { type: 'failed', failure: toFailure(error) };
  } finally {
    progress.flush();
  }
}

function log(level: 'info' | 'warn', message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  post({ type: 'log', level, message, fields: plain(fields) });
}

/** A plugin may log what no message can carry; its run doesn't end over that. */
function plain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(JSON.stringify(fields)) as Record<string, unknown>;
  } catch {
    return { fields: String(fields) };
  }
}

function post(message: FromTrainer): void {
  // The callback keeps a send to a parent that has just died from becoming an exception.
  process.send?.(message, () => {});
}

/** The last word: the process ends once it is on its way. */
async function answer(message: FromTrainer): Promise<never> {
  await new Promise((resolve) => process.send?.(message, resolve));
  process.exit(0);
}

function lowerPriority(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // Not every system lets a process do so; it is a courtesy.
  }
}
