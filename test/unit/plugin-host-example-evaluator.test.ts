import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packedStudioWith, runIn } from '../support/packed-studio.js';
import { reportFacts } from '../support/report-facts.js';

let folder: string;
beforeAll(() => {
  folder = packedStudioWith('example-evaluator');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOAD = `
  const { loadPlugins } = await import(studio('core/plugin-host/index.js'));
  const { builtInPlugins } = await import(studio('plugins/index.js'));
  const plugins = await loadPlugins({ builtIn: builtInPlugins, extra: ['example'] });`;

it('the example evaluator keeps the promises of the plugin API, seeing the packed studio alone', () => {
  const options = { cwd: join(folder, 'example') };
  const output = execFileSync(process.execPath, ['--test', '--test-reporter=tap'], options).toString();
  expect(output).toMatch(/^# fail 0$/m);
  expect(Number(/^# pass (\d+)$/m.exec(output)![1])).toBeGreaterThan(12);
}, 120_000);

it('its config is a member of the GraphQL input, beside the built-in evaluators', () => {
  const printed = runIn(
    folder,
    `${LOAD}
    const { createSchema } = await import(studio('schema/create-schema.js'));
    const fields = createSchema(plugins).getType('EvaluatorConfigInput').getFields();
    console.log(JSON.stringify(Object.fromEntries(Object.values(fields).map(({ name, type }) => [name, String(type)]))));`,
  );
  expect(JSON.parse(printed)).toMatchObject({
    coverage: 'CoverageEvaluatorConfigInput',
    fidelity: 'FidelityEvaluatorConfigInput',
    privacy: 'PrivacyEvaluatorConfigInput',
    utility: 'UtilityEvaluatorConfigInput',
  });
});

it('its scores stand in the report', () => {
  const printed = runIn(
    folder,
    `${LOAD}
    const { tableFromRows, testContext } = await import(studio('core/plugin-api/testing/index.js'));
    const { buildReport, renderReportHtml } = await import(studio('core/evaluations/report/index.js'));
    const plugin = plugins.evaluator('coverage');
    const columns = ['x', 'y'].map((name) => ({ name, kind: 'continuous', nullable: false }));
    const table = tableFromRows(columns, Array.from({ length: 50 }, (_, i) => [i, i % 7]));
    const request = { real: table, synthetic: table, holdout: null, targetColumn: null, sensitiveColumns: [] };
    const runtime = await plugin.loadRuntime();
    const { metrics: values, charts } = await runtime.evaluate({ ...request, config: { bins: 20 } }, testContext());
    const { id, title, description, metrics } = plugin;
    const report = buildReport(${JSON.stringify(reportFacts())}, [{ id, title, description, metrics, values, charts, notes: [] }]);
    console.log(JSON.stringify({ page: await renderReportHtml(report) }));`,
  );
  const { page } = JSON.parse(printed) as { page: string };
  expect(page).toContain('Coverage: Coverage');
  expect(page).toContain('Coverage by column');
});
