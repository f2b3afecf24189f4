// npm run bench [-- NAME...]: compiles and runs the programs of bench/, all of them or those named, one after another.
// The peers are measured in the same run where PEER_PYTHON_SDV (and its like: see the head of each program) name a Python that has them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist-bench');
const programs = readdirSync(join(root, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !programs.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark ${unknown.join(', ')}. There are: ${programs.join(', ')}`);
  process.exit(2);
}

mkdirSync(out, { recursive: true });
// What the programs look up beside their sources.
for (const name of ['package.json', 'assets', 'bench/peers']) {
  const link = join(out, name);
  mkdirSync(join(link, '..'), { recursive: true });
  if (!existsSync(link) && existsSync(join(root, name))) symlinkSync(join(root, name), link);
}
run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.bench.json']);
for (const name of wanted.length > 0 ? wanted : programs) {
  console.log(`\n# ${name}`);
  run(process.execPath, [join(out, 'bench', `${name}.js`)]);
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
