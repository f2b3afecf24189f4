/**
 * Load on loopback against the built program: 1,000 connections at once for three minutes, reading over both doors,
 * uploading, subscribed. Fails on a 5xx answer, a request without an answer, or memory that grows in the last minute (the
 * first one fills pools and caches). Then what 200 watchers of one training cost its trainer, in CPU time of the trainer's
 * process an epoch (aim: less than 2 %).
 * Arguments: --connections 1000 --seconds 180 --watchers 200 --pairs 12; --seconds 0 leaves the load out
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { applyLoad, memoryGrowth } from '../test/support/load.js';
import { Client, Program } from '../test/support/program.js';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '180' },
    watchers: { type: 'string', default: '200' },
    pairs: { type: 'string', default: '12' },
  },
});
const NO_LIMITS = Object.fromEntries(
  ['RATE_LIMIT_PER_MINUTE', 'RATE_LIMIT_PER_HOUR', 'UPLOADS_PER_MINUTE', 'ANONYMOUS_PER_MINUTE'].map((name) => [
    name,
    '0',
  ]),
);
/** Epochs measured at a time, and those of them in which watchers come and go. */
const STRETCH = 100;
const SETTLING = 10;
const dataDir = mkdtempSync(join(tmpdir(), 'bench-load-'));
const program = await Program.start({ dataDir, env: NO_LIMITS });
try {
  const client = await new Client(program.url).register();
  if (Number(values.seconds) > 0) await load(client);
  await watchers(client);
} finally {
  await program.stop();
  rmSync(dataDir, { recursive: true });
}

async function load(client: Client): Promise<void> {
  const options = { connections: Number(values.connections), seconds: Number(values.seconds) };
  const { answers, lost, messages, latency, memory } = await applyLoad(program, client, options);
  const total = Object.values(answers).reduce((sum, n) => sum + n, 0);
  const growth = memoryGrowth(memory);
  console.log(`${options.connections} connections, ${options.seconds} s: ${total} answers ${JSON.stringify(answers)}`);
  console.log(`  ${messages} events to subscribers, ${lost.length} requests or streams lost`);
  console.log(`  latency median ${latency.median.toFixed(0)} ms, 99th percentile ${latency.p99.toFixed(0)} ms`);
  console.log(
    `  memory ${Math.max(...memory).toFixed(0)} MiB at most, growth ${(100 * growth).toFixed(1)} % over the last third`,
  );
  const failed = Object.keys(answers).some((status) => Number(status) >= 500);
  if (failed || lost.length > 0 || growth > 0.1) {
    console.log(lost.slice(0, 5).join('\n'));
    process.exitCode = 1;
  }
}

/**
 * CPU time an epoch of one trainer, in stretches of epochs that are watched and not by turns: whatever else the machine
 * does, and the start and the end of the process, fall on both alike.
 */
async function watchers(client: Client): Promise<void> {
  const table = readFileSync('assets/adult.csv', 'utf8').split('\n').slice(0, 2001).join('\n');
  const dataset = (await client.upload(`${table}\n`, 'adult.csv')).body.id as string;
  const epochs = STRETCH * (2 * Number(values.pairs) + 1);
  const started = await client.call('POST', `/generators/dataset/${dataset}/generate`, {
    generator_type: 'ctgan',
    config: { epochs },
  });
  const id = started.generator_id as string;
  await epochFrom(client, id, STRETCH);
  const ratios: number[] = [];
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    const alone = await cpuPerEpoch(client, id, 0);
    const watched = await cpuPerEpoch(client, id, Number(values.watchers));
    ratios.push(watched / alone);
  }
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (ratios.length - 1);
  console.log(
    `trainer's CPU time an epoch with ${values.watchers} watchers: ${percent(mean - 1)} more than without, ` +
      `standard error ${percent(Math.sqrt(variance / ratios.length))}, over ${ratios.length} pairs of stretches ` +
      `(aim: below 2)`,
  );
}

async function cpuPerEpoch(client: Client, id: string, count: number): Promise<number> {
  const sockets = Array.from({ length: count }, () => {
    const url = `${program.url.replace('http', 'ws')}/ws/generation/${id}`;
    return new WebSocket(url, { headers: { authorization: client.authorization } });
  });
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  const from = await epochFrom(client, id, 0);
  const to = await epochFrom(client, id, from.epoch + STRETCH - SETTLING);
  for (const socket of sockets) socket.terminate();
  return (to.cpu - from.cpu) / (to.epoch - from.epoch);
}

/** The moment at which an epoch that is not before `first` is told of, and what the trainer had spent by then. */
async function epochFrom(client: Client, id: string, first: number): Promise<{ epoch: number; cpu: number }> {
  let before: number | undefined;
  for (;;) {
    const { status, epoch } = await client.call('GET', `/generators/${id}`);
    if (['completed', 'failed', 'cancelled'].includes(status)) throw new Error(`The training is ${status} too early`);
    if (typeof epoch === 'number') {
      if (before !== undefined && epoch > before && epoch >= first) return { epoch, cpu: trainerCpu() };
      before = epoch;
    }
    await new Promise((done) => setTimeout(done, 10));
  }
}

function trainerCpu(): number {
  return program.trainers().reduce((sum, pid) => sum + cpuSeconds(pid), 0);
}

function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const TICKS_PER_SECOND = 100;
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
