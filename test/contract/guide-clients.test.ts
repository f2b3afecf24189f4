import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cut } from '../support/guide.js';
import { restoreIndentation } from '../support/guide-indentation.js';
import { runNode } from '../support/guide-node.js';
import { findPython, runPython } from '../support/guide-python.js';
import { startStudio, type TestStudio } from '../support/studio.js';

/** The guide names its server's port. */
const PORT = 8000;
const MINUTES = 60_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const client = cut('import requests\nfrom typing import Optional, Dict, Any', '# Usage example');
const LOGIN = 'client = SynthStudioClient()\nclient.login("user@example.com", "password")';
/** A run that takes no time, from the guide's own client. */
const GENERATED = `${LOGIN}
dataset_id = client.upload_dataset("data.csv")["id"]
generator_id = client.generate_synthetic_data(dataset_id, "gaussian-copula", 500)["generator_id"]`;

let studio: TestStudio;
let python: string;
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'guide-'));
  const adult = await readFile(new URL('../../assets/adult.csv', import.meta.url), 'utf8');
  const [header, ...rows] = adult.split('\n');
  const table = (from: number) => `${[header, ...rows.slice(from, from + 400)].join('\n')}\n`;
  for (const [i, name] of ['data.csv', 'test_data.csv', 'dataset1.csv', 'dataset2.csv'].entries()) {
    await writeFile(join(cwd, name), table(i * 400));
  }
  python = await findPython();
  studio = await startStudio({ listen: PORT }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    throw new Error(`The guide's snippets call port ${PORT}, and another program listens there: stop it first`);
  });
  for (const email of ['user@example.com', 'test@example.com']) {
    const payload = { email, password: 'password' };
    await studio.app.inject({ method: 'POST', url: '/auth/register', payload });
  }
}, 5 * MINUTES);

afterAll(async () => {
  await studio?.close();
  if (cwd !== undefined) await rm(cwd, { recursive: true, force: true });
});

function runSnippet(snippet: string, outcome: string, more: { before?: string; placeholders?: object } = {}) {
  const { before = LOGIN, placeholders = {} } = more;
  return runPython({ python, cwd, client, snippet, before, outcome, placeholders: placeholders as never });
}

describe('the indentation of the snippets', () => {
  it('comes back without a change to any token', () => {
    const snippet = cut('def handle_rate_limit(response):', 'Monitoring Integration');
    const restored = restoreIndentation(snippet);
    expect(restored.replaceAll(/^ +/gm, '')).toBe(snippet);
    expect(restored).toContain('\n        return True\n    return False\n');
  });

  it('keeps the methods of a class in it, and what uses it out', () => {
    const restored = restoreIndentation(cut('class APIMetrics:', 'Advanced Integration Patterns'));
    expect(restored).toContain(
      '\n            self.requests_failed += 1\n        self.response_times.append(response_time)',
    );
    expect(restored).toContain('\n    def get_metrics(self):\n        return {');
    expect(restored).toContain('\nmetrics = APIMetrics()');
    expect(restoreIndentation(client)).toContain('\n    def generate_synthetic_data(');
  });
});

/** Runs a command of the guide as printed, without its progress meter. */
const shell = async (command: string) => {
  const { stdout } = await promisify(execFile)('bash', ['-c', command.replaceAll('curl ', 'curl -sS ')]);
  return JSON.parse(stdout) as Record<string, unknown>;
};

describe("the guide's commands", () => {
  it('register, log in, list with the access token and refresh', async () => {
    const account = await shell(cut('# Register a new user', '# Login to get tokens'));
    expect(account).toMatchObject({ email: 'api-user@example.com', role: 'user' });
    const tokens = await shell(cut('# Login to get tokens', 'Response:'));
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 1800 });

    const list = cut('# Include token in Authorization header', 'Token Management');
    expect(
      await shell(list.replace('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...', tokens['access_token'] as string)),
    ).toEqual([]);
    const refresh = cut('# Use refresh token to get new access token', 'Authentication Errors');
    const renewed = await shell(refresh.replace('refresh_token_here', tokens['refresh_token'] as string));
    expect(renewed).toMatchObject({ token_type: 'bearer', expires_in: 1800 });
  });
});

/** The snippet only starts the run; the one worker is wanted for the next test. */
async function cancel(generatorId: string): Promise<void> {
  const payload = { email: 'user@example.com', password: 'password' };
  const login = await studio.app.inject({ method: 'POST', url: '/auth/login', payload });
  const headers = { authorization: `Bearer ${login.json<{ access_token: string }>().access_token}` };
  const url = `/generators/${generatorId}/cancel`;
  expect((await studio.app.inject({ method: 'POST', url, headers })).statusCode).toBe(200);
}

