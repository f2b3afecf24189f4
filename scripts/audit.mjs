// npm run audit: compiles and runs bench/dp-audit, which tries to find single rows in what the private generators let out. Takes minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist-bench');
mkdirSync(out, { recursive: true });
if (!existsSync(join(out, 'package.json'))) symlinkSync(join(root, 'package.json'), join(out, 'package.json'));
run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.bench.json']);
run(process.execPath, [join(out, 'bench', 'dp-audit', 'main.js')]);

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
