import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRunContext, type TrainerHost } from '../app/trainer-host.js';
import { StudioError } from '../errors/index.js';
import type { TrainerEnv } from '../jobs/trainer-process.js';
import type { AnyEvaluatorPlugin, EvaluationRequest, EvaluationResult, RunContext } from '../plugin-api/index.js';
import { applyOverrides, type ColumnOverride, openTable, proposePlan } from '../tables/index.js';
import type { EvaluatorChoice } from './evaluation.entity.js';
import { buildReport, type EvaluationReport, type ReportFacts, renderReportHtml } from './report/index.js';

export type EvaluateTask = {
  readonly kind: 'evaluate';
  readonly evaluators: readonly EvaluatorChoice[];
  readonly datasetFolder: string;
  readonly outputFolder: string;
  readonly overrides: readonly ColumnOverride[];
  readonly holdout: { readonly fraction: number; readonly seed: number };
  readonly seed: number;
  readonly targetColumn: string | null;
  readonly sensitiveColumns: readonly string[];
  /** Told in the report as they are. */
  readonly facts: ReportFacts;
};

export type EvaluateResult = { readonly scores: Readonly<Record<string, number | null>> };

/** Runs the evaluators one after another; the report lies in the scratch folder, as JSON and as one page. */
export async function runEvaluate(task: EvaluateTask, env: TrainerEnv, host: TrainerHost): Promise<EvaluateResult> {
  env.report({ phase: 'prepare', completed: 0, total: 1 });
  const tables = await openTables(task);
  const sections: EvaluationReport['evaluators'][number][] = [];
  for (const [index, choice] of task.evaluators.entries()) {
    const plugin = host.plugins.evaluator(choice.id);
    if (plugin === undefined) {
      throw new StudioError('conflict', `The evaluator plugin "${choice.id}" is not loaded any more`);
    }
    const context = await createRunContext(host, env, {
      seed: task.seed,
      usesCompute: false,
      report: (progress) =>
        env.report({
          ...progress,
          phase: 'evaluate',
          completed: index + progress.completed / Math.max(progress.total, 1),
          total: task.evaluators.length,
        }),
    });
    const result = await evaluate(plugin, { ...tables, config: choice.config as never }, context);
    sections.push({
      id: plugin.id,
      title: plugin.title,
      description: plugin.description,
      metrics: plugin.metrics,
      values: result.metrics,
      charts: result.charts ?? [],
      notes: result.notes ?? [],
    });
  }
  const report = buildReport(task.facts, sections);
  await writeFile(join(env.scratch, 'report.json'), JSON.stringify(report));
  await writeFile(join(env.scratch, 'report.html'), await renderReportHtml(report));
  return { scores: headlineScores(sections) };
}

async function openTables(task: EvaluateTask): Promise<Omit<EvaluationRequest<never>, 'config'>> {
  const real = await openTable(task.datasetFolder);
  const synthetic = await openTable(task.outputFolder);
  const plan = applyOverrides(proposePlan(real.description), task.overrides);
  const { fraction, seed } = task.holdout;
  const part = (name: 'train' | 'holdout') =>
    real.source({ plan, withProfile: true, ...(fraction > 0 && { selection: { fraction, seed, part: name } }) });
  return {
    real: part('train'),
    holdout: fraction > 0 ? part('holdout') : null,
    synthetic: synthetic.source({ plan, withProfile: true }),
    targetColumn: task.targetColumn,
    sensitiveColumns: task.sensitiveColumns,
  };
}

async function evaluate(
  plugin: AnyEvaluatorPlugin,
  request: EvaluationRequest<never>,
  context: RunContext,
): Promise<EvaluationResult> {
  const runtime = await plugin.loadRuntime();
  const result = await runtime.evaluate(request, context);
  const known = new Set(plugin.metrics.map((metric) => metric.id));
  for (const { metric, value, interval } of result.metrics) {
    if (!known.has(metric)) throw new Error(`Evaluator ${plugin.id} gave a metric that it does not declare: ${metric}`);
    if (value !== null && !Number.isFinite(value)) throw new Error(`Evaluator ${plugin.id}: ${metric} is ${value}`);
    if (interval !== undefined && !interval.every(Number.isFinite)) {
      throw new Error(`Evaluator ${plugin.id}: the interval of ${metric} is ${interval.join(' to ')}`);
    }
  }
  return result;
}

function headlineScores(sections: readonly EvaluationReport['evaluators'][number][]) {
  const scores: [string, number | null][] = [];
  for (const section of sections) {
    const headlines = new Set(section.metrics.filter((metric) => metric.headline === true).map(({ id }) => id));
    for (const { metric, subject, value, columns } of section.values) {
      if (subject === 'synthetic' && columns === undefined && headlines.has(metric)) {
        scores.push([`${section.id}.${metric}`, value]);
      }
    }
  }
  return Object.fromEntries(scores);
}
