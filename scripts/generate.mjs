// Writes the files that are made from the code: schema.graphql, openapi.json, .env.example. With --check it writes
// nothing, names each file that differs and ends non-zero.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FILES = {
  'schema.graphql': 'dist/print-schema.js',
  'openapi.json': 'dist/print-openapi.js',
  '.env.example': 'dist/core/app/print-env-example.js',
};
const check = process.argv.includes('--check');
let stale = 0;

for (const [file, program] of Object.entries(FILES)) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, program)], { encoding: 'utf8' });
  if (status !== 0) {
    console.error(`${program} failed:\n${stderr}`);
    process.exit(1);
  }
  const path = join(root, file);
  if (!check) writeFileSync(path, stdout);
  else if (read(path) !== stdout) {
    stale++;
    console.error(`${file} does not match the code: run "npm run generate"`);
  }
}
process.exit(stale === 0 ? 0 : 1);

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
