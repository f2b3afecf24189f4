import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStudio, type TestStudio } from '../support/studio.js';

const run = promisify(execFile);
const MINUTES = 60_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Apart from the studio's own packages: the generator wants an older compiler. */
const folder = join(root, 'node_modules/.cache/openapi-client');
const PACKAGES = {
  'openapi-typescript': '7.13.0',
  'openapi-fetch': '0.17.0',
  typescript: '5.9.3',
  '@types/node': '24',
};

let studio: TestStudio;

beforeAll(async () => {
  studio = await startStudio({ listen: true });
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', private: true, dependencies: PACKAGES }),
  );
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
  await copyFile(join(root, 'test/fixtures/openapi/client.ts'), join(folder, 'client.ts'));
}, 3 * MINUTES);
afterAll(() => studio?.close());

it('openapi-typescript makes a client of the document that compiles and works', { timeout: 2 * MINUTES }, async () => {
  const execute = (command: string, args: string[]) =>
    run(join(folder, 'node_modules/.bin', command), args, { cwd: folder }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout, { cause: error });
    });
  await execute('openapi-typescript', [join(root, 'openapi.json'), '-o', 'api.d.ts']);
  const options = ['--strict', '--outDir', 'out', '--module', 'nodenext', '--target', 'es2024', '--skipLibCheck'];
  await execute('tsc', [...options, '--types', 'node', 'client.ts']);
  const { stdout } = await run(process.execPath, ['out/client.js', studio.url, join(root, 'assets/adult.csv')], {
    cwd: folder,
  });
  expect(JSON.parse(stdout)).toEqual({ rows: 500, refused: 'resource_not_found' });
});
