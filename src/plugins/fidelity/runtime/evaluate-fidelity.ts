import {
  type EvaluationRequest,
  type EvaluationResult,
  meanScore,
  type MetricSubject,
  readWholeTable,
  type RunContext,
  type Score,
  ScoreSheet,
  shuffleColumns,
  type TableSource,
  unknownScore,
} from '../../../core/plugin-api/index.js';
import type { FidelityConfig } from '../config.js';
import { FIDELITY_METRICS, type FidelityMetric } from '../metrics.js';
import { associationCharts } from './charts/association-charts.js';
import { detectionChart } from './charts/detection-chart.js';
import { marginalCharts } from './charts/marginal-charts.js';
import { worstColumnsTable, worstPairsTable } from './charts/worst-tables.js';
import type { ColumnComparison } from './column-comparison.js';
import {
  type AccuracyComparison,
  compareAccuracy,
  compareColumns,
  comparePairs,
  type PairComparisons,
  Steps,
} from './compare-tables.js';
import { type Detection, detectionOptions, detectRows, hiddenness } from './detection/detect.js';
import { missesAny, missingnessScore } from './missingness.js';
import { describeSampling } from './notes.js';
import { type StoredTable, storeTable } from './stored-table.js';
import { structureScore, validityScore } from './validity.js';

export async function evaluateFidelity(
  request: EvaluationRequest<FidelityConfig>,
  context: RunContext,
): Promise<EvaluationResult> {
  const { config } = request;
  const read = (source: TableSource) => readWholeTable(source, config.maximum_cells, context);
  const training = await read(request.real);
  const real = storeTable(training);
  const tables = new Map<MetricSubject, StoredTable>([
    ['synthetic', storeTable(await read(request.synthetic))],
    ['independent', storeTable(shuffleColumns(training, context.seed))],
  ]);
  if (request.holdout !== null) tables.set('holdout', storeTable(await read(request.holdout)));

  const subjects = [...tables.keys()];
  const steps = new Steps(context, countSteps(real.columns.length, subjects.length, config));
  const columns = await compareColumns(real, tables, steps);
  const pairs = await comparePairs(columns, subjects, config, context.seed, steps);
  const accuracies: AccuracyComparison[] = [];
  for (const ways of [1, 2, 3] as const) {
    accuracies.push(await compareAccuracy(columns, ways, subjects, config, context.seed, steps));
  }

  const detections = new Map<MetricSubject, Detection>();
  const detection = detectionOptions(config, real.columns.length);
  for (const [subject, table] of tables) {
    detections.set(subject, await detectRows(real, table, detection, context));
    await steps.next();
  }

  const sheet = new ScoreSheet<FidelityMetric>();
  for (const [subject, table] of tables) {
    addDatasetScores(sheet, subject, { real, table, columns, pairs, accuracies });
    addDetection(sheet, subject, detections.get(subject)!);
  }
  if (request.holdout === null) addNoHoldout(sheet);
  return {
    metrics: sheet.values,
    charts: [
      worstColumnsTable(columns),
      worstPairsTable(pairs.pairs),
      detectionChart(detections),
      ...associationCharts(columns, pairs.pairs),
      ...marginalCharts(columns, config.chart_columns),
    ],
    notes: describeSampling(config, real, tables, columns, pairs, accuracies),
  };
}

function countSteps(columns: number, subjects: number, config: FidelityConfig): number {
  const pairs = Math.min(config.maximum_pairs, (columns * (columns - 1)) / 2);
  const triples = Math.min(config.maximum_triples, (columns * (columns - 1) * (columns - 2)) / 6);
  return 2 * columns + 2 * pairs + triples + subjects;
}

function addDetection(
  sheet: ScoreSheet<FidelityMetric>,
  subject: MetricSubject,
  { treesAuc, logisticAuc }: Detection,
): void {
  sheet.add('detection', subject, hiddenness(treesAuc));
  sheet.add('detection_logistic', subject, hiddenness(logisticAuc));
}

interface Compared {
  readonly real: StoredTable;
  readonly table: StoredTable;
  readonly columns: readonly ColumnComparison[];
  readonly pairs: PairComparisons;
  readonly accuracies: readonly AccuracyComparison[];
}

