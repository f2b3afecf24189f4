/**
 * DP-CTGAN on the adult table: a training step on one thread and the memory it takes; then quality and utility at several
 * epsilons, everything paid for and nothing declared, beside smartnoise-synth's DP-CTGAN with the same epsilon.
 * Arguments: --epsilons 1,3,10 --epochs 3 --seeds 1 --threads 1. PEER_PYTHON_SMARTNOISE names a Python with smartnoise-synth,
 * PEER_PYTHON_SDV one with sdmetrics and scikit-learn, which scores; without them ours alone is timed.
 * Run from the repository's root: npm run bench -- dp-ctgan
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ADULT, lastLine, scoreAdult } from './support/adult-scores.js';
import { runDpCtgan } from './support/dp-ctgan-run.js';

const { values } = parseArgs({
  options: {
    epsilons: { type: 'string', default: '1,3,10' },
    epochs: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const threads = Number(values.threads);
const folder = mkdtempSync(join(tmpdir(), 'bench-dp-ctgan-'));
try {
  for (const epsilon of numbers(values.epsilons)) {
    for (const seed of numbers(values.seeds)) await measureOurs(epsilon, seed);
    measurePeer(epsilon);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function measureOurs(epsilon: number, seed: number): Promise<void> {
  const out = join(folder, 'ours.csv');
  const { stepMs, stepCpuMs, fitMs, sampleMs, memoryMb, spent } = await runDpCtgan({ epsilon, seed, threads, out });
  const times = `step ${stepMs.toFixed(1)} ms (${stepCpuMs.toFixed(1)} ms of CPU), fit ${(fitMs / 1000).toFixed(1)} s, sampling ${(sampleMs / 1000).toFixed(1)} s`;
  console.log(
    `\nepsilon ${epsilon}, ours, seed ${seed}: ${times}, ${memoryMb.toFixed(0)} MB, spent ${spent.toFixed(4)}`,
  );
  scoreAdult(out);
}

function measurePeer(epsilon: number): void {
  const python = process.env['PEER_PYTHON_SMARTNOISE'];
  if (python === undefined) return console.log('The peer was not run: PEER_PYTHON_SMARTNOISE is not set.');
  const out = join(folder, 'peer.csv');
  const args = ['bench/peers/dp_ctgan_reference.py', ADULT, out, threads, values.epochs, epsilon].map(String);
  const { stepMs, stepCpuMs, fitMs } = JSON.parse(lastLine(python, args)) as Record<
    'stepMs' | 'stepCpuMs' | 'fitMs',
    number
  >;
  console.log(
    `epsilon ${epsilon}, smartnoise: step ${stepMs.toFixed(0)} ms (${stepCpuMs.toFixed(0)} ms of CPU), fit ${(fitMs / 1000).toFixed(1)} s`,
  );
  scoreAdult(out);
}
