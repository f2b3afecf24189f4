import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.js';
import { Client, Program } from '../support/program.js';

const rows = Array.from({ length: 120 }, (_, i) => `${20 + (i % 50)},${i % 3 === 0 ? 'Rome' : 'Oslo'}\n`);
const table = `age,city\n${rows.join('')}`;
const CALLERS_TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLERS_SPAN = 'b7ad6b7169203331';

let dataDir: string;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
let program: Program;
let client: Client;
let datasetId: string;
/** The run of which the log and the traces tell. */
let run: { readonly jobId: string | undefined; readonly requestId: string | null };

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, OTEL_SERVICE_NAME: 'test-studio' });
  datasetId = (await client.upload(table)).body.id;
  run = await generate();
});
afterAll(async () => {
  await program?.kill();
  receiver.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(env: Record<string, string>): Promise<void> {
  dataDir = await mkdtemp(join(tmpdir(), 'studio-telemetry-'));
  program = await Program.start({ dataDir, env: { LOG_LEVEL: 'info', ...env } });
  client = await new Client(program.url).register();
}

async function generate() {
  const login = await client.call('POST', '/auth/login', { email: client.email, password: client.password });
  const response = await fetch(`${program.url}/generators/dataset/${datasetId}/generate`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${login.access_token}`,
      'content-type': 'application/json',
      traceparent: `00-${CALLERS_TRACE}-${CALLERS_SPAN}-01`,
    },
    body: JSON.stringify({ generator_type: 'autoregressive', num_rows: 100 }),
  });
  const { generator_id: id, job_id: jobId } = (await response.json()) as Record<string, string>;
  expect((await client.ended(`/generators/${id}`)).status).toBe('completed');
  return { jobId, requestId: response.headers.get('x-request-id') };
}

/** What was logged of a job. */
function linesOf(jobId: string | undefined): Record<string, unknown>[] {
  const lines = program.output.filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['jobId'] === jobId);
}

describe('a job', () => {
  it('is logged from beginning to end with the request that asked for it, its trainer’s lines included', async () => {
    await expect.poll(() => linesOf(run.jobId).map(({ msg }) => msg)).toContain('A job ended');
    const lines = linesOf(run.jobId);
    expect(lines[0]).toMatchObject({ msg: 'A job began', kind: 'generate', attempt: 1 });
    expect(lines.at(-1)).toMatchObject({ msg: 'A job ended', outcome: 'completed', seconds: expect.any(Number) });
    expect(lines.some(({ msg }) => String(msg).startsWith('Training steps run on'))).toBe(true);
    expect(new Set(lines.map((line) => line['request_id']))).toEqual(new Set([run.requestId]));
    const text = program.output.join('\n');
    for (const secret of [client.password, 'Bearer', 'eyJ']) expect(text).not.toContain(secret);
  });

  it('is one trace, from the request through the queue to the phases of its trainer', async () => {
    const isSent = () => receiver.spans.some(({ attributes }) => attributes['studio.job.id'] === run.jobId);
    await expect.poll(isSent, { timeout: 10_000 }).toBe(true);
    const trace = receiver.spans.filter(({ traceId }) => traceId === CALLERS_TRACE);
    const named = (name: string) => trace.find((span) => span.name === name) as ReceivedSpan;
    const request = named('POST /generators/dataset/:dataset_id/generate');
    expect(request).toMatchObject({
      parentSpanId: CALLERS_SPAN,
      service: 'test-studio',
      attributes: { 'http.response.status_code': 201, 'studio.request.id': run.requestId },
    });
    const job = named('job generate');
    expect(job).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { 'studio.plugin': 'autoregressive', 'studio.job.outcome': 'completed' },
    });
    for (const phase of ['prepare', 'train', 'sample']) {
      const span = named(`trainer ${phase}`);
      expect(span.parentSpanId).toBe(job.spanId);
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(job.startTimeUnixNano));
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(job.endTimeUnixNano));
    }
    const others = receiver.spans.filter(({ traceId }) => traceId !== CALLERS_TRACE);
    expect(others.map(({ name }) => name)).toContain('POST /auth/register');
    expect(JSON.stringify(receiver.spans)).not.toContain(client.password);
  });

  it('that loses its trainer says so once for each, with the reason', async () => {
    const url = `/generators/dataset/${datasetId}/generate`;
    const accepted = await client.call('POST', url, { generator_type: 'autoregressive' });
    for (let kill = 0; kill < 3; kill++) {
      while (program.trainers().length === 0) await setTimeout(5);
      const [pid] = program.trainers();
      process.kill(pid!, 'SIGKILL');
      while (program.trainers().includes(pid!)) await setTimeout(5);
    }
    expect(await client.ended(`/generators/${accepted.id}`)).toMatchObject({ status: 'failed' });
    const told = () => linesOf(accepted.job_id).filter(({ level }) => Number(level) >= 40);
    await expect.poll(() => told().length).toBe(3);
    for (const line of told()) expect(line).toMatchObject({ msg: 'A job lost its trainer', type: 'worker_lost' });
  });
});

describe('the end of the studio', () => {
  it('sends the last spans, and does not wait for a collector that is away', async () => {
    await client.call('GET', '/auth/me');
    await program.stop();
    expect(receiver.spans.map(({ name }) => name)).toContain('GET /auth/me');
    receiver.close();
    await rm(dataDir, { recursive: true, force: true });
    await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint });
    const asked = Date.now();
    await program.stop();
    expect(Date.now() - asked).toBeLessThan(5000);
  });
});