function addDatasetScores(sheet: ScoreSheet<FidelityMetric>, subject: MetricSubject, compared: Compared): void {
  const shapes = addColumnScores(sheet, subject, compared);
  addPairScores(sheet, subject, compared, shapes);
  addAccuracies(sheet, subject, compared.accuracies);
  addDiagnostic(sheet, subject, compared);
}

function addColumnScores(sheet: ScoreSheet<FidelityMetric>, subject: MetricSubject, { columns }: Compared): Score {
  const shapes: Score[] = [];
  const missingness: Score[] = [];
  for (const column of columns) {
    const side = column.subjects.get(subject)!;
    const shape = side.role === 'absent' ? unknownScore(side.reason) : side.shape;
    const missing = missingnessScore(column, side);
    shapes.push(shape);
    if (missesAny(column, side)) missingness.push(missing);
    sheet.add('column_shape', subject, shape, column.name);
    sheet.add('column_missingness', subject, missing, column.name);
  }
  const mean = meanScore(shapes, 'No column could be compared');
  sheet.add('column_shapes', subject, mean);
  sheet.add('missingness', subject, meanScore(missingness, 'No column has missing values'));
  return mean;
}

function addPairScores(
  sheet: ScoreSheet<FidelityMetric>,
  subject: MetricSubject,
  { pairs }: Compared,
  shapes: Score,
): void {
  const scores = pairs.pairs.map((pair) => ({ pair, ...pair.subjects.get(subject)! }));
  for (const { pair, trend, compatibleTrend } of scores) {
    const names = pair.columns.map(({ name }) => name);
    sheet.add('pair_trend', subject, trend, ...names);
    sheet.add('pair_trend_compatible', subject, compatibleTrend, ...names);
  }
  const none = 'No pair of columns could be compared';
  const strong = scores.filter(({ pair }) => pair.strong);
  const kinds: [FidelityMetric, FidelityMetric, Score][] = [
    [
      'pair_trends',
      'quality',
      meanScore(
        scores.map(({ trend }) => trend),
        none,
      ),
    ],
    [
      'pair_trends_all_pairs',
      'quality_all_pairs',
      meanScore(
        scores.map(({ compatibleTrend }) => compatibleTrend),
        none,
      ),
    ],
    [
      'pair_trends_strong_pairs',
      'quality_strong_pairs',
      meanScore(
        strong.map(({ compatibleTrend }) => compatibleTrend),
        'No pair of columns is strongly related',
      ),
    ],
  ];
  for (const [trends, quality, mean] of kinds) {
    sheet.add(trends, subject, mean);
    // Without any pair, quality is the shapes alone: SDMetrics' rule too.
    sheet.add(quality, subject, meanScore([shapes, mean], 'No column could be compared'));
  }
}

function addAccuracies(
  sheet: ScoreSheet<FidelityMetric>,
  subject: MetricSubject,
  accuracies: readonly AccuracyComparison[],
): void {
  const means = accuracies.map(({ scores }, index) =>
    meanScore(scores.get(subject)!, `The table has fewer than ${index + 1} comparable columns`),
  );
  const ids = ['accuracy_1_way', 'accuracy_2_way', 'accuracy_3_way'] as const;
  ids.forEach((id, index) => sheet.add(id, subject, means[index]!));
  sheet.add('accuracy', subject, meanScore(means, 'No column could be compared'));
}

function addDiagnostic(sheet: ScoreSheet<FidelityMetric>, subject: MetricSubject, { real, table }: Compared): void {
  const scores: Score[] = [];
  real.schema.columns.forEach(({ name }, index) => {
    const score = validityScore(real, index, table, subject);
    if (score === null) return;
    scores.push(score);
    sheet.add('column_validity', subject, score, name);
  });
  const validity = meanScore(scores, 'No column could be judged');
  const structure = structureScore(real, table);
  sheet.add('validity', subject, validity);
  sheet.add('structure', subject, structure);
  sheet.add('diagnostic', subject, meanScore([validity, structure], 'There are no columns'));
}

function addNoHoldout(sheet: ScoreSheet<FidelityMetric>): void {
  const none = unknownScore('The generator kept no rows out of training');
  for (const { id, scope } of FIDELITY_METRICS) if (scope === 'dataset') sheet.add(id, 'holdout', none);
}
