import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPythonWith } from '../support/python.js';
import { createRestClient, logIn, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

/** Generated requests an operation. `FUZZ_CASES=2000 npx vitest run test/contract/openapi-fuzz.test.ts` is thorough, and long. */
const CASES = process.env['FUZZ_CASES'] ?? '3';
/** Ids of operations, comma separated: a long run can be taken in parts. All of them otherwise. */
const OPERATIONS = (process.env['FUZZ_OPERATIONS'] ?? '').split(',').filter((id) => id !== '');
const SEED = '1';
const HOURS = 3_600_000;
const PACKAGES = ['schemathesis==4.32.5'];
const config = fileURLToPath(new URL('../fixtures/openapi/schemathesis.toml', import.meta.url));
const hooks = fileURLToPath(new URL('../fixtures/openapi/schemathesis_hooks.py', import.meta.url));
const LIMITS = [
  'RATE_LIMIT_PER_MINUTE',
  'RATE_LIMIT_PER_HOUR',
  'UPLOADS_PER_MINUTE',
  'ANONYMOUS_PER_MINUTE',
  'LOGINS_PER_MINUTE',
  'CONCURRENT_GENERATIONS',
];

let studio: TestStudio;
let token: string;

beforeAll(async () => {
  // Without a worker: what the fuzzing starts is never run.
  const env = { STUDIO_ROLE: 'api', ...Object.fromEntries(LIMITS.map((name) => [name, '0'])) };
  studio = await startStudio({ listen: true, env });
  const call = createRestClient(studio);
  token = await logIn(call, 'fuzz@example.com');
  await upload(call, token, 'a,b\n1,x\n2,y\n');
});
afterAll(() => studio?.close());

it('schemathesis finds nothing that the OpenAPI document does not say', { timeout: 12 * HOURS }, async () => {
  const python = await findPythonWith({
    name: 'schemathesis',
    packages: PACKAGES,
    purpose: 'The fuzzing of the REST door',
  });
  const cwd = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const command = ['--config-file', config, '--no-color', 'run', `${studio.url}/openapi.json`];
  const options = ['--header', `Authorization: Bearer ${token}`, '--max-examples', CASES, '--seed', SEED];
  // Who logs out in the middle is told so ever after.
  const wanted = OPERATIONS.flatMap((id) => ['--include-operation-id', id]);
  const args = [...command, ...options, ...wanted, '--exclude-operation-id', 'logout'];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks };
  const report = await new Promise<string>((done) => {
    execFile(join(dirname(python), 'schemathesis'), args, { cwd, env, maxBuffer: 2 ** 28 }, (error, stdout, stderr) =>
      done(error ? stdout + stderr : ''),
    );
  });
  await rm(cwd, { recursive: true });
  // What comes before is the progress of the run.
  expect(report.slice(Math.max(0, report.search(/=+ (ERRORS|FAILURES) =+/)))).toBe('');
});
