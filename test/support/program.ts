import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UNLIMITED } from './unlimited.js';

/** Tests and benches are started in the project's folder; where this file is compiled to says nothing of it. */
const root = process.cwd();
const READY = { main: /listens on (\S+)/, worker: /waits for (jobs)/ };

export interface ProgramOptions {
  readonly dataDir: string;
  /** `main` unless said otherwise. */
  readonly program?: keyof typeof READY;
  readonly env?: Readonly<Record<string, string>>;
  /** The clone whose build is started: this one unless said otherwise. */
  readonly clone?: string;
  /** Put before the program, as in `unshare -rm`. */
  readonly wrapper?: readonly string[];
}

/** The built studio as a process of its own, as `npm start` runs it. */
export class Program {
  readonly output: string[] = [];
  /** Where it listens; empty for a worker. */
  url = '';
  #isReady = false;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  private constructor(
    readonly child: ChildProcess,
    ready: RegExp,
  ) {
    this.exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.output.push(line);
        const found = ready.exec(line);
        if (found === null) return;
        this.#isReady = true;
        if (ready === READY.main) this.url = found[1]!;
      });
    }
  }

  /** Returns when it is ready, or when it ended before that. */
  static async start(options: ProgramOptions): Promise<Program> {
    const { dataDir, program: name = 'main', env = {}, clone = root, wrapper = [] } = options;
    const entry = join(clone, 'dist', `${name}.js`);
    if (!existsSync(entry)) throw new Error('This test starts the built program: run "npm run build" first');
    const [command, ...args] = [...wrapper, process.execPath, entry];
    const child = spawn(command!, args, {
      cwd: clone,
      env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', ...UNLIMITED, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a signal can be sent to it as a terminal would.
      detached: true,
    });
    const program = new Program(child, READY[name]);
    const ended = program.exited.then(() => true);
    while (!program.#isReady) {
      if (await Promise.race([ended, new Promise<false>((done) => setTimeout(() => done(false), 10))])) break;
    }
    return program;
  }

  /** As Ctrl-C does: to the whole group. */
  interrupt(): void {
    process.kill(-this.child.pid!, 'SIGINT');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) process.kill(this.child.pid!, 'SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.exited;
  }

  /** Process ids of the trainers that run now. */
  trainers(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
          const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
          const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return parent === this.child.pid && command.includes('trainer.js');
        } catch {
          return false;
        }
      });
  }
}

/** A user of the studio, over REST. */
export class Client {
  #token = '';

  constructor(
    public url: string,
    readonly email = 'user@example.com',
    readonly password = 'password',
  ) {}

  /** The value of the `Authorization` header. */
  get authorization(): string {
    return `Bearer ${this.#token}`;
  }

  async register(): Promise<this> {
    const answer = await this.send('POST', '/auth/register', { email: this.email, password: this.password });
    if (answer.status !== 201 && answer.body.type !== 'already_exists') throw new Error(JSON.stringify(answer.body));
    return this.login();
  }

  async login(): Promise<this> {
    const { body } = await this.send('POST', '/auth/login', { email: this.email, password: this.password });
    this.#token = body.access_token;
    return this;
  }

  /** Any answer, whatever its status. */
  // A JSON body of any shape: the tests say what they expect of it.
  async send(method: string, path: string, body?: unknown): Promise<{ status: number; body: any; headers: Headers }> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(this.#token !== '' && { authorization: this.authorization }),
        ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  }

  /** The body of a good answer; another one throws. */
  async call(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  upload(content: string | Uint8Array, filename = 'table.csv') {
    const form = new FormData();
    form.append('file', new Blob([content as BlobPart]), filename);
    return this.send('POST', '/datasets/upload', form);
  }

  /** Polls a generator or an evaluation until it has ended. */
  async ended(path: string, timeoutMs = 60_000): Promise<any> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const state = await this.call('GET', path);
      if (['completed', 'failed', 'cancelled'].includes(state.status)) return state;
      if (Date.now() > deadline) throw new Error(`${path} is ${state.status} after ${timeoutMs} ms`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
