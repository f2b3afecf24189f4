import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let folder: string;

// The example as an outsider has it: in a folder of its own, beside the studio as npm packs it.
beforeAll(() => {
  if (!existsSync(join(root, 'dist/core/plugin-api/testing/index.js'))) {
    throw new Error('The example generator is tried against the packed studio, which is not built: npm run build');
  }
  folder = mkdtempSync(join(tmpdir(), 'example-generator-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'synthetic-data-studio'), { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  const tarball = join(folder, packed.toString().trim());
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'synthetic-data-studio'), '--strip-components=1']);
  symlinkSync(join(root, 'node_modules/zod'), join(modules, 'zod'));
  cpSync(join(root, 'plugins/example-generator'), join(folder, 'example'), { recursive: true });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the example generator keeps the promises of the plugin API, seeing the packed studio alone', () => {
  const output = execFileSync(process.execPath, ['--test', '--test-reporter=tap'], {
    cwd: join(folder, 'example'),
  }).toString();
  expect(output).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(output)![1])).toBeGreaterThan(15);
}, 120_000);

it('the studio loads the example by its folder', () => {
  const script = `
    import { loadPlugins } from ${JSON.stringify(join(root, 'dist/core/plugin-host/index.js'))};
    const { generators } = await loadPlugins({ builtIn: [], extra: ['example'] });
    console.log(generators.map(({ id }) => id).join());`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder }).toString();
  expect(output.trim()).toBe('histogram');
});