describe("the guide's clients", () => {
  it('Python: logs in, uploads and starts a dp-ctgan run', async () => {
    const snippet = cut('# Usage example', 'JavaScript/Node.js Client');
    const { outcome, printed } = await runSnippet(snippet, '[dataset, result]', { before: '' });
    const [dataset, result] = outcome as [Record<string, unknown>, Record<string, unknown>];
    expect(dataset).toMatchObject({ original_filename: 'data.csv', row_count: 400, column_count: 15 });
    expect(result).toMatchObject({
      generator_type: 'dp-ctgan',
      num_rows: 500,
      status: 'pending',
      dataset_id: dataset['id'],
    });
    expect(result['generator_id']).toMatch(UUID);
    expect(printed.at(0)).toMatch(/^Generation started: /);
    await cancel(result['generator_id'] as string);
  });

  it('JavaScript: logs in, uploads and starts a dp-ctgan run', async () => {
    const snippet = cut("const axios = require('axios');", 'Asynchronous Operations');
    const [dataset, result] = (await runNode(cwd, snippet, '[dataset, result]')) as Record<string, unknown>[];
    expect(dataset).toMatchObject({ original_filename: 'data.csv', row_count: 400, column_count: 15 });
    expect(result).toMatchObject({ generator_type: 'dp-ctgan', num_rows: 500, status: 'pending' });
    await cancel(result!['generator_id'] as string);
  });

  it('JavaScript: reads an evaluation', async () => {
    const snippet = cut("const axios = require('axios');", '// Usage');
    const evaluated = await runSnippet('evaluation = client.evaluate_generator(generator_id)', 'evaluation["id"]', {
      before: GENERATED,
    });
    const id = evaluated.outcome as string;
    const use = `const client = new SynthStudioClient();
      await client.login('user@example.com', 'password');`;
    const evaluation = await runNode(cwd, `${snippet}\n${use}`, `await client.getEvaluation('${id}')`);
    expect(evaluation).toMatchObject({ id, evaluation_id: id, status: 'completed' });
  });

  it('the integration test: upload, ctgan, evaluation', { timeout: 6 * MINUTES }, async () => {
    const { printed } = await runSnippet(cut('def test_integration():', 'Support and Resources'), 'None', {
      before: '',
    });
    expect(printed).toContain(' All integration tests passed');
  });
});

