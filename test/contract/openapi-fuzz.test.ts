import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOwned, type Owned } from '../support/access/owned.js';
import { findPythonWith } from '../support/python.js';
import { createRestClient, logIn } from '../support/rest.js';
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
const ADMIN = { email: 'fuzz@example.com', password: 'secure-password' };

let dataDir: string;
let studio: TestStudio;
let token: string;
let owned: Owned;
let disposable: Owned;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'fuzzed-'));
  const certificate = await readFile(new URL('../fixtures/tls/certificate.pem', import.meta.url), 'utf8');
  const provider = { issuer: 'https://login.example', entry_point: 'https://login.example/sso' };
  const env = {
    DATA_DIR: dataDir,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    PUBLIC_URL: 'https://studio.example',
    SAML_PROVIDERS: JSON.stringify({ corp: { ...provider, certificates: [certificate] } }),
  };
  const making = await startStudio({ env: { ...env, WEBHOOK_ALLOW_PRIVATE: 'true' } });
  const call = createRestClient(making);
  token = await logIn(call, ADMIN.email, ADMIN.password);
  owned = { ...(await makeOwned(call, token)), provider: 'corp' };
  disposable = await makeOwned(call, token);
  await making.close();
  // Without a worker: what the fuzzing starts is never run.
  studio = await startStudio({ listen: true, env: { ...env, STUDIO_ROLE: 'api' } });
}, 120_000);
afterAll(async () => {
  await studio?.close();
  await rm(dataDir, { recursive: true });
});

it('schemathesis finds nothing that the OpenAPI document does not say', { timeout: 12 * HOURS }, async () => {
  const python = await findPythonWith({
    name: 'schemathesis',
    packages: PACKAGES,
    purpose: 'The fuzzing of the REST door',
  });
  const cwd = await mkdtemp(join(tmpdir(), 'fuzz-'));
  // As a module: the program beside it begins with the path that the environment had when it was made.
  const command = [
    '-m',
    'schemathesis.cli',
    '--config-file',
    config,
    '--no-color',
    'run',
    `${studio.url}/openapi.json`,
  ];
  const options = ['--header', `Authorization: Bearer ${token}`, '--max-examples', CASES, '--seed', SEED];
  // Who logs out in the middle is told so ever after.
  const wanted = OPERATIONS.flatMap((id) => ['--include-operation-id', id]);
  const args = [...command, ...options, ...wanted, '--exclude-operation-id', 'logout'];
  const env = {
    ...process.env,
    SCHEMATHESIS_HOOKS: hooks,
    FUZZ_OWNED: JSON.stringify(owned),
    FUZZ_DISPOSABLE: JSON.stringify(disposable),
  };
  const { error, output } = await new Promise<{ error: Error | null; output: string }>((done) => {
    execFile(python, args, { cwd, env, maxBuffer: 2 ** 28 }, (failure, stdout, stderr) =>
      done({ error: failure, output: stdout + stderr }),
    );
  });
  await rm(cwd, { recursive: true });
  // What comes before is the progress of the run.
  const report = output.slice(Math.max(0, output.search(/=+ (ERRORS|FAILURES) =+/)));
  expect(error === null ? '' : report || error.message).toBe('');
  expect(output).toMatch(/[1-9]\d* generated/);
});
