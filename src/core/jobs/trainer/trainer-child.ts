import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { Progress, RunPhase } from '../../plugin-api/index.js';
import type { TrainerResult } from '../job-handler.js';
import type { FromTrainer, ToTrainer, TrainerFailure, TrainerOrder } from './messages.js';

export type TrainerOutcome =
  | { readonly type: 'result'; readonly result: TrainerResult }
  | { readonly type: 'failed'; readonly failure: TrainerFailure }
  | { readonly type: 'aborted' }
  /** It ended without an answer: killed, crashed, out of memory. */
  | { readonly type: 'lost'; readonly detail: string };

export interface TrainerChildOptions {
  /** Path of the trainer program. */
  readonly entry: string;
  readonly order: TrainerOrder;
  readonly logger: Logger;
  /** Of the run's span: the trainer finds it as `TRACEPARENT` in its environment. */
  readonly traceparent?: string | undefined;
  readonly onPhase?: (phase: RunPhase, at: number) => void;
  readonly onProgress: (progress: Progress) => void;
}

/** A trainer that answered has nothing left to do; one still there after this many milliseconds is killed. */
const EXIT_TIME = 5000;
/** Lines of its error output that are kept to tell why it was lost. */
const KEPT_LINES = 20;

/** A trainer runs the code of plugins: what only the api needs to know stays with the api. */
const WITHHELD = [
  'JWT_SECRET',
  'ADMIN_EMAIL',
  'ADMIN_PASSWORD',
  'METRICS_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OAUTH_PROVIDERS',
  'SAML_PROVIDERS',
];

/** The worker's end of one trainer process. */
export class TrainerChild {
  /** Settles when the process is gone, and with it all of its memory. Never rejects. */
  readonly outcome: Promise<TrainerOutcome>;
  readonly #child: ChildProcess;
  readonly #lastLines: string[] = [];
  #answer: TrainerOutcome | undefined;

  constructor(private readonly options: TrainerChildOptions) {
    this.#child = fork(options.entry, [], {
      // Flags of the parent (a debugger's port, a test runner's hooks) are not the trainer's.
      execArgv: [],
      env: trainerEnvironment(options.traceparent),
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.outcome = this.#follow();
    this.#child.on('message', (message) => this.#receive(message as FromTrainer));
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream !== null) this.#keepLines(stream);
    this.#post({ type: 'run', order: options.order });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks it to stop, and kills it when it has not within `grace` milliseconds. */
  abort(grace: number): void {
    this.#post({ type: 'abort' });
    this.#killAfter(grace);
  }

  #killAfter(milliseconds: number): void {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), milliseconds);
    void this.outcome.then(() => clearTimeout(timer));
  }

  #post(message: ToTrainer): void {
    // One that has just died can't be told; its end is told by `outcome`.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #receive(message: FromTrainer): void {
    switch (message.type) {
      case 'progress':
        this.options.onProgress(message.progress);
        return;
      case 'phase':
        this.options.onPhase?.(message.phase, message.at);
        return;
      case 'log':
        this.options.logger[message.level](message.fields, message.message);
        return;
      default:
        this.#answer ??= message;
        this.#killAfter(EXIT_TIME);
    }
  }

  async #follow(): Promise<TrainerOutcome> {
    const child = this.#child;
    const failure = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(`The trainer process could not be started: ${error.message}`));
    });
    // Messages still in the pipe when the process is gone arrive before `disconnect`.
    const end = Promise.all([
      new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(describeEnd(code, signal)))),
      new Promise<void>((resolve) => child.once('disconnect', resolve)),
    ]).then(([detail]) => detail);
    const detail = await Promise.race([end, child.pid === undefined ? failure : end]);
    return this.#answer ?? { type: 'lost', detail: this.#withReason(detail) };
  }

  #withReason(detail: string): string {
    if (this.#lastLines.length > 0)
      this.options.logger.warn({ output: this.#lastLines }, 'Last words of a lost trainer');
    const outOfMemory = this.#lastLines.some((line) => /heap out of memory|std::bad_alloc/i.test(line));
    return outOfMemory ? `${detail}: out of memory` : detail;
  }

  /** Native libraries print as they like; none of it reaches the studio's own output but through the log. */
  #keepLines(stream: Readable): void {
    createInterface({ input: stream }).on('line', (line) => {
      this.options.logger.debug({ line }, 'Trainer output');
      this.#lastLines.push(line);
      if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
    });
  }
}

/** `TRACEPARENT` is how OpenTelemetry hands a trace on to a child process. */
function trainerEnvironment(traceparent: string | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name));
  return { ...Object.fromEntries(kept), ...(traceparent !== undefined && { TRACEPARENT: traceparent }) };
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === 'SIGKILL') return 'The trainer process was killed (SIGKILL), as the system does when memory runs out';
  if (signal !== null) return `The trainer process was ended by ${signal}`;
  return `The trainer process ended with exit code ${code}`;
}
