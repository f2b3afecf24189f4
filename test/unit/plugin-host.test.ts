import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineEvaluator,
  defineGenerator,
  definePluginPackage,
  type GeneratorCapabilities,
  type MetricDefinition,
  type PluginPackage,
} from '../../src/core/plugin-api/index.js';
import { configJsonSchema, loadPlugins, parseConfig } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import studioManifest from '../../package.json' with { type: 'json' };

const capabilities: GeneratorCapabilities = {
  columnKinds: ['integer'],
  missingValues: false,
  conditionalSampling: 'none',
  differentialPrivacy: null,
  accelerator: 'none',
};

const configSchema = z.strictObject({
  epochs: z.int().min(1).max(10).default(3).describe('Passes over the rows.'),
  network: z
    .strictObject({ width: z.number().min(1) })
    .default({ width: 8 })
    .describe('The network.'),
  loss: z.enum(['hinge', 'logistic']).default('hinge').describe('What is minimised.'),
});

function generator(changes: object = {}) {
  return {
    ...defineGenerator({
      id: 'some-generator',
      title: 'Some generator',
      description: 'For tests.',
      artefactVersion: 1,
      configSchema,
      capabilities,
      loadRuntime: () => Promise.reject(new Error('no runtime')),
    }),
    ...changes,
  };
}

const metric: MetricDefinition = {
  id: 'some_metric',
  title: 'Some metric',
  description: 'For tests.',
  scope: 'dataset',
  range: [0, 1],
  better: 'higher',
};

function evaluator(changes: object = {}) {
  return {
    ...defineEvaluator({
      id: 'some-evaluator',
      title: 'Some evaluator',
      description: 'For tests.',
      configSchema: z.strictObject({}),
      metrics: [metric],
      needsHoldout: false,
      loadRuntime: () => Promise.reject(new Error('no runtime')),
    }),
    ...changes,
  };
}

function pkg(contribution: object, changes: object = {}): PluginPackage {
  const contributions = [contribution] as unknown as PluginPackage['contributions'];
  return {
    ...definePluginPackage({ name: 'some-package', version: '1.2.3', apiVersion: '^1.0.0', contributions }),
    ...changes,
  };
}

const load = (...builtIn: PluginPackage[]) => loadPlugins({ builtIn, extra: [] });

