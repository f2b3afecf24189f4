import type { EvaluationReport } from './evaluation-report.js';

export {
  buildReport,
  type EvaluationReport,
  type EvaluatorSection,
  type ReportFacts,
  type ReportOptions,
} from './evaluation-report.js';

/**
 * The report as one self-contained HTML page: no script, nothing fetched. The page and its plots are drawn by code that
 * is loaded at the first call.
 */
export async function renderReportHtml(report: EvaluationReport): Promise<string> {
  const { renderPage } = await import('./html/page.js');
  return renderPage(report);
}
