import type { MetricDefinition, MetricSubject, MetricValue } from '../../../plugin-api/index.js';
import { type DatasetScore, datasetScores, headlineScores } from '../dataset-scores.js';
import type { EvaluatorSection } from '../evaluation-report.js';
import { formatNumber, formatScore } from '../format.js';
import { Html, html } from './html.js';
import { type Cell, renderTable } from './table.js';

const SUBJECTS: readonly (readonly [MetricSubject, string])[] = [
  ['synthetic', 'Synthetic rows'],
  ['independent', 'Independent columns'],
  ['holdout', 'Held-out rows'],
];

/** Rows of a table of columns or pairs that the page holds; the JSON report holds all. */
const ROWS_SHOWN = 5000;

/** The headline scores of all evaluators in one table; what each means stands in its own section. */
export function renderHeadlines(sections: readonly EvaluatorSection[]): Html {
  const rows = sections.flatMap((section) =>
    headlineScores(section).map(({ metric, bySubject }): Cell[] => [
      `${section.title}: ${metric.title}`,
      ...SUBJECTS.map(([subject]) => scoreCell(bySubject[subject])),
      metric.better,
    ]),
  );
  if (rows.length === 0) return html`<p>No evaluator gave a headline score.</p>`;
  return renderTable({
    caption: 'Headline scores',
    head: ['Score', ...SUBJECTS.map(([, title]) => title), 'Better'],
    rows,
  });
}

export function renderDatasetScores(section: EvaluatorSection): Html {
  return renderTable({
    caption: `${section.title}: scores of the whole table`,
    head: ['Score', ...SUBJECTS.map(([, title]) => title), 'Range', 'Better'],
    rows: datasetScores(section).map((score) => [
      nameOf(score.metric),
      ...SUBJECTS.map(([subject]) => scoreCell(score.bySubject[subject])),
      rangeOf(score.metric),
      score.metric.better,
    ]),
  });
}

export function nameOf({ title, description, headline }: MetricDefinition): Html {
  const name = headline === true ? html`<strong>${title}</strong>` : html`${title}`;
  return html`${name}<span class="meaning">${description}</span>`;
}

export function rangeOf({ range: [low, high] }: MetricDefinition): string {
  return `${formatNumber(low)} to ${formatNumber(high)}`;
}

function scoreCell(value: DatasetScore['bySubject'][MetricSubject]): Cell {
  if (value === undefined) return null;
  if (value.value === null) return html`<span class="reason">${value.reason ?? 'not computed'}</span>`;
  return html`<span class="value">${formatScore(value.value)}</span>`;
}

/** One table of the columns and one of the pairs, worst first, each with its controls; folded away. */
export function renderDetailScores(section: EvaluatorSection): Html {
  const tables = (['column', 'column-pair'] as const).map((scope) => renderScope(section, scope));
  return html`${tables}`;
}

function renderScope(section: EvaluatorSection, scope: 'column' | 'column-pair'): Html | null {
  const metrics = section.metrics.filter((metric) => metric.scope === scope);
  const rows = groupByColumns(section.values, new Set(metrics.map(({ id }) => id)));
  if (metrics.length === 0 || rows.length === 0) return null;
  const subjects = SUBJECTS.filter(([subject]) => rows.some(({ values }) => values.some((v) => v.subject === subject)));
  const slots = metrics.flatMap((metric) => subjects.map(([subject, title]) => ({ metric, subject, title })));
  const what = scope === 'column' ? 'columns' : 'pairs of columns';
  const sorted = rows.toSorted(worstFirst(metrics[0]!));
  const shown = sorted.slice(0, ROWS_SHOWN);
  return html`<details>
    <summary>All ${rows.length} ${what}, worst first</summary>
    ${shown.length < rows.length ? html`<p>The first ${shown.length}; the JSON report holds all.</p>` : null}
    <dl class="metrics">
      ${metrics.map(
        (metric) =>
          html`<dt>${metric.title}</dt>
            <dd>${metric.description} Range ${rangeOf(metric)}, ${metric.better} is better.</dd>`,
      )}
    </dl>
    ${renderTable({
      caption: `${section.title}: scores of ${what}`,
      head: [
        scope === 'column' ? 'Column' : 'Columns',
        ...slots.map(({ metric, title }) => `${metric.title}: ${title}`),
      ],
      rows: shown.map(({ columns, values }) => [
        columns.join(' × '),
        ...slots.map((slot) =>
          scoreCell(values.find((v) => v.metric === slot.metric.id && v.subject === slot.subject)),
        ),
      ]),
    })}
  </details>`;
}

interface ColumnsRow {
  readonly columns: readonly string[];
  readonly values: MetricValue[];
}

function groupByColumns(values: readonly MetricValue[], metrics: ReadonlySet<string>): ColumnsRow[] {
  const rows = new Map<string, ColumnsRow>();
  for (const value of values) {
    if (value.columns === undefined || !metrics.has(value.metric)) continue;
    const key = JSON.stringify(value.columns);
    const row = rows.get(key) ?? { columns: value.columns, values: [] };
    row.values.push(value);
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** By the first metric of the synthetic rows; without a value last. */
function worstFirst(metric: MetricDefinition): (one: ColumnsRow, two: ColumnsRow) => number {
  const sign = metric.better === 'higher' ? 1 : -1;
  const rank = ({ values }: ColumnsRow): number => {
    const value = values.find((v) => v.metric === metric.id && v.subject === 'synthetic')?.value;
    return value == null ? Number.MAX_VALUE : sign * value;
  };
  return (one, two) => rank(one) - rank(two);
}
