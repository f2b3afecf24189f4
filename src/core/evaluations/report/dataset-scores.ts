import type { MetricDefinition, MetricSubject, MetricValue } from '../../plugin-api/index.js';
import type { EvaluatorSection } from './evaluation-report.js';

/** A score of the whole table, of the generator's rows and of the controls. */
export interface DatasetScore {
  readonly metric: MetricDefinition;
  readonly bySubject: Readonly<Partial<Record<MetricSubject, MetricValue>>>;
}

/** In the evaluator's order, headline scores first. */
export function datasetScores(section: EvaluatorSection): DatasetScore[] {
  const whole = section.values.filter(({ columns }) => columns === undefined);
  const scores = section.metrics
    .filter(({ scope }) => scope === 'dataset')
    .map((metric): DatasetScore => {
      const values = whole.filter((value) => value.metric === metric.id);
      return { metric, bySubject: Object.fromEntries(values.map((value) => [value.subject, value])) };
    });
  return [...scores.filter(isHeadline), ...scores.filter((score) => !isHeadline(score))];
}

export function headlineScores(section: EvaluatorSection): DatasetScore[] {
  return datasetScores(section).filter(isHeadline);
}

function isHeadline({ metric }: DatasetScore): boolean {
  return metric.headline === true;
}
