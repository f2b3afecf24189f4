import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { TableBatch, TableSchema } from '../../src/core/plugin-api/index.js';
import { rowsOf } from '../../src/core/plugin-api/testing/index.js';

export const ADULT = 'assets/adult.csv';
const TARGET = 'income';

export function writeCsv(path: string, { columns }: TableSchema, batches: readonly TableBatch[]): void {
  const lines = rowsOf(batches).map((row) => row.map((cell) => cell ?? '').join(','));
  writeFileSync(path, `${[columns.map(({ name }) => name).join(','), ...lines].join('\n')}\n`);
}

/** Prints quality and utility of synthetic rows of the adult table, by the Python that PEER_PYTHON_SDV names. */
export function scoreAdult(path: string): void {
  const python = process.env['PEER_PYTHON_SDV'];
  if (python === undefined) return console.log('  nothing to score with: PEER_PYTHON_SDV is not set');
  const quality = JSON.parse(lastLine(python, ['bench/peers/table_scores.py', ADULT, path])) as Record<string, number>;
  const utility = JSON.parse(lastLine(python, ['bench/peers/table_utility.py', TARGET, ADULT, path])) as {
    auc: number;
    balancedAccuracy: number;
  };
  const figures = ['strongPairs', 'allPairs', 'shapes']
    .map((name) => `${name} ${quality[name]!.toFixed(4)}`)
    .join(', ');
  console.log(
    `  ${figures}; ${TARGET} from the others: AUC ${utility.auc.toFixed(3)}, balanced accuracy ${utility.balancedAccuracy.toFixed(3)}`,
  );
}

export function lastLine(command: string, args: readonly string[]): string {
  const output = execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return output.trim().split('\n').at(-1)!;
}
