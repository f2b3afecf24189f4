import type { MetricSubject } from '../../../core/plugin-api/index.js';
import type { FidelityConfig } from '../config.js';
import type { ColumnComparison } from './column-comparison.js';
import type { AccuracyComparison, PairComparisons } from './compare-tables.js';
import { detectionOptions } from './detection/detect.js';
import type { StoredTable } from './stored-table.js';

/** What was sampled or left out, in sentences. */
export function describeSampling(
  config: FidelityConfig,
  real: StoredTable,
  tables: ReadonlyMap<MetricSubject, StoredTable>,
  columns: readonly ColumnComparison[],
  pairs: PairComparisons,
  accuracies: readonly AccuracyComparison[],
): string[] {
  const notes = [
    describeRows('real', real),
    ...[...tables].flatMap(([subject, table]) => (subject === 'independent' ? [] : [describeRows(subject, table)])),
    describeGroups('pairs', pairs.pairs.length, pairs.total),
    describeGroups('triples', accuracies[2]!.compared, accuracies[2]!.total),
    describeSetAside(real),
    describeDetection(config, real),
    describeTrees(config, real),
    describeStrong(pairs, columns.length),
    describeCharts(columns.length, config.chart_columns),
  ];
  return notes.filter((note) => note !== null);
}

function describeRows(whose: string, { rowCount, sourceRowCount }: StoredTable): string | null {
  if (rowCount === sourceRowCount) return null;
  return `Of ${sourceRowCount} ${whose} rows, ${rowCount} were drawn by the seed: the table is larger than maximum_cells.`;
}

function describeGroups(what: string, compared: number, total: number): string | null {
  return compared === total ? null : `Of ${total} ${what} of columns, ${compared} were drawn by the seed.`;
}

function describeSetAside({ schema, columns }: StoredTable): string | null {
  const names = schema.columns.flatMap(({ name }, index) => (columns[index]!.role === 'key' ? [`"${name}"`] : []));
  if (names.length === 0) return null;
  return `Columns of identifiers or free text are not compared: ${listed(names)}.`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ');
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

function describeDetection(config: FidelityConfig, { rowCount, columns }: StoredTable): string | null {
  const { rows } = detectionOptions(config, columns.length);
  if (rowCount <= rows) return null;
  const why = rows < config.detection_rows ? ': the table is wide, and detection_cells are not exceeded' : '';
  return `Detection is tried on ${rows} real rows and as many others, drawn by the seed${why}.`;
}

function describeTrees({ features_per_tree }: FidelityConfig, { columns }: StoredTable): string | null {
  const compared = columns.filter(({ role }) => role !== 'key').length;
  if (compared <= features_per_tree) return null;
  return `Each tree of the detection looks at ${features_per_tree} of ${compared} columns, drawn by the seed anew for each.`;
}

function describeStrong({ pairs }: PairComparisons, columnCount: number): string | null {
  if (columnCount < 2) return null;
  const strong = pairs.filter((pair) => pair.strong).length;
  const pairsCounted = `${strong} of ${pairs.length} pairs are strongly related in the real rows`;
  return strong === 0 ? `${pairsCounted}: quality_strong_pairs is the column shapes alone.` : `${pairsCounted}.`;
}

function describeCharts(columnCount: number, limit: number): string | null {
  if (columnCount <= limit) return null;
  return `Distributions are drawn for the ${limit} columns with the lowest shape scores, of ${columnCount}.`;
}
