import { describe, expect, it } from 'vitest';
import type { Chart, MetricDefinition, MetricValue } from '../../src/core/plugin-api/index.js';
import {
  buildReport,
  type EvaluatorSection,
  type ReportFacts,
  renderReportHtml,
} from '../../src/core/evaluations/report/index.js';
import { reportFacts } from '../support/report-facts.js';

const HOSTILE = `"><script>alert('x')</script>&{a|b}`;

const METRICS: readonly MetricDefinition[] = [
  {
    id: 'likeness',
    title: 'Likeness',
    description: 'How alike.',
    scope: 'dataset',
    range: [0, 1],
    better: 'higher',
    headline: true,
  },
  {
    id: 'risk',
    title: 'Risk',
    description: 'How risky.',
    scope: 'dataset',
    range: [0, 10],
    better: 'lower',
    headline: true,
  },
  { id: 'detail', title: 'Detail', description: 'A detail.', scope: 'dataset', range: [0, 1], better: 'higher' },
  { id: 'shape', title: 'Shape', description: 'Of a column.', scope: 'column', range: [0, 1], better: 'higher' },
];

const VALUES: readonly MetricValue[] = [
  { metric: 'likeness', subject: 'synthetic', value: 0.8125 },
  { metric: 'likeness', subject: 'independent', value: 0.5 },
  { metric: 'likeness', subject: 'holdout', value: 0.9375 },
  { metric: 'risk', subject: 'synthetic', value: 2.5 },
  { metric: 'risk', subject: 'independent', value: 1.5 },
  { metric: 'risk', subject: 'holdout', value: 2.4 },
  { metric: 'detail', subject: 'synthetic', value: null, reason: 'Nothing to compare' },
  { metric: 'shape', subject: 'synthetic', value: 0.75, columns: [HOSTILE] },
  { metric: 'shape', subject: 'synthetic', value: 0.25, columns: ['worst'] },
];