describe('a faulty package stops the load, named with its reason', () => {
  it.each<[string, PluginPackage, RegExp]>([
    ['a version that is none', pkg(generator(), { version: 'one' }), /version "one" is not a semantic version/],
    [
      'a range that is none',
      pkg(generator(), { apiVersion: 'new' }),
      /apiVersion "new" is not a semantic version range/,
    ],
    ['another API', pkg(generator(), { apiVersion: '^2.0.0' }), /needs plugin API \^2\.0\.0, and this studio has 1\./],
    ['nothing to contribute', pkg(generator(), { contributions: [] }), /no contributions/],
    ['an unknown kind', pkg(generator({ kind: 'exporter' })), /kind is "exporter"/],
    ['an id in camel case', pkg(generator({ id: 'someGenerator' })), /id "someGenerator" is not in kebab case/],
    ['an empty title', pkg(generator({ title: ' ' })), /generator "some-generator": its title is empty/],
    ['no runtime', pkg(generator({ loadRuntime: undefined })), /loadRuntime is not a function/],
    ['a version 0 of artefacts', pkg(generator({ artefactVersion: 0 })), /artefactVersion 0 is not a positive integer/],
    [
      'an unknown column kind',
      pkg(generator({ capabilities: { ...capabilities, columnKinds: ['image'] } })),
      /unknown kind "image"/,
    ],
    [
      'conditions of an unknown sort',
      pkg(generator({ capabilities: { ...capabilities, conditionalSampling: 'yes' } })),
      /conditionalSampling is "yes"/,
    ],
    [
      'a recommendation for nothing in particular',
      pkg(generator({ recommendation: { purpose: 'all', measuredOn: 'a table', figures: {} } })),
      /recommendation\.purpose is "all"/,
    ],
    [
      'a recommendation by a word',
      pkg(generator({ recommendation: { purpose: 'privacy', measuredOn: 'a table', figures: { quality: 'best' } } })),
      /recommendation\.figures\.quality is not a figure/,
    ],
    [
      'a claim of differential privacy without a budget',
      pkg(generator({ capabilities: { ...capabilities, differentialPrivacy: { mechanism: 'dp-sgd', unit: 'row' } } })),
      /claims differential privacy, and its config has no key "epsilon"/,
    ],
    ['no config schema', pkg(generator({ configSchema: {} })), /configSchema is not a zod schema/],
    ['a loose config schema', pkg(generator({ configSchema: z.object({}) })), /not strict/],
    [
      'a key without description',
      pkg(generator({ configSchema: z.strictObject({ a: z.int().default(1) }) })),
      /key "a" has no description/,
    ],
    [
      'a key without default',
      pkg(generator({ configSchema: z.strictObject({ a: z.int().describe('A.') }) })),
      /key "a" has no default/,
    ],
    [
      'a key in camel case',
      pkg(generator({ configSchema: z.strictObject({ aB: z.int().default(1).describe('A.') }) })),
      /key "aB" is not in snake case/,
    ],
    [
      'a default out of range',
      pkg(generator({ configSchema: z.strictObject({ a: z.int().max(1).default(2).describe('A.') }) })),
      /default of the config key "a" is refused by its own schema/,
    ],
    [
      'a key without JSON form',
      pkg(generator({ configSchema: z.strictObject({ a: z.date().default(new Date(0)).describe('A.') }) })),
      /cannot be expressed as JSON Schema/,
    ],
    ['no metrics', pkg(evaluator({ metrics: [] })), /defines no metrics/],
    ['a metric twice', pkg(evaluator({ metrics: [metric, metric] })), /metric "some_metric" is defined twice/],
    [
      'a metric in kebab case',
      pkg(evaluator({ metrics: [{ ...metric, id: 'some-metric' }] })),
      /metric id "some-metric" is not in snake case/,
    ],
    [
      'a metric of no range',
      pkg(evaluator({ metrics: [{ ...metric, range: [1, 1] }] })),
      /range is not a pair of ascending/,
    ],
    ['a metric of no direction', pkg(evaluator({ metrics: [{ ...metric, better: 'more' }] })), /better is "more"/],
  ])('%s', async (_, faulty, reason) => {
    await expect(load(faulty)).rejects.toMatchObject({
      name: 'PluginLoadError',
      packageName: 'some-package',
      reason: expect.stringMatching(reason),
      message: expect.stringContaining('"some-package"'),
    });
  });

  it('an id that another package has taken', async () => {
    const other = pkg(generator(), { name: 'other-package' });
    await expect(load(pkg(generator()), other)).rejects.toThrow(
      /"other-package" cannot be loaded: the generator id "some-generator" is taken by the package "some-package"/,
    );
  });
});

describe('the registry', () => {
  it('finds plugins by id and kind, with the package that brought them', async () => {
    const registry = await load(pkg(generator()), pkg(evaluator(), { name: 'other' }));
    expect(registry.generator('some-generator')?.package).toEqual({ name: 'some-package', version: '1.2.3' });
    expect(registry.evaluator('some-evaluator')?.package.name).toBe('other');
    expect(registry.generator('some-evaluator')).toBeUndefined();
    expect(registry.generator('__proto__')).toBeUndefined();
    await expect(registry.generator('some-generator')!.loadRuntime()).rejects.toThrow('no runtime');
  });

  it('lists generators for fidelity first, then for privacy, then the others as they came', async () => {
    const recommended = (id: string, purpose: string) =>
      generator({ id, recommendation: { purpose, measuredOn: 'a table', figures: {} } });
    const contributions = [
      generator(),
      recommended('private', 'privacy'),
      generator({ id: 'z' }),
      recommended('close', 'fidelity'),
    ];
    const { generators } = await load(pkg(generator(), { contributions }));
    expect(generators.map(({ id }) => id)).toEqual(['close', 'private', 'some-generator', 'z']);
  });

  it('is frozen', async () => {
    const registry = await load(pkg(generator()));
    expect(() => (registry.generators as unknown[]).push(1)).toThrow(TypeError);
    expect(() => Object.assign(registry.generators[0]!, { title: 'other' })).toThrow(TypeError);
  });
});

