import { JOB_STATUSES } from '../core/jobs/job.entity.js';
import type { Evaluation } from '../core/evaluations/evaluation.entity.js';
import { preferredType } from './accept.js';
import { renderComparisonHtml } from '../core/evaluations/comparison/index.js';
import { clientGone } from './client-gone.js';
import { compareBody, comparisonView, toComparison } from './comparison.view.js';
import { defined } from './defined.js';
import { type Endpoint, endpoint } from './endpoint.js';
import {
  evaluateBody,
  evaluationSummaryView,
  evaluationView,
  evaluatorTypeView,
  toEvaluationSummary,
  toEvaluatorType,
} from './evaluation.view.js';
import { anything, array, oneOf, query, type Static, string } from './json-schema.js';
import { pageHeaders, pageParameters, sendPage } from './paging.js';
import { awaitEnd, waitOf } from './prefer.js';
import type { Services } from './services.js';

/** The page brings its own styles and drawings, and reaches for nothing else. */
const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";

export function evaluationEndpoints(services: Services): Endpoint[] {
  const withReport = async (evaluation: Evaluation): Promise<Static<typeof evaluationView>> => ({
    ...toEvaluationSummary(evaluation),
    report:
      evaluation.job.status === 'completed'
        ? await services.evaluations.report(evaluation.ownerId, evaluation.id)
        : null,
  });
  return [
    endpoint({
      method: 'GET',
      path: '/evaluations/types',
      access: 'read',
      answer: array(evaluatorTypeView),
      docs: { id: 'listEvaluatorTypes', tag: 'Evaluations', summary: 'What evaluators there are, and their metrics' },
      handle: async () => services.plugins.evaluators.map(toEvaluatorType),
    }),
    endpoint({
      method: 'POST',
      path: '/evaluations/run',
      access: 'generate',
      body: evaluateBody,
      status: 201,
      answer: evaluationView,
      docs: {
        id: 'evaluate',
        tag: 'Evaluations',
        summary: 'Compare the synthetic rows of a run with the real ones',
        errors: ['resource_not_found', 'conflict'],
        requestHeaders: { Prefer: '`wait=N`: answer when it is done, after N seconds at most (60 is the limit).' },
        responseHeaders: { 'Preference-Applied': 'The wait that was granted.' },
      },
      handle: async ({ principal, body, request, reply }) => {
        const input = defined({
          generatorId: body.generator_id,
          datasetId: body.dataset_id,
          evaluators: body.evaluators,
          targetColumn: body.target_column,
          sensitiveColumns: body.sensitive_columns,
          seed: body.seed,
        });
        const evaluation = await services.evaluations.run(principal.userId, input);
        const wait = waitOf(request.headers['prefer']);
        if (wait === 0) return { ...toEvaluationSummary(evaluation), report: null };
        reply.header('preference-applied', `wait=${wait}`);
        await awaitEnd(services.jobs, evaluation.jobId, wait, clientGone(reply), services.lifecycle.draining);
        return withReport(await services.evaluations.get(principal.userId, evaluation.id));
      },
    }),
    endpoint({
      method: 'GET',
      path: '/evaluations',
      access: 'read',
      query: query({ generator_id: string(), dataset_id: string(), status: oneOf(JOB_STATUSES) }, pageParameters),
      answer: array(evaluationSummaryView),
      docs: {
        id: 'listEvaluations',
        tag: 'Evaluations',
        summary: 'Your evaluations, newest first',
        responseHeaders: pageHeaders,
      },
      handle: async (call) => {
        const { generator_id: generatorId, dataset_id: datasetId, status, ...page } = call.query;
        const filter = defined({ generatorId, datasetId, status });
        const found = await services.evaluations.list(call.principal.userId, filter, page);
        return sendPage(found, toEvaluationSummary, call, page);
      },
    }),
    endpoint({
      method: 'POST',
      path: '/evaluations/compare',
      access: 'read',
      body: compareBody,
      status: 200,
      docs: {
        id: 'compareEvaluations',
        tag: 'Evaluations',
        summary: 'Two to five evaluations side by side, as data or as one page',
        description: 'Those of different tables, or of different settings, are shown without calling any score best.',
        errors: ['resource_not_found', 'conflict'],
        requestHeaders: { Accept: '`application/json` (default) or `text/html`.' },
        files: { 'application/json': comparisonView, 'text/html': string() },
      },
      handle: async ({ principal, body, request, reply }): Promise<unknown> => {
        reply.header('vary', 'Accept');
        const comparison = await services.comparisons.compare(principal.userId, body.evaluation_ids);
        if (preferredType(request.headers.accept, ['application/json', 'text/html']) === 'application/json') {
          return toComparison(comparison);
        }
        reply.type('text/html; charset=utf-8').header('content-security-policy', REPORT_POLICY);
        return renderComparisonHtml(comparison);
      },
    }),
    endpoint({
      method: 'GET',
      path: '/evaluations/:evaluation_id',
      access: 'read',
      answer: evaluationView,
      docs: { id: 'getEvaluation', tag: 'Evaluations', summary: 'An evaluation', errors: ['resource_not_found'] },
      handle: async ({ principal, params }) =>
        withReport(await services.evaluations.get(principal.userId, params['evaluation_id']!)),
    }),
    endpoint({
      method: 'GET',
      path: '/evaluations/:evaluation_id/report',
      access: 'read',
      docs: {
        id: 'getReport',
        tag: 'Evaluations',
        summary: 'The report: one page with its plots, or the data behind it',
        errors: ['resource_not_found', 'conflict'],
        requestHeaders: { Accept: '`text/html` (default) or `application/json`.' },
        files: { 'text/html': string(), 'application/json': anything({ type: 'object' }) },
      },
      handle: async ({ principal, params, request, reply }): Promise<unknown> => {
        const id = params['evaluation_id']!;
        reply.header('vary', 'Accept');
        if (preferredType(request.headers.accept, ['text/html', 'application/json']) === 'application/json') {
          return services.evaluations.report(principal.userId, id);
        }
        const page = await services.evaluations.reportPage(principal.userId, id);
        reply.type('text/html; charset=utf-8').header('content-security-policy', REPORT_POLICY);
        return page;
      },
    }),
    endpoint({
      method: 'POST',
      path: '/evaluations/:evaluation_id/cancel',
      access: 'generate',
      answer: evaluationSummaryView,
      docs: {
        id: 'cancelEvaluation',
        tag: 'Evaluations',
        summary: 'Stop an evaluation',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: async ({ principal, params }) =>
        toEvaluationSummary(await services.evaluations.cancel(principal.userId, params['evaluation_id']!)),
    }),
    endpoint({
      method: 'DELETE',
      path: '/evaluations/:evaluation_id',
      access: 'write',
      docs: {
        id: 'deleteEvaluation',
        tag: 'Evaluations',
        summary: 'Delete an evaluation that has ended',
        errors: ['resource_not_found', 'conflict'],
      },
      handle: ({ principal, params }) => services.evaluations.delete(principal.userId, params['evaluation_id']!),
    }),
  ];
}
