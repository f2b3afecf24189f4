import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestLimiter } from '../../src/core/limits/request-limiter.js';
import { cut } from '../support/guide.js';
import { findPython, runPython } from '../support/guide-python.js';
import { createRestClient } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

const FILES = 25;
const client = cut('import requests\nfrom typing import Optional, Dict, Any', '# Usage example');
const HANDLER = cut('def handle_rate_limit(response):', 'Monitoring Integration');

let studio: TestStudio;
let python: string;
let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'guide-limits-'));
  for (let i = 1; i <= FILES; i++) await writeFile(join(cwd, `dataset${i}.csv`), `age,city\n${20 + i},Oslo\n31,Rome\n`);
  python = await findPython();
  // The limits as printed, all but the one for anonymous requests.
  const env = { RATE_LIMIT_PER_MINUTE: '1000', RATE_LIMIT_PER_HOUR: '5000', UPLOADS_PER_MINUTE: '10' };
  studio = await startStudio({ listen: true, env });
}, 300_000);
afterAll(async () => {
  await studio?.close();
  if (cwd !== undefined) await rm(cwd, { recursive: true, force: true });
});

/** Runs a snippet as printed for a new user; the guide's client takes the server's address. */
async function run(snippet: string, outcome: string, { email = '', before = '' } = {}): Promise<any> {
  const login = `client = SynthStudioClient("${studio.url}")\nclient.login("${email}", "password")`;
  return runPython({ python, cwd, client, snippet, before: `${login}\n${before}`, outcome });
}

async function register(email: string): Promise<string> {
  const { body } = await createRestClient(studio)('POST', '/auth/register', { json: { email, password: 'password' } });
  return body.id;
}

describe('the guide and the limits', () => {
  it('the bulk loop over 25 files uploads ten and tells of the limit for each of the others', async () => {
    const email = 'bulk@example.com';
    await register(email);
    const snippet = cut(
      'def upload_multiple_datasets(client, file_paths):',
      '# Usage\nfiles = ["dataset1.csv", "dataset2.csv", "dataset3.csv"]',
    );
    const files = `[f"dataset{i}.csv" for i in range(1, ${FILES + 1})]`;
    const { outcome } = await run(snippet, `upload_multiple_datasets(client, ${files})`, { email });
    const results = outcome as { success: boolean; error?: string }[];
    expect(results.map(({ success }) => success)).toEqual(Array.from({ length: FILES }, (_, i) => i < 10));
    for (const { error } of results.slice(10)) expect(error).toContain('429 Client Error: Too Many Requests');
  });

  it('each answer has the headers that the guide prints', async () => {
    const email = 'headers@example.com';
    await register(email);
    const { outcome: headers } = await run('', 'dict(client.get("/datasets/").headers)', { email });
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '999' });
    expect(Number(headers['x-ratelimit-reset']) - Date.now() / 1000).toBeLessThan(65);
  });

  it('its handler waits for as long as it is told, and the request then goes through', async () => {
    const email = 'patient@example.com';
    const userId = await register(email);
    // Ten uploads of a while ago, so that the handler, which really sleeps, need not do so for a minute.
    const limiter = studio.container.resolve(RequestLimiter);
    for (let i = 0; i < 10; i++) limiter.admitUpload(userId, Date.now() - 56_000);
    const before = `
def upload(make_request):
    started = time.time()
    response = make_request(
        None,
        "POST",
        f"{client.base_url}/datasets/upload",
        files={"file": ("a.csv", "age,city\\n1,Oslo\\n")},
        headers={"Authorization": f"Bearer {client.token}"},
    )
    return [response.status_code, time.time() - started]
`;
    const answer = await run(HANDLER, 'upload(make_request_with_retry)', { email, before });
    const [status, seconds] = answer.outcome as [number, number];
    expect(status).toBe(201);
    expect(seconds).toBeGreaterThan(1);
    expect(answer.printed.join('\n')).toMatch(/^Rate limited\. Retry after \d seconds\.$/m);
  });
});
