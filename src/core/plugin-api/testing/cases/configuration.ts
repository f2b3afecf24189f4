import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.js';
import { derivedAlternatives } from '../config-alternatives.js';
import type { GeneratorHarness } from '../generator-harness.js';

export function configurationCases(harness: GeneratorHarness): ConformanceCase[] {
  const keys = Object.keys(harness.plugin.configSchema.shape);
  return [
    {
      name: 'an unknown config key is refused',
      async run() {
        const config = { ...harness.options.config, no_such_key: 1 };
        assert.equal(harness.plugin.configSchema.safeParse(config).success, false);
      },
    },
    ...keys.map((key) => ({
      name: `the config key ${key} changes the result`,
      run: () => checkEffect(harness, key),
    })),
  ];
}

async function checkEffect(harness: GeneratorHarness, key: string): Promise<void> {
  const companions = harness.options.companions?.[key] ?? {};
  const current = harness.parse(companions)[key];
  const values = harness.options.alternatives?.[key] ?? derivedAlternatives(harness.plugin.configSchema, key, current);
  assert.ok(values, `other values of "${key}" cannot be derived from its schema: give them in "alternatives"`);
  const before = await outcome(harness, companions);
  for (const value of values) {
    const after = await outcome(harness, { ...companions, [key]: value });
    if (after !== before) return;
  }
  assert.fail(
    `neither rows nor summary change with ${key} = ${values.map((value) => JSON.stringify(value)).join(', ')}`,
  );
}

/** Rows and summary as text. */
async function outcome(harness: GeneratorHarness, config: Readonly<Record<string, unknown>>): Promise<string> {
  return harness.withModel({ config }, async (model) => {
    return JSON.stringify([await harness.sample(model), model.summary]);
  });
}
