/**
 * Every generator on the same tables, beside MOSTLY AI's engine: what the rows are worth and what they cost. Four fifths of a
 * table are learned; all scores are against the last fifth: SDMetrics' quality by both rules and column shapes, how well
 * boosted trees tell real rows from drawn ones, what trees trained on drawn rows know of real ones, and how often a drawn row
 * lies nearer to a learned row than to another real one. The learned rows themselves are the first line of each table.
 * Arguments: --tables adult,long,wide,orders --generators ID,... --peers argn --threads 2 --config '{"ctgan": {"epochs": 30}}'.
 * PEER_PYTHON_SDV names a Python with `sdmetrics` and `scikit-learn`, which scores, PEER_PYTHON_ARGN one with
 * `mostlyai-engine`. Run from the repository's root: npm run bench -- generators
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { builtInPlugins } from '../src/plugins/index.js';
import { lastLine } from './support/adult-scores.js';
import type { GenerationCost } from './support/generator-run.js';
import { BENCH_TABLES, type BenchTable } from './support/tables.js';

const GENERATORS = builtInPlugins
  .flatMap(({ contributions }) => contributions)
  .filter(({ kind }) => kind === 'generator')
  .map(({ id }) => id);
const { values } = parseArgs({
  options: {
    tables: { type: 'string', default: Object.keys(BENCH_TABLES).join(',') },
    generators: { type: 'string', default: GENERATORS.join(',') },
    peers: { type: 'string', default: 'argn' },
    threads: { type: 'string', default: '2' },
    config: { type: 'string', default: '{}' },
  },
});
const listed = (text: string) => text.split(',').filter((name) => name !== '');
const configs = JSON.parse(values.config) as Readonly<Record<string, unknown>>;
const scorer = process.env['PEER_PYTHON_SDV'];
const folder = mkdtempSync(join(tmpdir(), 'bench-generators-'));
const [learned, held, drawn] = ['learned.csv', 'held.csv', 'drawn.csv'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];

try {
  if (scorer === undefined) console.log('No scores: PEER_PYTHON_SDV names no Python that has sdmetrics.');
  for (const name of listed(values.tables)) measure(BENCH_TABLES[name]!());
} finally {
  rmSync(folder, { recursive: true });
}

function measure(table: BenchTable): void {
  const { header, train, test } = table;
  write(learned, header, train);
  write(held, header, test);
  console.log(`\n**${table.name}** (${table.what}): ${train.length} rows learned, ${test.length} to score against\n`);
  row(
    'generator',
    'quality, strong / all pairs',
    'shapes',
    'told apart',
    `tells ${table.target}`,
    'nearest',
    'time',
    'CPU time',
    'memory',
  );
  row(...Array.from({ length: 9 }, () => '---'));
  row('the learned rows', ...scores(table, learned));
  for (const id of listed(values.generators)) {
    const given = JSON.stringify(configs[id] ?? {});
    const script = fileURLToPath(new URL('support/generator-run.js', import.meta.url));
    report(table, `\`${id}\``, process.execPath, [
      script,
      id,
      learned,
      drawn,
      String(train.length),
      values.threads,
      given,
    ]);
  }
  for (const peer of listed(values.peers)) {
    const python = process.env[`PEER_PYTHON_${peer.toUpperCase()}`];
    if (python === undefined) console.log(`${peer} was not run: PEER_PYTHON_${peer.toUpperCase()} is not set.`);
    else report(table, peer, python, [`bench/peers/${peer}_reference.py`, learned, drawn, String(train.length)]);
  }
}

function report(table: BenchTable, label: string, command: string, args: readonly string[]): void {
  const { wall, cpu, peakMebibytes } = JSON.parse(lastLine(command, args)) as GenerationCost;
  const costs = [wall, cpu].map((seconds) => `${seconds.toPrecision(3)} s`);
  row(label, ...scores(table, drawn), ...costs, `${peakMebibytes} MiB`);
}

function scores({ target }: BenchTable, path: string): string[] {
  if (scorer === undefined) return Array.from({ length: 5 }, () => '');
  const quality = scored(['bench/peers/table_scores.py', '--learned', learned, held, path]);
  const utility = scored(['bench/peers/table_utility.py', target, held, path]);
  const [strong, all, shapes, apart, nearest] = ['strongPairs', 'allPairs', 'shapes', 'auc', 'nearestShare'].map(
    (key) => short(quality[key]!),
  );
  return [`${strong} / ${all}`, shapes!, apart!, short(utility['auc']!), nearest!];
}

function scored(args: readonly string[]): Readonly<Record<string, number>> {
  return JSON.parse(lastLine(scorer!, args)) as Readonly<Record<string, number>>;
}

function short(score: number): string {
  return score.toFixed(3).replace(/^0/, '');
}

function row(...cells: readonly string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function write(path: string, header: string, lines: readonly string[]): void {
  writeFileSync(path, `${[header, ...lines].join('\n')}\n`);
}
