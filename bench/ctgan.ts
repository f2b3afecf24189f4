/**
 * CTGAN on the adult table, batches of 500: encoding, a training step, sampling; ours beside the reference's, with equal
 * threads and in the same run. PEER_PYTHON_SDV names a Python that has the package `ctgan`; without it only ours is printed.
 * Then where a step of ours goes. Run from the repository's root: npm run bench -- ctgan
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { adultTable } from '../test/support/adult.js';
import { type CtganTimes, runCtgan } from './support/ctgan-run.js';
import { printStepProfile } from './support/ctgan-step-profile.js';

const TABLE = 'assets/adult.csv';
const EPOCHS = 2;
const SEED = 1;
type PeerTimes = Omit<CtganTimes, 'executor' | 'stepCpuMs'>;

const python = process.env['PEER_PYTHON_SDV'];
const folder = mkdtempSync(join(tmpdir(), 'bench-ctgan-'));
try {
  for (const threads of [1, 2].filter((n) => n <= availableParallelism())) {
    const ours = await runCtgan(adultTable(), { threads, epochs: EPOCHS, seed: SEED });
    const peer = python === undefined ? null : runPeer(python, threads);
    print(threads, ours, peer);
  }
  if (python === undefined) console.log('The reference was not run: PEER_PYTHON_SDV is not set.');
  await printStepProfile(adultTable(), folder);
} finally {
  rmSync(folder, { recursive: true });
}

function runPeer(command: string, threads: number): PeerTimes {
  const args = ['bench/peers/ctgan_reference.py', TABLE, join(folder, 'peer.csv'), threads, EPOCHS, SEED].map(String);
  const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output.trim().split('\n').at(-1)!) as PeerTimes;
}

function print(threads: number, ours: CtganTimes, peer: PeerTimes | null): void {
  console.log(`\n${threads} thread${threads > 1 ? 's' : ''} (${ours.executor})`);
  row('encoder fit and encoding', ours.encodingMs, peer?.encodingMs, 0);
  row('training step, everything included', ours.stepMs, peer?.stepMs, 1);
  row('32,561 rows sampled and decoded', ours.sampleMs, peer?.sampleMs, 0);
  row(`${EPOCHS} epochs, whole fit`, ours.fitMs, peer?.fitMs, 0);
  console.log(`  CPU time of a step, all threads: ${ours.stepCpuMs.toFixed(1)} ms`);
}

function row(what: string, mine: number, theirs: number | undefined, digits: number): void {
  const beside =
    theirs === undefined ? '' : `, reference ${theirs.toFixed(digits)} ms: ${(theirs / mine).toFixed(1)} x`;
  console.log(`  ${what}: ${mine.toFixed(digits)} ms${beside}`);
}