function issuesOf(raw: unknown) {
  const result = parseConfig(generator(), raw);
  return result.ok ? [] : result.issues.map(({ field, code }) => [field, code]);
}

describe('parseConfig', () => {
  it('fills in defaults', () => {
    expect(parseConfig(generator(), undefined)).toEqual({
      ok: true,
      config: { epochs: 3, network: { width: 8 }, loss: 'hinge' },
    });
  });

  it.each<[unknown, string[][]]>([
    [
      { epoch: 1, losses: 2 },
      [
        ['epoch', 'unknown_field'],
        ['losses', 'unknown_field'],
      ],
    ],
    [{ network: { width: 2, depth: 3 } }, [['network.depth', 'unknown_field']]],
    [{ epochs: 'many' }, [['epochs', 'invalid_type']]],
    [{ epochs: 1.5 }, [['epochs', 'invalid_type']]],
    [{ epochs: 11 }, [['epochs', 'range_error']]],
    [{ network: { width: 0 } }, [['network.width', 'range_error']]],
    [{ network: {} }, [['network.width', 'required']]],
    [{ loss: 'squared' }, [['loss', 'invalid_choice']]],
    ['everything', [['', 'invalid_type']]],
  ])('says of %j which field is wrong and how', (raw, expected) => {
    expect(issuesOf(raw)).toEqual(expected);
  });
});

it('configJsonSchema describes every key, with its default', () => {
  const { properties, additionalProperties } = configJsonSchema(generator());
  expect(additionalProperties).toBe(false);
  expect(properties.epochs).toMatchObject({
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 3,
    description: 'Passes over the rows.',
  });
});

/** The source of a plugin package; the function that it calls is set by the tests. */
function packageSource(name: string): string {
  return `export default { name: '${name}', version: '2.1.0', apiVersion: '>=1', contributions: pluginHostTest('${name}') };`;
}

describe('extra packages', () => {
  let folder: string;
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const loadExtra = (...extra: string[]) => loadPlugins({ builtIn: [], extra, workingFolder: folder });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plugin-host-'));
    Object.assign(globalThis, { pluginHostTest: (id: string) => [generator({ id })] });
    write(
      'node_modules/by-name/package.json',
      '{ "type": "module", "exports": { ".": { "import": "./lib/entry.js" } } }',
    );
    write('node_modules/by-name/lib/entry.js', packageSource('by-name'));
    write('by-main/package.json', '{ "type": "module", "main": "main.js" }');
    write('by-main/main.js', packageSource('by-main'));
    write('no-default/index.mjs', 'export const plugin = 1;');
    write('throws.mjs', "throw new Error('boom at import');");
    write('not-built/package.json', '{ "exports": "./dist/index.js" }');
    write('broken/package.json', '{ "exports": ');
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
    Reflect.deleteProperty(globalThis, 'pluginHostTest');
  });

  it('load by the name of an installed package and by a folder', async () => {
    const { generators } = await loadExtra('by-name', './by-main');
    expect(generators.map(({ id }) => id)).toEqual(['by-name', 'by-main']);
  });

  it.each([
    ['missing-package', /no such folder, and no such package/],
    ['./no-default/index.mjs', /no default export/],
    ['./throws.mjs', /importing it failed: boom at import/],
    ['not-built', /entry file .*dist.index\.js does not exist \(is it built\?\)/],
    ['broken', /package\.json cannot be read/],
  ])('%s is refused by name', async (origin, reason) => {
    await expect(loadExtra(origin)).rejects.toMatchObject({
      name: 'PluginLoadError',
      packageName: origin,
      reason: expect.stringMatching(reason),
    });
  });
});

describe('the built-in plugins', () => {
  it('load, under the version of the studio', async () => {
    const { generators } = await load(...builtInPlugins);
    expect(generators.map(({ id }) => id)).toEqual(expect.arrayContaining(['gaussian-copula', 'independent']));
    expect(builtInPlugins.map(({ version }) => version)).toEqual(builtInPlugins.map(() => studioManifest.version));
  });
});
