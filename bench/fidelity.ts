/**
 * Time of the quality figures (shapes and all 105 pairs by both rules, of one subject) over the whole adult table, from
 * tables in memory to scores: ours beside SDMetrics' own. Then the whole default evaluation with its controls.
 * PEER_PYTHON_SDV names a Python that has sdmetrics; without it only our times are printed. Run from the repository's root.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ColumnKind, readWholeTable, type RunContext, type TableSource } from '../src/core/plugin-api/index.js';
import { fidelityConfig } from '../src/plugins/fidelity/config.js';
import { compareColumns, comparePairs, Steps } from '../src/plugins/fidelity/runtime/compare-tables.js';
import { evaluateFidelity } from '../src/plugins/fidelity/runtime/evaluate-fidelity.js';
import { storeTable } from '../src/plugins/fidelity/runtime/stored-table.js';
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
        wall, cpu = time.perf_counter(), time.process_time()
        report.generate(real, synthetic, metadata, verbose=False)
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    seen[rule] = {"wall": min(t[0] for t in times), "cpu": min(t[1] for t in times)}
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
  console.log(`shapes and pairs of one subject: ${told(ours)}, the best of ${REPETITIONS}`);
  const whole = await fastest(() =>
    evaluateFidelity({ real, synthetic, holdout: null, targetColumn: null, sensitiveColumns: [], config }, context),
  );
  console.log(`the whole default evaluation, two subjects: ${told(whole)}`);
  console.log(`peak memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, the CSV cells included`);
  comparePeer(names, shuffled, ours);
}

function kindOf(cells: readonly (string | null)[]): ColumnKind {
  return cells.every((cell) => !Number.isNaN(Number(cell))) ? 'integer' : 'categorical';
}

async function qualityFigures(real: TableSource, synthetic: TableSource): Promise<void> {
  const read = async (source: TableSource) => storeTable(await readWholeTable(source, config.maximum_cells, context));
  const stored = await read(real);
  const steps = new Steps(context, 1);
  const columns = await compareColumns(stored, new Map([['synthetic', await read(synthetic)]]), steps);
  await comparePairs(columns, ['synthetic'], config, context.seed, steps);
}

interface Seconds {
  readonly wall: number;
  /** Of all threads: steadier than the wall's on a machine that others use. */
  readonly cpu: number;
}

async function fastest(run: () => Promise<unknown>): Promise<Seconds> {
  const best = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY };
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    const startCpu = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(startCpu);
    best.wall = Math.min(best.wall, (performance.now() - start) / 1e3);
    best.cpu = Math.min(best.cpu, (user + system) / 1e6);
  }
  return best;
}

function told({ wall, cpu }: Seconds): string {
  return `${wall.toFixed(3)} s (${cpu.toFixed(3)} s of processor time)`;
}

function comparePeer(names: readonly string[], cells: readonly (readonly (string | null)[])[], ours: Seconds): void {
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
    const seen = JSON.parse(output) as Record<string, Seconds>;
    for (const [rule, theirs] of Object.entries(seen)) {
      const times = (theirs.wall / ours.wall).toFixed(1);
      const cpuTimes = (theirs.cpu / ours.cpu).toFixed(1);
      console.log(`SDMetrics, ${rule}: ${told(theirs)}, ${times} times ours (${cpuTimes} in processor time)`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
