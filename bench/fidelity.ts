/**
 * Time of the quality figures (shapes and all 105 pairs by both rules, of one subject) over the whole adult table, from
 * tables in memory to scores: ours beside SDMetrics' own. Then the whole default evaluation with its controls.
 * PEER_PYTHON_SDV names a Python that has sdmetrics; without it only our times are printed. Run from the repository's root.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColumnKind, RunContext, TableSource } from '../src/core/plugin-api/index.js';
import { fidelityConfig } from '../src/plugins/fidelity/config.js';
import { compareColumns, comparePairs, Steps } from '../src/plugins/fidelity/runtime/compare-tables.js';
import { evaluateFidelity } from '../src/plugins/fidelity/runtime/evaluate-fidelity.js';
import { readTable } from '../src/plugins/fidelity/runtime/stored-table.js';
import { cellSource, readCsv } from '../test/support/csv-source.js';

const ADULT = 'assets/adult.csv';
const REPETITIONS = 5;
const context = { seed: 1, report() {}, async tick() {} } as unknown as RunContext;
const config = fidelityConfig.parse({});

const PEER = `
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from sdmetrics.reports.single_table import QualityReport
real, synthetic = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
metadata = {"columns": {c: {"sdtype": "categorical" if real[c].dtype == object else "numerical"} for c in real}}
seen = {}
for rule, threshold in (("strong_pairs", None), ("all_pairs", -1)):
    times = []
    for _ in range(${REPETITIONS}):
        report = QualityReport()
        if threshold is not None:
            report.real_correlation_threshold = report.real_association_threshold = threshold
        start = time.perf_counter()
        report.generate(real, synthetic, metadata, verbose=False)
        times.append(time.perf_counter() - start)
    seen[rule] = {"seconds": min(times), "quality": float(report.get_score())}
print(json.dumps(seen))
`;

async function main(): Promise<void> {
  const { names, cells } = readCsv(ADULT);
  const columns = names.map((name, index) => ({ name, kind: kindOf(cells[index]!), nullable: false }));
  const shuffled = cells.map((column, j) =>
    column.map((_, row) => column[(row * 7919 + Math.floor(j / 5) * 10_007) % column.length]!),
  );
  const real = cellSource(columns, cells);
  const synthetic = cellSource(columns, shuffled);
  const ours = await fastest(() => qualityFigures(real, synthetic));
  console.log(`shapes and pairs of one subject: ${ours.toFixed(3)} s (the fastest of ${REPETITIONS})`);
  const whole = await fastest(() =>
    evaluateFidelity({ real, synthetic, holdout: null, targetColumn: null, sensitiveColumns: [], config }, context),
  );
  console.log(`the whole default evaluation, two subjects: ${whole.toFixed(3)} s`);
  console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, the CSV cells included`);
  comparePeer(names, shuffled, ours);
}

function kindOf(cells: readonly (string | null)[]): ColumnKind {
  return cells.every((cell) => !Number.isNaN(Number(cell))) ? 'integer' : 'categorical';
}

async function qualityFigures(real: TableSource, synthetic: TableSource): Promise<void> {
  const read = (source: TableSource) => readTable(source, { maximumCells: config.maximum_cells, context });
  const stored = await read(real);
  const steps = new Steps(context, 1);
  const columns = await compareColumns(stored, new Map([['synthetic', await read(synthetic)]]), steps);
  await comparePairs(columns, ['synthetic'], config, context.seed, steps);
}

async function fastest(run: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

function comparePeer(names: readonly string[], cells: readonly (readonly (string | null)[])[], ours: number): void {
  const python = process.env.PEER_PYTHON_SDV;
  if (python === undefined) {
    console.log('SDMetrics was not timed: PEER_PYTHON_SDV names no Python.');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'fidelity-bench-'));
  try {
    const file = join(folder, 'synthetic.csv');
    const rows = cells[0]!.map((_, row) => cells.map((column) => column[row]).join(','));
    writeFileSync(file, `${[names.join(','), ...rows].join('\n')}\n`);
    const output = execFileSync(python, ['-c', PEER, ADULT, file], { encoding: 'utf8' });
    const seen = JSON.parse(output) as Record<string, { seconds: number; quality: number }>;
    for (const [rule, { seconds }] of Object.entries(seen)) {
      console.log(`SDMetrics, ${rule}: ${seconds.toFixed(3)} s, ${(seconds / ours).toFixed(1)} times ours`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
