import {
  type EvaluationRequest,
  type EvaluationResult,
  readWholeTable,
  type RunContext,
  ScoreSheet,
  shuffleColumns,
  type TableSource,
  unknownScore,
  type WholeTable,
} from '../../../core/plugin-api/index.js';
import type { PrivacyConfig } from '../config.js';
import { PRIVACY_METRICS, type PrivacyMetric } from '../metrics.js';
import { assessRelease, type Assessment, rowsAsked, STEPS_PER_RELEASE } from './assess-release.js';
import { attackTable, distanceChart, membershipChart } from './charts.js';
import { chooseColumns } from './choose-columns.js';
import { makeReleases } from './release.js';
import { gainsOf, scoreRelease } from './score-release.js';

export async function evaluatePrivacy(
  request: EvaluationRequest<PrivacyConfig>,
  context: RunContext,
): Promise<EvaluationResult> {
  const { config } = request;
  const read = (source: TableSource) => readWholeTable(source, config.maximum_cells, context);
  const training = await read(request.real);
  const synthetic = await read(request.synthetic);
  const holdout = request.holdout === null ? null : await read(request.holdout);
  const independent = shuffleColumns(training, context.seed);
  const releases = makeReleases({ training, synthetic, independent, holdout }, context.seed);
  const columns = chooseColumns(training, request.sensitiveColumns, config.known_columns);

  const total = releases.length * STEPS_PER_RELEASE;
  let completed = 0;
  const stepDone = () => context.report({ phase: 'evaluate', completed: ++completed, total });
  const sheet = new ScoreSheet<PrivacyMetric>();
  const assessments: Assessment[] = [];
  for (const release of releases) {
    const assessment = await assessRelease(release, columns, config, context, stepDone);
    scoreRelease(sheet, assessment, config);
    assessments.push(assessment);
  }
  const fresh = assessments.find(({ release }) => release.subject === 'holdout');
  if (fresh === undefined) addNoHoldout(sheet, holdout);
  const generated = assessments[0]!;
  const asked = rowsAsked(config, generated.release.space.columnCount);
  return {
    metrics: sheet.values,
    charts: [
      attackTable(generated, gainsOf(generated)),
      distanceChart(generated, fresh),
      membershipChart(assessments.filter(({ membership }) => membership.curve.length > 0)),
    ],
    notes: [...describeRows(request, asked, { training, synthetic, holdout }), ...columns.notes],
  };
}

function addNoHoldout(sheet: ScoreSheet<PrivacyMetric>, holdout: WholeTable | null): void {
  const reason =
    holdout === null
      ? 'The generator kept no rows out of training'
      : `${holdout.rowCount} held-out rows are too few to be halved into a release and its control`;
  for (const { id, scope } of PRIVACY_METRICS) {
    if (scope === 'dataset') sheet.add(id, 'holdout', unknownScore(reason));
  }
}

function describeRows(
  { config, holdout: source }: EvaluationRequest<PrivacyConfig>,
  asked: number,
  tables: { readonly training: WholeTable; readonly synthetic: WholeTable; readonly holdout: WholeTable | null },
): string[] {
  const { training, synthetic, holdout } = tables;
  const notes = [
    'The control of independent columns shuffles real cells: a value that one person alone has is still theirs, and singles them out.',
  ];
  const sampled = Object.entries(tables).flatMap(([whose, table]) =>
    table === null || table.rowCount === table.sourceRowCount
      ? []
      : [
          `Of ${table.sourceRowCount} ${whose} rows, ${table.rowCount} were drawn by the seed: the table has more than maximum_cells.`,
        ],
  );
  notes.unshift(...sampled);
  if (synthetic.rowCount > asked) {
    const why = asked < config.distance_rows ? ': the table is wide, and distance_cells are not exceeded' : '';
    notes.push(
      `The nearest records of ${asked} of ${synthetic.rowCount} synthetic rows, drawn by the seed, were looked for among all ${training.rowCount} training rows${why}.`,
    );
  }
  const people = Math.min(config.attacks, training.rowCount);
  if (people < training.rowCount)
    notes.push(`Each attack is on ${people} of ${training.rowCount} training rows, drawn by the seed.`);
  if (source === null) {
    notes.push('Without held-out rows no attack has a control: a risk cannot be told from what anyone could guess.');
  } else if (holdout !== null) {
    notes.push(
      `The control of held-out rows releases one half of the ${holdout.rowCount} held-out rows and takes the other half as people outside.`,
    );
  }
  return notes;
}
