import {
  type Chart,
  type EvaluationRequest,
  type EvaluationResult,
  meanScore,
  type MetricSubject,
  readWholeTable,
  type RunContext,
  type Score,
  ScoreSheet,
  shuffleColumns,
  splitRows,
  type TableSource,
  takeTableRows,
  unknownScore,
  type WholeTable,
} from '../../../core/plugin-api/index.js';
import type { UtilityConfig } from '../config.js';
import { type ModelName, MODELS, type ScoreName, type UtilityMetric } from '../metrics.js';
import { chooseTargets } from './choose-targets.js';
import { predictTarget, type TargetScores, type TargetTables } from './predict-target.js';
import { ratioOf, skillOf } from './score-predictions.js';

const SUBJECTS = ['synthetic', 'independent', 'holdout'] as const satisfies readonly MetricSubject[];
const TEST_SHARE_WITHOUT_HOLDOUT = 0.2;

export async function evaluateUtility(
  request: EvaluationRequest<UtilityConfig>,
  context: RunContext,
): Promise<EvaluationResult> {
  const { config } = request;
  const read = (source: TableSource) => readWholeTable(source, config.maximum_cells, context);
  const real = await read(request.real);
  const synthetic = await read(request.synthetic);
  const holdout = request.holdout === null ? null : await read(request.holdout);
  const tables = arrange(real, synthetic, holdout, context.seed);
  const { targets, reason, note } = chooseTargets(
    tables.training,
    request.targetColumn,
    config.maximum_targets,
    config.maximum_classes,
  );
  const total = targets.length * SUBJECTS.length * Object.keys(MODELS).length;
  let completed = 0;
  const stepDone = () => context.report({ phase: 'evaluate', completed: ++completed, total });
  const predicted: TargetScores[] = [];
  for (const target of targets) predicted.push(await predictTarget(target, tables, config, context, stepDone));
  return {
    metrics: collect(predicted, reason),
    charts: predicted.map(scoresTable),
    notes: [
      ...(note === null ? [] : [note]),
      ...predicted.flatMap((scores) => describeTarget(scores, config)),
      ...describeWidth(tables.training, predicted, config),
      ...describeRows({ real, synthetic, holdout }),
    ],
  };
}

/** Without held-out rows a part of the real ones is tested on instead: the generator has seen it, the models have not. */
function arrange(real: WholeTable, synthetic: WholeTable, holdout: WholeTable | null, seed: number): TargetTables {
  const [testRows, trainingRows] = splitRows(real.rowCount, TEST_SHARE_WITHOUT_HOLDOUT, seed, 'utility.test');
  const training = holdout === null ? takeTableRows(real, trainingRows) : real;
  const learning = new Map<MetricSubject, WholeTable>([
    ['synthetic', synthetic],
    ['independent', shuffleColumns(training, seed)],
    ['holdout', training],
  ]);
  return { training, test: holdout ?? takeTableRows(real, testRows), learning };
}

function collect(predicted: readonly TargetScores[], whenNone: string) {
  const sheet = new ScoreSheet<UtilityMetric>();
  for (const subject of SUBJECTS) {
    const skills: Score[] = [];
    const ratios: Score[] = [];
    for (const { target, scores } of predicted) {
      const models = scores.get(subject)!;
      const skill = skillOf(models.boosted_trees);
      const ratio = ratioOf(skill, skillOf(scores.get('holdout')!.boosted_trees), target.name);
      skills.push(skill);
      ratios.push(ratio);
      sheet.add('column_ratio', subject, ratio, target.name);
      for (const [model, modelScores] of Object.entries(models) as [ModelName, Record<ScoreName, Score>][]) {
        for (const [score, value] of Object.entries(modelScores) as [ScoreName, Score][]) {
          sheet.add(`${model}_${score}`, subject, value, target.name);
        }
      }
    }
    sheet.add('predictive_skill', subject, meanOrReason(skills, whenNone));
    sheet.add('predictive_ratio', subject, meanOrReason(ratios, whenNone));
  }
  return sheet.values;
}

/** Where no target could be scored, the first one's reason tells more than that. */
function meanOrReason(scores: readonly Score[], whenNone: string): Score {
  const mean = meanScore(scores, whenNone);
  if (mean.value !== null || scores.length === 0) return mean;
  return unknownScore(scores[0]!.reason!);
}

const ROW_NAMES = {
  synthetic: 'synthetic rows',
  independent: 'independent columns',
  holdout: 'real training rows',
} as const;

function scoresTable({ target, scores }: TargetScores, index: number): Chart {
  const names = Object.keys(scores.get('holdout')!.boosted_trees) as ScoreName[];
  const titles: Record<ScoreName, string> = {
    accuracy: 'Accuracy',
    f1_macro: 'F1, macro',
    f1_rare: 'F1, rarest class',
    roc_auc: 'ROC AUC',
    r_squared: 'R²',
    relative_rmse: 'RMSE / standard deviation',
  };
  return {
    type: 'table',
    id: `predictions-${index + 1}`,
    title: `Predicting "${target.name}"`,
    description: `Scores on held-out real rows of models that learned to predict "${target.name}" from each kind of rows.`,
    columns: ['Model', 'Learned from', ...names.map((name) => titles[name])],
    rows: (Object.keys(MODELS) as ModelName[]).flatMap((model) =>
      SUBJECTS.map((subject) => {
        const values = names.map((name) => scores.get(subject)![model][name]!.value);
        return [MODELS[model], ROW_NAMES[subject], ...values];
      }),
    ),
  };
}

function describeTarget({ target, learningRows, testRows }: TargetScores, config: UtilityConfig): string[] {
  const rows = `To predict "${target.name}", each model learned from up to ${learningRows} rows and was tested on ${testRows}.`;
  if (target.task === 'number' || target.classes.length < config.maximum_classes) return [rows];
  return [rows, `Of "${target.name}", at most the ${config.maximum_classes} most frequent classes are predicted.`];
}

function describeWidth(
  { schema, rowCount }: WholeTable,
  predicted: readonly TargetScores[],
  { features_per_tree, training_cells, training_rows }: UtilityConfig,
): string[] {
  const width = schema.columns.length;
  if (predicted.length === 0) return [];
  const notes: string[] = [];
  if (training_cells < width * Math.min(training_rows, rowCount)) {
    notes.push('The table is wide: each model learns from fewer rows, so that training_cells are not exceeded.');
  }
  if (width - 1 > features_per_tree) {
    notes.push(
      `Each of the boosted trees looks at ${features_per_tree} of the columns, drawn by the seed anew for each.`,
    );
  }
  return notes;
}

function describeRows(tables: Readonly<Record<'real' | 'synthetic' | 'holdout', WholeTable | null>>): string[] {
  const notes = Object.entries(tables).flatMap(([whose, table]) =>
    table === null || table.rowCount === table.sourceRowCount
      ? []
      : [
          `Of ${table.sourceRowCount} ${whose} rows, ${table.rowCount} were drawn by the seed: the table has more than maximum_cells.`,
        ],
  );
  if (tables.holdout === null) {
    notes.push(
      'There are no held-out rows: a fifth of the rows that the generator has seen is tested on, which flatters it.',
    );
  }
  return notes;
}