describe("the guide's patterns", () => {
  it('polls for completion', async () => {
    const snippet = cut(
      'import time\n\ndef wait_for_completion(client, generator_id, timeout=300):',
      'Webhook Notifications (Future Feature)',
    );
    const { outcome } = await runSnippet(snippet, 'result', { before: GENERATED });
    expect(outcome).toMatchObject({ status: 'completed', progress: 100, num_rows: 500 });
  });

  it('registers a webhook', async () => {
    const snippet = cut('# Configure webhook endpoint', 'Data Synchronization');
    // Taken away again: what the other snippets do is not to be told to whoever has that address.
    const forget =
      'requests.delete(f"{client.base_url}/webhooks/{made[\'id\']}", headers=client._headers()).status_code';
    const { outcome } = await runSnippet(snippet, `[(made, ${forget}) for made in client.get("/webhooks/").json()]`);
    const webhook = {
      url: 'https://your-app.com/webhooks/synth-studio',
      events: ['generation.completed', 'evaluation.completed'],
      enabled: true,
    };
    expect(outcome).toEqual([[expect.objectContaining(webhook), 204]]);
  });

  it('uploads several files, and tells which one is missing', async () => {
    const snippet = cut('def upload_multiple_datasets(client, file_paths):', 'Batch Evaluation');
    const { outcome } = await runSnippet(snippet, 'results');
    expect(outcome).toMatchObject([
      { file: 'dataset1.csv', success: true, data: { original_filename: 'dataset1.csv', row_count: 400 } },
      { file: 'dataset2.csv', success: true },
      { file: 'dataset3.csv', success: false, error: expect.stringContaining('No such file') },
    ]);
  });

  it('evaluates several generators', async () => {
    const { outcome: made } = await runSnippet('', '[dataset_id, client.wait(generator_id)["id"]]', {
      before: GENERATED,
    });
    const [datasetId, generatorId] = made as [string, string];
    const { outcome } = await runSnippet(
      cut('def evaluate_multiple_generators(client, generator_ids):', 'Incremental Sync'),
      `evaluate_multiple_generators(client, ["${generatorId}", "unknown"])`,
      { placeholders: { 'original-dataset-id': datasetId } },
    );
    expect(outcome).toEqual([
      { generator_id: generatorId, evaluation_id: expect.stringMatching(UUID), status: 'started' },
      { generator_id: 'unknown', error: expect.stringContaining('404') },
    ]);
  });

  it('finds what has changed since the last time', async () => {
    const before = `${LOGIN}
since = datetime.now(timezone.utc)
ids = [client.upload_dataset(name)["id"] for name in ("dataset1.csv", "dataset2.csv")]`;
    const { outcome } = await runSnippet(
      cut('def get_dataset_changes(client, last_sync_timestamp):', 'Error Handling'),
      '[sync_datasets(client, since), updated, ids]',
      { before },
    );
    const [count, updated, ids] = outcome as [number, string[], string[]];
    expect([count, updated]).toEqual([2, ids]);
  });

  it('takes a time without an offset', async () => {
    const snippet = cut('def get_dataset_changes(client, last_sync_timestamp):', 'Error Handling');
    const outcome =
      'len(get_dataset_changes(client, datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(days=1)))';
    expect((await runSnippet(snippet, outcome)).outcome).toBe(0);
  });

  it('retries a request whose first connection fails', async () => {
    const before = `${LOGIN}\nservers = iter(["http://localhost:1", client.base_url, "no third"])`;
    const again = 'retry_request(lambda: requests.get(f"{next(servers)}/health/live")).status_code';
    const snippet = cut('import time\nimport random', 'Rate Limiting');
    const { outcome } = await runSnippet(snippet, `[result.status_code, ${again}, next(servers)]`, { before });
    expect(outcome).toEqual([200, 200, 'no third']);
  });

  it('checks the health', async () => {
    const { outcome } = await runSnippet(cut('def check_api_health(base_url):', 'Metrics Collection'), 'health');
    expect(outcome).toMatchObject({ available: true, status: 'healthy' });
  });

  it('keeps metrics of its requests', async () => {
    const snippet = cut('class APIMetrics:', 'Advanced Integration Patterns');
    const { outcome } = await runSnippet(snippet, 'metrics.get_metrics()', {
      before: 'url = "http://localhost:8000/health/"',
    });
    expect(outcome).toMatchObject({ total_requests: 1, success_rate: 1, error_rate: 0 });
  });

  it('has its middleware write what the studio records by itself', async () => {
    const before = `${LOGIN}
import asyncio
from types import SimpleNamespace
app = SimpleNamespace(middleware=lambda kind: lambda function: function)
sent = []
send_to_audit_system = sent.append
user_id = client.get("/auth/me").json()["id"]
get_current_user_id = lambda request: user_id
get_client_ip = lambda: "127.0.0.1"
get_user_agent = requests.utils.default_user_agent
headers = {**client._headers(), "user-agent": get_user_agent()}
request = SimpleNamespace(method="GET", url=SimpleNamespace(path="/datasets/unknown"), headers=headers)
async def call_next(request):
    return requests.request(request.method, f"{client.base_url}{request.url.path}", headers=request.headers)`;
    const { outcome } = await runSnippet(
      cut('def log_api_activity(user_id, action, resource, details):', 'SDKs and Libraries'),
      '[asyncio.run(audit_middleware(request, call_next)).status_code, sent, client.get("/audit-logs", params={"resource": "unknown", "limit": 1}).json()]',
      { before },
    );
    const [status, [written], [recorded]] = outcome as [number, Record<string, any>[], Record<string, any>[]];
    expect([status, written!['action']]).toEqual([404, 'GET /datasets/unknown']);
    expect(written!['user_id']).toMatch(UUID);
    const sameFor = {
      timestamp: expect.stringMatching(/Z$/),
      details: { ...written!['details'], duration: expect.any(Number) },
    };
    expect(recorded).toMatchObject({ ...written, ...sameFor });
  });

  it('shows what is asked and answered in its debug mode', async () => {
    const before = `import logging
lines = []
kept = logging.Handler()
kept.emit = lambda record: lines.append(record.getMessage())
logging.getLogger("httpx").addHandler(kept)`;
    const snippet = cut('# Enable debug logging', 'Integration Testing');
    const outcome = '[httpx.get("http://localhost:8000/health/live").status_code, lines]';
    const [status, lines] = (await runSnippet(snippet, outcome, { before })).outcome as [number, string[]];
    expect([status, lines]).toEqual([200, ['HTTP Request: GET http://localhost:8000/health/live "HTTP/1.1 200 OK"']]);
  });

  it('has its sketches of single sign-on', async () => {
    const saml = cut('def saml_login(saml_response):', 'OAuth 2.0');
    const oauth = cut('def oauth_callback(code, state):', 'Audit Logging');
    const { outcome } = await runSnippet(`${saml}\n${oauth}`, '[saml_login(""), oauth_callback("", "")]');
    expect(outcome).toEqual([null, null]);
  });

  it('downloads in chunks', async () => {
    const { outcome } = await runSnippet(
      cut('def download_large_dataset(client, dataset_id, chunk_size=8192):', 'Real-time Progress Monitoring'),
      '[download_large_dataset(client, dataset_id), open("data.csv").read()]',
      { before: `${LOGIN}\ndataset_id = client.upload_dataset("data.csv")["id"]` },
    );
    const [path, original] = outcome as [string, string];
    expect(await readFile(join(cwd, path), 'utf8')).toBe(original);
  });

  it('watches the progress of a run', async () => {
    const { outcome: generatorId } = await runSnippet('', 'generator_id', { before: GENERATED });
    const uri = 'ws://localhost:8000/ws/generation/{generator_id}';
    const { printed } = await runSnippet(cut('import asyncio\nimport websockets', 'Service Mesh Integration'), 'None', {
      placeholders: { [uri]: uri.replace('{generator_id}', generatorId) },
    });
    const lines = printed.filter((line) => line.startsWith('Progress: '));
    expect(lines.at(-1)).toMatch(/^Progress: 100(\.0)?% - completed$/);
  });
});
