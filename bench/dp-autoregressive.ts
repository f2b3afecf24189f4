/**
 * The private autoregressive generator on the adult table: time, quality and utility at several epsilons, everything paid for
 * and nothing declared, beside smartnoise-synth's MST with the same epsilon. Arguments: --epsilons 0.5,1,3,10 --seeds 1,2,3
 * --peers mst,aim. PEER_PYTHON_SMARTNOISE names a Python with smartnoise-synth, PEER_PYTHON_SDV one with sdmetrics and
 * scikit-learn, which scores. Run from the repository's root: npm run bench -- dp-autoregressive
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCompute } from '../src/core/compute/index.js';
import type { TableBatch } from '../src/core/plugin-api/index.js';
import { testContext } from '../src/core/plugin-api/testing/index.js';
import { dpAutoregressive } from '../src/plugins/dp-autoregressive/index.js';
import { adultTable } from '../test/support/adult.js';
import { ADULT, lastLine, scoreAdult, writeCsv } from './support/adult-scores.js';

const { values } = parseArgs({
  options: {
    epsilons: { type: 'string', default: '0.5,1,3,10' },
    seeds: { type: 'string', default: '1,2,3' },
    peers: { type: 'string', default: 'mst' },
    config: { type: 'string', default: '{}' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'bench-dp-autoregressive-'));
const compute = await createCompute();
try {
  for (const epsilon of values.epsilons.split(',').map(Number)) {
    for (const seed of values.seeds.split(',').map(Number)) await measureOurs(epsilon, seed);
    for (const peer of values.peers.split(',').filter(Boolean)) measurePeer(peer, epsilon);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function measureOurs(epsilon: number, seed: number): Promise<void> {
  const source = { ...adultTable(), profile: null };
  const runtime = await dpAutoregressive.loadRuntime();
  const config = dpAutoregressive.configSchema.parse({ epsilon, ...JSON.parse(values.config) });
  const context = testContext({ seed, compute });
  const fitting = stopwatch();
  const model = await runtime.fit({ source, config }, context);
  const fit = fitting();
  const memory = process.memoryUsage().rss / 1e6;
  const sampling = stopwatch();
  const batches: TableBatch[] = [];
  for await (const batch of model.sample({ rowCount: 32_561, batchSize: 4096 }, context)) batches.push(batch);
  const sample = sampling();
  const { privacySpent, metrics } = model.summary;
  console.log(
    `\nepsilon ${epsilon}, ours, seed ${seed}: fit ${fit}, ${memory.toFixed(0)} MB, 32,561 rows ${sample}, spent ${privacySpent!.epsilon.toFixed(4)}, noise multiplier ${metrics['noise_multiplier']!.toFixed(2)}`,
  );
  const out = join(folder, 'ours.csv');
  writeCsv(out, source.schema, batches);
  scoreAdult(out);
}

function measurePeer(peer: string, epsilon: number): void {
  const python = process.env['PEER_PYTHON_SMARTNOISE'];
  if (python === undefined) return console.log('The peer was not run: PEER_PYTHON_SMARTNOISE is not set.');
  const out = join(folder, 'peer.csv');
  const args = ['bench/peers/marginal_reference.py', ADULT, out, peer, String(epsilon)];
  const { fitMs, cpuMs } = JSON.parse(lastLine(python, args)) as { fitMs: number; cpuMs: number };
  console.log(
    `epsilon ${epsilon}, smartnoise ${peer}: fit ${(fitMs / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of CPU)`,
  );
  scoreAdult(out);
}

/** Gives the time since it was made: the wall's, and that of the CPU. */
function stopwatch(): () => string {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return `${((performance.now() - start) / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of CPU)`;
  };
}
