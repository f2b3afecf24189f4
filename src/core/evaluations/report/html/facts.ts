import type { EvaluationReport } from '../evaluation-report.js';
import { formatNumber } from '../format.js';
import { Html, html } from './html.js';
import { renderTable } from './table.js';

/** What was evaluated: enough to do it again. */
export function renderFacts(report: EvaluationReport): Html {
  const { generator, dataset } = report;
  return html`<div class="facts">
      ${renderList('Generator', [
        ['Name', generator.name ?? generator.id],
        ['Identifier', generator.id],
        ['Type', `${generator.type}, plugin version ${generator.plugin_version}`],
        ['Rows made', count(generator.row_count)],
        ['Seed', String(generator.seed)],
        ['Conditions', generator.conditions.length === 0 ? 'none' : JSON.stringify(generator.conditions)],
      ])}
      ${renderList('Dataset', [
        ['Name', dataset.name],
        ['Identifier', dataset.id],
        ['Size', `${count(dataset.row_count)} rows, ${count(dataset.column_count)} columns`],
        ['Held out of training', `${formatNumber(dataset.holdout_fraction * 100)} % of the rows`],
        ['Set aside', dataset.columns_set_aside.map(({ name, kind }) => `${name} (${kind})`).join(', ') || 'no column'],
        ['Checksum', dataset.checksum],
      ])}
      ${renderList('Evaluation', [
        ['Identifier', report.evaluation_id],
        ['Made', report.created_at],
        ['Seed', String(report.seed)],
        ['Versions', `plugin API ${report.versions.plugin_api}, Node.js ${report.versions.node}`],
      ])}
    </div>
    ${renderConfig(generator.config)}`;
}

function count(value: number | null): string {
  return value === null ? 'unknown' : formatNumber(value);
}

function renderList(title: string, entries: readonly (readonly [string, string])[]): Html {
  const rows = entries.map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${value}</dd>`,
  );
  return html`<section>
    <h3>${title}</h3>
    <dl>${rows}</dl>
  </section>`;
}

function renderConfig(config: Readonly<Record<string, unknown>>): Html | null {
  const rows = Object.entries(config).map(([key, value]) => [key, JSON.stringify(value)]);
  if (rows.length === 0) return null;
  return html`<details>
    <summary>Configuration of the generator</summary>
    ${renderTable({ caption: 'Configuration of the generator', head: ['Key', 'Value'], rows })}
  </details>`;
}

export function renderPrivacy({ privacy }: EvaluationReport): Html {
  return html`${renderLedger(privacy)}
    <p>${tellDataset(privacy.dataset)}</p>`;
}

function renderLedger({ spent, ledger, caveats }: EvaluationReport['privacy']): Html {
  if (spent === null) return html`<p>The generator makes no claim of differential privacy.</p>`;
  const budget = ['All together', '', formatNumber(spent.epsilon), formatNumber(spent.delta)];
  const rows = ledger.map((e) => [e.mechanism, e.reads, formatNumber(e.epsilon), formatNumber(e.delta)]);
  return html`<p>Every mechanism that read the rows, and what it cost. A smaller ε protects more.</p>
    ${renderTable({ caption: 'Privacy ledger', head: ['Mechanism', 'Reads', 'ε', 'δ'], rows: [...rows, budget] })}
    ${caveats.map((caveat) => html`<p class="caveat">${caveat}</p>`)}`;
}

function tellDataset({
  epsilon,
  delta,
  models,
  unbounded_models: unbounded,
}: EvaluationReport['privacy']['dataset']): string {
  const bounded =
    models > unbounded
      ? `The models trained on this dataset so far may give away ε = ${formatNumber(epsilon)} and δ = ${formatNumber(delta)} together.`
      : 'No model with such a claim that holds was trained on this dataset so far.';
  const rest = unbounded === 0 ? '' : ` ${unbounded} of its ${models} models give away without bound.`;
  return `${bounded}${rest}`;
}
