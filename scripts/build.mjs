// tsc into dist/, from empty where a source has gone; ends with a stamp that says when.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

for (const file of existsSync(dist) ? readdirSync(dist, { recursive: true }) : []) {
  const source = join(root, 'src', file.replace(/\.js$/, '.ts'));
  if (file.endsWith('.js') && !existsSync(source)) {
    rmSync(dist, { recursive: true });
    break;
  }
}
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
writeFileSync(join(dist, '.built'), '');
