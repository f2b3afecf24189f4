import {
  type AnyEvaluatorPlugin,
  type AnyGeneratorPlugin,
  COLUMN_KINDS,
  type MetricDefinition,
  type Recommendation,
  RECOMMENDED_PURPOSES,
} from '../plugin-api/index.js';
import { checkConfigSchema } from './check-config-schema.js';

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const SNAKE_CASE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
type Fail = (reason: string) => never;

export function checkContribution(contribution: unknown, fail: Fail): void {
  if (typeof contribution !== 'object' || contribution === null) fail('a contribution is not an object');
  const plugin = contribution as AnyGeneratorPlugin | AnyEvaluatorPlugin;
  if (plugin.kind !== 'generator' && plugin.kind !== 'evaluator') {
    fail(
      `a contribution's kind is ${JSON.stringify((plugin as { kind?: unknown }).kind)}, not "generator" or "evaluator"`,
    );
  }
  if (typeof plugin.id !== 'string' || !KEBAB_CASE.test(plugin.id)) {
    fail(`the ${plugin.kind} id ${JSON.stringify(plugin.id)} is not in kebab case`);
  }
  const failHere: Fail = (reason) => fail(`${plugin.kind} "${plugin.id}": ${reason}`);
  checkTexts(plugin, failHere);
  if (typeof plugin.loadRuntime !== 'function') failHere('loadRuntime is not a function');
  checkConfigSchema(plugin.configSchema, failHere);
  if (plugin.kind === 'generator') checkGenerator(plugin, failHere);
  else checkEvaluator(plugin, failHere);
}

function checkTexts(thing: { title?: unknown; description?: unknown }, fail: Fail): void {
  for (const key of ['title', 'description'] as const) {
    const text = thing[key];
    if (typeof text !== 'string' || text.trim() === '') fail(`its ${key} is empty`);
  }
}

function checkGenerator(plugin: AnyGeneratorPlugin, fail: Fail): void {
  if (!Number.isInteger(plugin.artefactVersion) || plugin.artefactVersion < 1) {
    fail(`artefactVersion ${String(plugin.artefactVersion)} is not a positive integer`);
  }
  const { capabilities } = plugin;
  if (typeof capabilities !== 'object' || capabilities === null) fail('it declares no capabilities');
  const { columnKinds, conditionalSampling, accelerator, missingValues, differentialPrivacy } = capabilities;
  if (!Array.isArray(columnKinds) || columnKinds.length === 0) fail('capabilities.columnKinds is empty');
  const unknown = columnKinds.find((kind) => !COLUMN_KINDS.includes(kind));
  if (unknown !== undefined) fail(`capabilities.columnKinds names an unknown kind "${unknown}"`);
  if (typeof missingValues !== 'boolean') fail('capabilities.missingValues is not a boolean');
  oneOf('capabilities.conditionalSampling', conditionalSampling, ['none', 'biased', 'exact'], fail);
  oneOf('capabilities.accelerator', accelerator, ['none', 'optional', 'required'], fail);
  if (differentialPrivacy === undefined) fail('capabilities.differentialPrivacy is neither null nor a claim');
  if (plugin.recommendation !== undefined) checkRecommendation(plugin.recommendation, fail);
  // The host adds up, before anything starts, what the models of a table may spend.
  if (differentialPrivacy !== null && !('epsilon' in plugin.configSchema.shape)) {
    fail('it claims differential privacy, and its config has no key "epsilon" for the budget');
  }
  if (plugin.preflight !== undefined && typeof plugin.preflight !== 'function') fail('preflight is not a function');
}

function checkRecommendation(recommendation: unknown, fail: Fail): void {
  if (typeof recommendation !== 'object' || recommendation === null) fail('recommendation is not an object');
  const { purpose, measuredOn, figures } = recommendation as Partial<Recommendation>;
  oneOf('recommendation.purpose', purpose, RECOMMENDED_PURPOSES, fail);
  if (typeof measuredOn !== 'string' || measuredOn.trim() === '') fail('recommendation.measuredOn is empty');
  for (const [name, value] of Object.entries(figures ?? {})) {
    if (!SNAKE_CASE.test(name) || !Number.isFinite(value)) fail(`recommendation.figures.${name} is not a figure`);
  }
}

function checkEvaluator(plugin: AnyEvaluatorPlugin, fail: Fail): void {
  if (typeof plugin.needsHoldout !== 'boolean') fail('needsHoldout is not a boolean');
  if (!Array.isArray(plugin.metrics) || plugin.metrics.length === 0) fail('it defines no metrics');
  const seen = new Set<string>();
  for (const metric of plugin.metrics as readonly MetricDefinition[]) {
    if (typeof metric?.id !== 'string' || !SNAKE_CASE.test(metric.id)) {
      fail(`the metric id ${JSON.stringify(metric?.id)} is not in snake case`);
    }
    if (seen.has(metric.id)) fail(`the metric "${metric.id}" is defined twice`);
    seen.add(metric.id);
    checkMetric(metric, (reason) => fail(`metric "${metric.id}": ${reason}`));
  }
}

function checkMetric(metric: MetricDefinition, fail: Fail): void {
  checkTexts(metric, fail);
  oneOf('scope', metric.scope, ['dataset', 'column', 'column-pair'], fail);
  oneOf('better', metric.better, ['higher', 'lower'], fail);
  const range: unknown = metric.range;
  const ordered = Array.isArray(range) && range.length === 2 && range.every(Number.isFinite) && range[0] < range[1];
  if (!ordered) fail('range is not a pair of ascending finite numbers');
}

function oneOf(what: string, value: unknown, choices: readonly string[], fail: Fail): void {
  if (!choices.includes(value as string)) fail(`${what} is ${JSON.stringify(value)}, not one of ${choices.join(', ')}`);
}
