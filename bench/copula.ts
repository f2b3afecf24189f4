/**
 * The Gaussian copula over the whole adult table: fitting, and a million rows as batches in memory, beside SDV's default copula
 * (fit, and a million rows as a data frame) in the same run. PEER_PYTHON_SDV names a Python that has sdv; without it only our
 * times are printed. Run from the repository's root.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { testContext } from '../src/core/plugin-api/testing/index.js';
import { gaussianCopula } from '../src/plugins/gaussian-copula/index.js';
import { adultTable } from '../test/support/adult.js';

const ADULT = 'assets/adult.csv';
const ROWS = 1_000_000;
const REPETITIONS = 3;

const PEER = `
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer
table = {"table": pd.read_csv(sys.argv[1])}
metadata = Metadata.detect_from_dataframes(table)
start = time.perf_counter()
model = GaussianCopulaSynthesizer(metadata)
model.fit(table)
fit = time.perf_counter() - start
start = time.perf_counter()
model.sample(int(sys.argv[2]))
print(json.dumps({"fit": fit, "sample": time.perf_counter() - start}))
`;

interface Seconds {
  readonly fit: number;
  readonly sample: number;
}

async function ours(): Promise<Seconds> {
  const source = adultTable();
  const runtime = await gaussianCopula.loadRuntime();
  const config = gaussianCopula.configSchema.parse({});
  const context = testContext({ seed: 1 });
  let best: Seconds = { fit: Infinity, sample: Infinity };
  for (let repetition = 0; repetition < REPETITIONS; repetition++) {
    const start = performance.now();
    const model = await runtime.fit({ source, config }, context);
    const fitted = performance.now();
    let rows = 0;
    for await (const batch of model.sample({ rowCount: ROWS, batchSize: 65_536 }, context)) rows += batch.rowCount;
    if (rows !== ROWS) throw new Error(`${rows} rows came out`);
    const fit = (fitted - start) / 1000;
    best = { fit: Math.min(best.fit, fit), sample: Math.min(best.sample, (performance.now() - fitted) / 1000) };
  }
  return best;
}

const told = ({ fit, sample }: Seconds) =>
  `fit ${fit.toFixed(2)} s, ${ROWS.toLocaleString('en')} rows ${sample.toFixed(2)} s`;

const times = (here: number, there: number) => `${(there / here).toFixed(1)} times`;

const seconds = await ours();
console.log(`ours: ${told(seconds)} (one thread, the best of ${REPETITIONS})`);
const python = process.env.PEER_PYTHON_SDV;
if (python) {
  const output = execFileSync(python, ['-c', PEER, resolve(ADULT), String(ROWS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const peer = JSON.parse(output.toString().trim().split('\n').at(-1)!) as Seconds;
  console.log(`SDV:  ${told(peer)}`);
  console.log(
    `ours is ${times(seconds.fit, peer.fit)} as fast at fitting, ${times(seconds.sample, peer.sample)} at sampling`,
  );
} else {
  console.log('SDV is not measured: PEER_PYTHON_SDV names no Python that has it');
}