const CHARTS: readonly Chart[] = [
  {
    type: 'bars',
    id: 'a',
    title: HOSTILE,
    description: `Bars of ${HOSTILE}`,
    categories: [HOSTILE, 'x'],
    series: [{ name: HOSTILE, values: [0.25, 0.75] }],
  },
  {
    type: 'lines',
    id: 'b',
    title: 'Lines',
    description: 'Two points.',
    xLabel: HOSTILE,
    yLabel: 'y',
    series: [
      {
        name: 'one',
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
  },
  {
    type: 'heatmap',
    id: 'c',
    title: 'Heat',
    description: 'Four cells.',
    rows: [HOSTILE, 'r'],
    columns: ['c', 'd'],
    values: [
      [0.5, null],
      [-1, 1],
    ],
    range: [-1, 1],
  },
  {
    type: 'table',
    id: 'd',
    title: 'Worst',
    description: 'A table.',
    columns: ['Column', 'Score'],
    rows: [
      [HOSTILE, 0.123456],
      ['none', null],
    ],
  },
];

function section(changes: Partial<EvaluatorSection> = {}): EvaluatorSection {
  return {
    id: 'sample',
    title: 'Sample',
    description: 'A sample.',
    metrics: METRICS,
    values: VALUES,
    charts: CHARTS,
    notes: ['A note.'],
    ...changes,
  };
}

const report = (facts: ReportFacts = reportFacts(), ...sections: EvaluatorSection[]) =>
  buildReport(facts, sections.length > 0 ? sections : [section()], { createdAt: new Date('2026-03-11T12:00:00Z') });

/** What a reader sees of the page. */
function textOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('the verdict', () => {
  it('tells what is as good as held-out rows, where the rows fall short, and what is claimed', () => {
    expect(report().verdict).toEqual([
      'The synthetic rows are as good as real rows held out of training, to within 0.020, in 1 of 2 scores of sample.',
      'They fall short of those rows most in Likeness (0.813 against 0.938); 1 of 2 scores are better than those of independent columns.',
      'The generator claims differential privacy with ε = 2.940 and δ = 1.00e-5, and every headline score could be computed.',
    ]);
  });

  it('names what could not be computed, and that there are no held-out rows', () => {
    const values: MetricValue[] = [{ metric: 'likeness', subject: 'synthetic', value: null, reason: 'One row' }];
    const [standing, shortfalls, gaps] = report(reportFacts(), section({ values })).verdict;
    expect(standing).toBe('No score could be set against those of real rows held out of training.');
    expect(shortfalls).toBe('No score could be set against independent columns.');
    expect(gaps).toContain('Likeness (One row), Risk (no value)');
  });

  it('counts by evaluator, and names the worst shortfalls first', () => {
    const risks = ['one', 'two', 'three', 'four'].map((id): MetricDefinition => ({ ...METRICS[1]!, id, title: id }));
    const values = risks.flatMap(({ id }, k): MetricValue[] => [
      { metric: id, subject: 'synthetic', value: 2 + k },
      { metric: id, subject: 'holdout', value: 1 },
    ]);
    const risky = section({ id: 'risky', title: 'Risky', metrics: risks, values });
    const [standing, shortfalls] = report(reportFacts(), section(), risky).verdict;
    expect(standing).toContain('in 1 of 2 scores of sample and 0 of 4 scores of risky.');
    expect(shortfalls).toContain(
      'most in four (5.000 against 1.000), three (4.000 against 1.000), two (3.000 against 1.000) and 2 more;',
    );
  });

  it('takes the distance that counts as near from its options', () => {
    const near = buildReport(reportFacts(), [section()], { nearHoldout: 0.2 });
    expect(near.verdict[0]).toContain('to within 0.200, in 2 of 2');
    expect(near.verdict[1]).toBe('1 of 2 scores are better than those of independent columns.');
  });
});

describe('the report as JSON', () => {
  it('keeps lineage, ledger, history and every value, and survives the trip', () => {
    const built = report();
    expect(JSON.parse(JSON.stringify(built))).toEqual(built);
    expect(built.created_at).toBe('2026-03-11T12:00:00.000Z');
    expect(built.generator).toMatchObject({ type: 'dp-ctgan', plugin_version: '1.0.0', seed: 42, row_count: 20_000 });
    expect(built.privacy.ledger).toHaveLength(1);
    expect(built.training_history.generator_loss).toHaveLength(60);
    expect(built.evaluators[0]!.values).toEqual(VALUES);
  });
});

describe('the report as a page', () => {
  it('escapes whatever a column, a value, a generator or a dataset is called', async () => {
    const page = await renderReportHtml(report(reportFacts({ name: HOSTILE, datasetName: HOSTILE })));
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toContain(`"><`.concat('script'));
    expect(page.split('&lt;script&gt;alert').length).toBeGreaterThan(6);
  });

  it('fetches nothing', async () => {
    const page = await renderReportHtml(report());
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    const addresses = page.match(/(?:https?:)?\/\/[\w.-]+[^"'\s<]*/g) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
    expect(page).not.toMatch(/<(?:link|img|iframe|object)\b|@import|url\((?!#)/i);
  });

  it('opens with every headline score, none rounded up to 1', async () => {
    const values: MetricValue[] = [...VALUES.slice(1), { metric: 'likeness', subject: 'synthetic', value: 0.99996 }];
    const text = textOf(await renderReportHtml(report(reportFacts(), section({ values }))));
    expect(text).toContain('Sample: Likeness 0.999960 0.500 0.938 higher');
    expect(text).toContain('Sample: Risk 2.500 1.500 2.400 lower');
  });

  it('shows each score with its controls, meaning, range and direction', async () => {
    const text = textOf(await renderReportHtml(report()));
    expect(text).toContain('Likeness How alike. 0.813 0.500 0.938 0 to 1 higher');
    expect(text).toContain('Risk How risky. 2.500 1.500 2.400 0 to 10 lower');
    expect(text).toContain('Detail A detail. Nothing to compare');
  });

  it('lists columns worst first, and shows tables and notes', async () => {
    const text = textOf(await renderReportHtml(report()));
    expect(text.indexOf('worst 0.250')).toBeGreaterThan(0);
    expect(text.indexOf('worst 0.250')).toBeLessThan(text.indexOf('0.750'));
    expect(text).toContain('0.123');
    expect(text).toContain('A note.');
  });

  it('gives every plot a text, every table a caption and every section a heading', async () => {
    const page = await renderReportHtml(report());
    const plots = page.match(/<svg\b[^>]*>/g)!;
    expect(plots).toHaveLength(4);
    for (const plot of plots) expect(plot).toMatch(/role="img" aria-label="[^"]+"/);
    const tables = page.match(/<table>\s*<caption>[^<]/g)!;
    expect(tables).toHaveLength(page.match(/<table\b/g)!.length);
    for (const [, id] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(page).toContain(`<h2 id="${id}">`);
    expect(page).toMatch(/<html lang="en">[\s\S]*<header>[\s\S]*<nav aria-label=[\s\S]*<main>/);
    expect(page.match(/<h1>/g)).toHaveLength(1);
  });

  it('shows the privacy ledger, or that nothing is claimed', async () => {
    expect(textOf(await renderReportHtml(report()))).toContain(
      'DP-SGD, subsampled Gaussian critic steps 2.940 1.00e-5',
    );
    const facts = reportFacts();
    const summary = { metrics: {}, privacySpent: null };
    expect(textOf(await renderReportHtml(report(facts)))).toContain(
      'may give away ε = 4.940 and δ = 2.00e-5 together. 1 of its 3 models give away without bound.',
    );
    const caveat = 'Not private: the noise was drawn from a seed.';
    const seeded = { ...facts.generator.summary, privacyCaveats: [caveat] };
    expect(
      textOf(await renderReportHtml(report({ ...facts, generator: { ...facts.generator, summary: seeded } }))),
    ).toContain(caveat);
    const plain = report({ ...facts, generator: { ...facts.generator, summary } });
    const text = textOf(await renderReportHtml(plain));
    expect(text).toContain('makes no claim of differential privacy');
    expect(text).not.toContain('Training curves');
  });

  it('draws so many plots and lists so many columns of a wide table, and says where the rest is', async () => {
    const charts = Array.from({ length: 100 }, (_, i): Chart => ({ ...CHARTS[0]!, id: `c${i}` }) as Chart);
    const values = Array.from({ length: 6000 }, (_, i): MetricValue => {
      return { metric: 'shape', subject: 'synthetic', value: i / 6000, columns: [`column ${i}`] };
    });
    const page = await renderReportHtml(report(reportFacts(), section({ charts, values })));
    expect(page.match(/<svg\b/g)).toHaveLength(81);
    expect(page).toContain('80 of 100 plots are drawn; the JSON report holds the data of all.');
    expect(page).toContain('The first 5000; the JSON report holds all.');
    expect(page).toContain('column 4999');
    expect(page).not.toContain('column 5000');
  });

  it('says so when there is nothing to show', async () => {
    const page = await renderReportHtml(
      report(reportFacts(), section({ values: [], charts: [], notes: [], metrics: [] })),
    );
    expect(textOf(page)).toContain('No evaluator gave a headline score.');
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });
});
