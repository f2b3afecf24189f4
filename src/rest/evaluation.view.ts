import { isoTime } from '../core/app/iso-time.js';
import type { Evaluation } from '../core/evaluations/evaluation.entity.js';
import { type LoadedEvaluator, configJsonSchema } from '../core/plugin-host/index.js';
import { failureView, progressParts, seed, toProgress } from './generator.view.js';
import {
  anything,
  array,
  boolean,
  map,
  nullable,
  number,
  object,
  oneOf,
  type Schema,
  type Static,
  string,
  time,
} from './json-schema.js';

/** Documented as what the loaded plugins take. */
export const evaluatorId = string({ description: 'An id of `GET /evaluations/types`.' });
export const evaluatorConfig = {
  type: 'object',
  description: 'Of the evaluator; absent keys have its defaults.',
} as Schema<Readonly<Record<string, unknown>>>;

export const evaluateBody = object(
  { generator_id: string({ description: 'A run that has completed.' }) },
  {
    dataset_id: nullable(string({ description: 'The dataset that the generator learned from, to be sure.' })),
    evaluators: array(object({ id: evaluatorId }, { config: evaluatorConfig }), {
      description: 'Absent: every evaluator, with its defaults.',
    }),
    target_column: nullable(string({ description: 'What a model trained on the rows would predict.' })),
    sensitive_columns: array(string(), { description: 'What nobody may learn of a person.' }),
    seed,
  },
);

const scores = nullable(map(nullable(number()), { description: 'Headline scores, by evaluator and metric.' }));

const parts = {
  evaluation_id: string(),
  id: string({ description: 'The same as `evaluation_id`.' }),
  generator_id: string(),
  dataset_id: string(),
  evaluators: array(object({ id: string(), config: anything({ type: 'object', additionalProperties: true }) })),
  target_column: nullable(string()),
  sensitive_columns: array(string()),
  ...progressParts,
  scores,
  error: failureView,
  job_id: string(),
  created_at: time(),
  completed_at: nullable(time()),
};

export const evaluationSummaryView = object(parts, {}, { title: 'EvaluationSummary' });
export const evaluationView = object(
  { ...parts, report: anything({ description: 'The whole report; null until it is there.' }) },
  {},
  { title: 'Evaluation' },
);

export const metricView = object(
  {
    id: string(),
    title: string(),
    description: string(),
    scope: oneOf(['dataset', 'column', 'column-pair']),
    range: array(number(), { minItems: 2, maxItems: 2 }),
    better: oneOf(['higher', 'lower']),
    headline: boolean({ description: 'Part of `scores`.' }),
  },
  {},
  { title: 'Metric' },
);

export const evaluatorTypeView = object(
  {
    id: string(),
    title: string(),
    description: string(),
    needs_holdout: boolean(),
    metrics: array(metricView),
    config_schema: anything({ type: 'object', additionalProperties: true, description: 'JSON Schema of `config`.' }),
  },
  {},
  { title: 'EvaluatorType' },
);

export function toEvaluationSummary(evaluation: Evaluation): Static<typeof evaluationSummaryView> {
  const { job } = evaluation;
  return {
    evaluation_id: evaluation.id,
    id: evaluation.id,
    generator_id: evaluation.generatorId,
    dataset_id: evaluation.datasetId,
    evaluators: evaluation.evaluators,
    target_column: evaluation.targetColumn,
    sensitive_columns: evaluation.sensitiveColumns,
    ...toProgress(job),
    scores: evaluation.scores,
    error: job.error,
    job_id: evaluation.jobId,
    created_at: isoTime(evaluation.createdAt),
    completed_at: job.completedAt ? isoTime(job.completedAt) : null,
  };
}

export function toEvaluatorType(plugin: LoadedEvaluator): Static<typeof evaluatorTypeView> {
  return {
    id: plugin.id,
    title: plugin.title,
    description: plugin.description,
    needs_holdout: plugin.needsHoldout,
    metrics: plugin.metrics.map(({ headline = false, ...metric }) => ({ ...metric, headline })),
    config_schema: configJsonSchema(plugin),
  };
}
