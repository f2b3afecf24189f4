/**
 * From starting the built program to its first answer, on an empty DATA_DIR and on one that is there already.
 * The aim is 1.5 s.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROUNDS = 5;
const dataDir = mkdtempSync(join(tmpdir(), 'bench-start-'));
const main = join(process.cwd(), 'dist', 'main.js');

async function startOnce(): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((done) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /listens on (\S+)/.exec(chunk.toString())?.[1];
      if (found !== undefined) done(found);
    });
  });
  const response = await fetch(`${url}/health`);
  const took = performance.now() - begin;
  if (!response.ok) throw new Error(`/health answered ${response.status}`);
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
  return took;
}

const first = await startOnce();
const later: number[] = [];
for (let round = 0; round < ROUNDS; round++) later.push(await startOnce());
rmSync(dataDir, { recursive: true });
const median = later.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
console.log(`start to first answer, empty DATA_DIR: ${Math.round(first)} ms`);
console.log(`start to first answer, median of ${ROUNDS}: ${Math.round(median)} ms (aim 1500)`);
