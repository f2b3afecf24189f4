/**
 * Load on loopback against the built program: 1,000 connections at once for a minute, reading over both doors, uploading,
 * subscribed. Fails on a 5xx answer, a request without an answer, or memory that grows. Then what 200 watchers of one
 * training cost its trainer, in CPU time of the trainer's process an epoch (aim: less than 2 %).
 * Arguments: --connections 1000 --seconds 60 --watchers 200 --epochs 40
 */
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
    seconds: { type: 'string', default: '60' },
    watchers: { type: 'string', default: '200' },
    epochs: { type: 'string', default: '40' },
  },
});
const NO_LIMITS = Object.fromEntries(
  ['RATE_LIMIT_PER_MINUTE', 'RATE_LIMIT_PER_HOUR', 'UPLOADS_PER_MINUTE', 'ANONYMOUS_PER_MINUTE'].map((name) => [
    name,
    '0',
  ]),
);
const ROUNDS = 3;
const dataDir = mkdtempSync(join(tmpdir(), 'bench-load-'));
const program = await Program.start({ dataDir, env: NO_LIMITS });
try {
  const client = await new Client(program.url).register();
  await load(client);
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

/** Alternating rounds with and without watchers. */
async function watchers(client: Client): Promise<void> {
  const table = readFileSync('assets/adult.csv', 'utf8').split('\n').slice(0, 2001).join('\n');
  const dataset = (await client.upload(`${table}\n`, 'adult.csv')).body.id as string;
  const costs: Record<'alone' | 'watched', number[]> = { alone: [], watched: [] };
  for (let round = 0; round < ROUNDS; round++) {
    costs.alone.push(await trainerCpu(client, dataset, 0));
    costs.watched.push(await trainerCpu(client, dataset, Number(values.watchers)));
  }
  const [alone, watched] = [costs.alone, costs.watched].map((list) => list.toSorted((a, b) => a - b)[1]!);
  console.log(
    `trainer, ${values.epochs} epochs: ${alone!.toFixed(2)} s of CPU alone, ${watched!.toFixed(2)} s with ${values.watchers} watchers: ${(100 * (watched! / alone! - 1)).toFixed(1)} % (aim: below 2)`,
  );
}

/** CPU seconds of the trainer's process up to the end of its training. */
async function trainerCpu(client: Client, dataset: string, count: number): Promise<number> {
  const config = { epochs: Number(values.epochs) };
  const started = await client.call('POST', `/generators/dataset/${dataset}/generate`, {
    generator_type: 'ctgan',
    config,
  });
  const id = started.generator_id as string;
  const sockets = Array.from({ length: count }, () => {
    const url = `${program.url.replace('http', 'ws')}/ws/generation/${id}`;
    return new WebSocket(url, { headers: { authorization: client.authorization } });
  });
  let cpu = 0;
  for (;;) {
    const { status } = await client.call('GET', `/generators/${id}`);
    for (const pid of program.trainers()) cpu = Math.max(cpu, cpuSeconds(pid));
    if (status === 'failed') throw new Error('The training failed');
    if (status === 'completed') break;
    await new Promise((done) => setTimeout(done, 100));
  }
  for (const socket of sockets) socket.close();
  return cpu;
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
