import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReports } from '../../src/core/evaluations/comparison/compare-reports.js';
import { renderComparisonHtml } from '../../src/core/evaluations/comparison/index.js';
import { buildReport } from '../../src/core/evaluations/report/index.js';
import type { MetricValue } from '../../src/core/plugin-api/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';
import { launchBrowser } from '../support/browser.js';
import { expectDrawn, expectToFit, LOOKS, openPage } from '../support/page-look.js';
import { reportFacts } from '../support/report-facts.js';

/** Five reports with a value for every score of the table. */
function fiveReports() {
  return ['a', 'b', 'c', 'd', 'e'].map((id, i) => {
    const sections = [fidelity, privacy].map(({ metrics, title, description, id: evaluator }) => {
      const values = metrics
        .filter(({ scope }) => scope === 'dataset')
        .flatMap((metric): MetricValue[] =>
          (['synthetic', 'independent', 'holdout'] as const).map((subject) => {
            const value = (i + 3) / 10;
            const interval = [value - 0.04, value + 0.04] as const;
            return { metric: metric.id, subject, value, ...(metric.headline && { interval }) };
          }),
        );
      return { id: evaluator, title, description, metrics, values, charts: [], notes: [] };
    });
    const facts = reportFacts({ name: `A rather long name for the run number ${i}` });
    const setup = { evaluators: [], targetColumn: null, sensitiveColumns: [] };
    return { report: buildReport({ ...facts, evaluationId: id }, sections), setup, trainingSeconds: 61.2 };
  });
}

describe('the comparison in Chromium', () => {
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    browser = await launchBrowser();
    html = await renderComparisonHtml(compareReports(fiveReports()));
  });
  afterAll(() => browser?.close());

  it.each(LOOKS)('fits $width pixels ($colorScheme), fetches nothing and breaks no policy', (look) =>
    expectToFit(browser, html, look, 2),
  );

  it('shows something in every plot', async () => {
    for (const look of LOOKS) {
      const { page } = await openPage(browser, html, look);
      await expectDrawn(page);
      await page.close();
    }
  });

  it('has a table that a screen reader can walk, and marks the best by a word and not by colour alone', async () => {
    const { page } = await openPage(browser, html);
    const scores = page.getByRole('region', { name: 'Fidelity: scores of the whole table' });
    await expect.poll(() => scores.getByRole('columnheader').count()).toBe(3 + 5);
    const shapes = scores.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^Column shapes/ }) });
    expect(await shapes.getByText('best', { exact: true }).count()).toBe(1);
    await page.close();
  });
});
