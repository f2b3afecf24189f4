import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A folder of its own with the studio as npm packs it, and an example beside it as `example`: what an outsider has. */
export function packedStudioWith(example: string): string {
  if (!existsSync(join(root, 'dist/core/plugin-api/testing/index.js'))) {
    throw new Error('The examples are tried against the packed studio, which is not built: npm run build');
  }
  const folder = mkdtempSync(join(tmpdir(), `${example}-`));
  const modules = join(folder, 'node_modules');
  const studio = join(modules, 'synthetic-data-studio');
  mkdirSync(studio, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
  });
  execFileSync('tar', ['-xzf', join(folder, packed.toString().trim()), '-C', studio, '--strip-components=1']);
  symlinkSync(join(root, 'node_modules/zod'), join(modules, 'zod'));
  cpSync(join(root, 'plugins', example), join(folder, 'example'), { recursive: true });
  return folder;
}

/** Runs a module in the folder, where `studio('core/…')` is the address of a file of the build; returns what it prints. */
export function runIn(folder: string, source: string): string {
  const prelude = `const studio = (path) => new URL(path, ${JSON.stringify(`file://${root}/dist/`)}).href;\n`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', prelude + source], { cwd: folder }).toString();
}
