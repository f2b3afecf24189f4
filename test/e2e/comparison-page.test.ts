import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareReports } from '../../src/core/evaluations/comparison/compare-reports.js';
import { renderComparisonHtml } from '../../src/core/evaluations/comparison/index.js';
import { buildReport } from '../../src/core/evaluations/report/index.js';
import type { MetricValue } from '../../src/core/plugin-api/index.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { privacy } from '../../src/plugins/privacy/index.js';
import { launchBrowser } from '../support/browser.js';
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

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('fits %i pixels (%s), fetches nothing and breaks no policy', async (width, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    await page.setContent(html);
    const seen = await page.evaluate<{ page: number; spilling: string[]; plots: number; dark: boolean }>(`({
      page: document.documentElement.scrollWidth,
      spilling: [...document.querySelectorAll('main *')]
        .filter((e) => !e.closest('.scroll') && !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => e.tagName),
      plots: [...document.querySelectorAll('svg')].filter((e) => e.getBoundingClientRect().height > 100).length,
      dark: getComputedStyle(document.body).backgroundColor !== 'rgb(255, 255, 255)',
    })`);
    expect(seen).toEqual({ page: width, spilling: [], plots: 2, dark: colorScheme === 'dark' });
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
    for (const figure of await page.locator('figure svg').all()) {
      // A blank picture of this size compresses to less than 1 kB.
      expect((await figure.screenshot()).length).toBeGreaterThan(3000);
    }
    await page.close();
  });

  it('has a table that a screen reader can walk, and marks the best by a word and not by colour alone', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.setContent(html);
    const scores = page.getByRole('region', { name: 'Fidelity: scores of the whole table' });
    await expect.poll(() => scores.getByRole('columnheader').count()).toBe(3 + 5);
    const shapes = scores.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^Column shapes/ }) });
    expect(await shapes.getByText('best', { exact: true }).count()).toBe(1);
    await page.close();
  });
});
