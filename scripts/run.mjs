// The door of every npm script: makes the clone ready (packages, build), then runs the program on the pinned Node.
// This file itself must run on Node 20 with nothing installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nodeModules = join(root, 'node_modules');
const stamp = join(root, 'dist', '.built');

const PROGRAMS = {
  setup: [],
  start: ['dist/main.js'],
  demo: ['scripts/demo.mjs'],
  test: ['scripts/check.mjs'],
  bench: ['scripts/bench.mjs'],
  audit: ['scripts/audit.mjs'],
  'audit:verify': ['dist/verify-audit.js'],
};

const [name, ...args] = process.argv.slice(2);
const program = PROGRAMS[name];
if (program === undefined) {
  console.error(`Usage: node scripts/run.mjs ${Object.keys(PROGRAMS).join('|')}`);
  process.exit(2);
}
if (!packagesMatchLockfile()) install();
if (!isBuilt()) build();
if (program.length > 0) run([...program, ...args]);

/** Whether every package of the lockfile lies in node_modules in its version; optional ones may be missing. */
function packagesMatchLockfile() {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const present = readJson(join(nodeModules, '.package-lock.json'))?.packages;
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link === true) return true;
    const found = present[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

function install() {
  say('Installing the packages (about two minutes the first time)');
  // Errors alone: packages tell of their deprecations and engines, which the pinned Node settles.
  step('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
}

function isBuilt() {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].every((path) => newest(path) <= built);
}

function newest(path) {
  const full = join(root, path);
  const stats = statSync(full);
  if (!stats.isDirectory()) return stats.mtimeMs;
  // The folder's own time tells of files that are gone.
  return Math.max(stats.mtimeMs, ...readdirSync(full).map((entry) => newest(join(path, entry))));
}

function build() {
  say('Building');
  step(join(root, 'node_modules', '.bin', 'node'), ['scripts/build.mjs']);
}

function step(command, commandArgs, options = {}) {
  const { status, error } = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit', ...options });
  if (error !== undefined) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function run(programArgs) {
  const node = join(nodeModules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const child = spawn(node, programArgs, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(nodeModules, '.bin')}:${process.env.PATH}` },
  });
  // Ctrl-C reaches the whole group by itself; a signal to this process alone is handed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function say(what) {
  console.error(`${what} …`);
}
