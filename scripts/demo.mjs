// npm run demo: the main job, through the real server, as a client would do it.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, openAsBlob } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const EMAIL = 'demo@example.com';
const PASSWORD = 'synthetic-data';

const { values: options } = parseArgs({
  options: {
    file: { type: 'string', default: join(root, 'assets', 'adult.csv') },
    generator: { type: 'string', default: 'autoregressive' },
    rows: { type: 'string', default: '1000' },
    epochs: { type: 'string' },
    seed: { type: 'string' },
    once: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (options.help) {
  console.log(`npm run demo -- [--file TABLE] [--generator ID] [--rows N] [--epochs N] [--seed N] [--once]

Starts the studio, uploads the table, trains the generator, evaluates its rows and keeps serving.
  --file       CSV, TSV, JSON, NDJSON, Parquet or XLSX; without it the shipped adult (census income) table
  --generator  an id of GET /generators/types (default autoregressive)
  --rows       synthetic rows to make, 100 to 100000 (default 1000)
  --epochs     for generators that train in epochs
  --seed       makes the run repeatable
  --once       ends after the report`);
  process.exit(0);
}
const file = resolve(process.env.INIT_CWD ?? process.cwd(), options.file);
if (!existsSync(file)) fail(`There is no file ${file}`);

const dataDir = resolve(root, process.env.DATA_DIR ?? 'data', 'demo');
const results = join(dataDir, 'results');
mkdirSync(results, { recursive: true });

let stopping = null;
const studio = await startStudio();
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
try {
  await mainJob();
} catch (error) {
  console.error(`\n${error.message}`);
  await stop(1);
}
if (options.once) await stop(0);
console.log(`
The studio keeps serving until Ctrl-C:
  GraphiQL  ${studio.url}/graphql
  REST      ${studio.url}/docs
  Login     ${EMAIL} / ${PASSWORD}`);

async function mainJob() {
  await request('POST', '/auth/register', { email: EMAIL, password: PASSWORD }).catch((error) => {
    if (error.type !== 'already_exists') throw error;
  });
  studio.token = (await request('POST', '/auth/login', { email: EMAIL, password: PASSWORD })).access_token;

  const form = new FormData();
  form.append('file', await openAsBlob(file), basename(file));
  const dataset = await request('POST', '/datasets/upload', form);
  console.log(`Uploaded ${dataset.name}: ${number(dataset.row_count)} rows, ${dataset.column_count} columns`);

  const started = Date.now();
  const run = await request('POST', `/generators/dataset/${dataset.id}/generate`, {
    generator_type: options.generator,
    num_rows: wholeNumber('rows'),
    ...(options.seed !== undefined && { seed: wholeNumber('seed') }),
    ...(options.epochs !== undefined && { config: { epochs: wholeNumber('epochs') } }),
  });
  for (const { message } of run.warnings ?? []) console.log(`Note: ${message}`);
  await watch(run.generator_id);
  const generator = await request('GET', `/generators/${run.generator_id}`);
  if (generator.status !== 'completed')
    throw new Error(`The run ${generator.status}: ${generator.error?.detail ?? ''}`);
  const took = seconds(Date.now() - started);
  console.log(`Trained ${options.generator} and made ${number(generator.num_rows)} rows in ${took}`);

  const csv = join(results, `${basename(file).replace(/\.[^.]*$/, '')}-${options.generator}.csv`);
  await download(`/generators/${generator.id}/download`, csv);
  const preview = await request('GET', `/datasets/${generator.output_dataset_id}/rows?limit=5`);
  printTable(preview.columns, preview.rows);

  console.log('\nEvaluating');
  const evaluation = await request('POST', '/evaluations/run', { generator_id: generator.id });
  const done = await poll(`/evaluations/${evaluation.evaluation_id}`);
  if (done.status !== 'completed') throw new Error(`The evaluation ${done.status}: ${done.error?.detail ?? ''}`);
  const page = csv.replace(/\.csv$/, '.html');
  await download(`/evaluations/${done.id}/report`, page);
  console.log('\nScores');
  for (const [name, score] of Object.entries(done.scores)) {
    console.log(`  ${name.padEnd(36)} ${score === null ? 'not computed' : score.toFixed(4)}`);
  }
  console.log(`\nRows    ${csv}\nReport  ${page}`);
}

async function startStudio() {
  const port = await freePort(Number(process.env.PORT ?? 8000));
  const child = spawn(process.execPath, [join(root, 'dist', 'main.js')], {
    cwd: root,
    env: { LOG_LEVEL: 'error', ...process.env, PORT: String(port), DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.on('exit', (code) => {
    if (stopping === null) process.exit(code ?? 1);
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const url = /listens on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    // Whatever else it says must not fill the pipe.
    child.stdout.resume();
    return { child, url, token: undefined };
  }
  return new Promise(() => {});
}

/** Ends the studio, then this program; whoever asks again waits for the same end. */
function stop(code) {
  stopping ??= (async () => {
    const ended = new Promise((done) => studio.child.once('exit', done));
    if (studio.child.exitCode === null) {
      studio.child.kill('SIGTERM');
      await ended;
    }
    process.exit(code);
  })();
  return stopping;
}

/** The wanted port, or any free one where another program has it. */
function freePort(wanted) {
  return new Promise((done, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (error.code === 'EADDRINUSE' ? done(freePort(0)) : reject(error)));
    probe.listen(wanted, process.env.HOST ?? '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

async function request(method, path, body) {
  const isForm = body instanceof FormData;
  const response = await fetch(studio.url + path, {
    method,
    headers: {
      ...(studio.token && { authorization: `Bearer ${studio.token}` }),
      ...(body && !isForm && { 'content-type': 'application/json' }),
    },
    ...(body && { body: isForm ? body : JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  const fields = (answer.errors ?? []).map(({ field, message }) => `\n  ${field}: ${message}`).join('');
  throw Object.assign(new Error(answer.detail + fields), { type: answer.type });
}

async function download(path, target) {
  const response = await fetch(studio.url + path, { headers: { authorization: `Bearer ${studio.token}` } });
  if (!response.ok) throw new Error((await response.json()).detail);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(target));
}

/** Shows each state of a run that the server pushes, until it has ended. */
async function watch(id) {
  const socket = new WebSocket(`${studio.url.replace('http', 'ws')}/ws/generation/${id}?token=${studio.token}`);
  const show = progressDisplay();
  await new Promise((done, reject) => {
    socket.addEventListener('message', ({ data }) => show(JSON.parse(data)));
    socket.addEventListener('error', () => reject(new Error('The progress of the run could not be read')));
    socket.addEventListener('close', done);
  });
  show.end();
}

/** Asks for the state of an evaluation, and shows it, until it has ended. */
async function poll(path) {
  const show = progressDisplay();
  for (;;) {
    const state = await request('GET', path);
    if (['completed', 'failed', 'cancelled'].includes(state.status)) {
      show.end();
      return state;
    }
    show(state);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** A bar on a terminal, a line for each tenth elsewhere. */
function progressDisplay() {
  let lastTenth = -1;
  const show = (state) => {
    const tenth = Math.floor(state.progress / 10);
    // A line that wraps could not be written over.
    const line = `${bar(state.progress)} ${describe(state)}`.slice(0, (process.stdout.columns ?? 80) - 1);
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}`);
    else if (tenth > lastTenth) console.log(describe(state));
    lastTenth = Math.max(lastTenth, tenth);
  };
  show.end = () => {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  };
  return show;
}

function describe({ status, phase, progress, epoch, epochs, eta_seconds: eta, metrics }) {
  const losses = Object.entries(metrics ?? {}).map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return [
    `${progress.toFixed(0).padStart(3)} %`,
    phase ?? status,
    epochs ? `epoch ${epoch}/${epochs}` : '',
    eta == null ? '' : `${seconds(eta * 1000)} left`,
    ...losses,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

function bar(percent) {
  const width = 30;
  const full = Math.round((percent / 100) * width);
  return `[${'█'.repeat(full)}${'░'.repeat(width - full)}]`;
}

function printTable(columns, rows) {
  const width = process.stdout.columns ?? 100;
  const cells = [columns, ...rows].map((row) => row.map((cell) => String(cell ?? '').trim()));
  const widths = columns.map((_, i) => Math.min(18, Math.max(...cells.map((row) => row[i].length))));
  console.log();
  for (const row of cells) {
    const line = row.map((cell, i) => cell.slice(0, widths[i]).padEnd(widths[i])).join('  ');
    console.log(line.length > width ? `${line.slice(0, width - 1)}…` : line);
  }
}

function wholeNumber(name) {
  const value = Number(options[name]);
  if (!Number.isInteger(value)) fail(`--${name} takes a whole number`);
  return value;
}

function number(value) {
  return value.toLocaleString('en');
}

function seconds(milliseconds) {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1000)} s`;
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
