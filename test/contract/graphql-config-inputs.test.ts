import { afterEach, describe, expect, it } from 'vitest';
import { printType, type GraphQLNamedType } from 'graphql';
import { z } from 'zod';
import { definePluginPackage, type AnyGeneratorPlugin } from '../../src/core/plugin-api/index.js';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { createSchema } from '../../src/schema/create-schema.js';
import { type GraphqlDoor, openGraphqlDoor } from '../support/graphql-door.js';

const layer = z.strictObject({
  unit_count: z.number().int().min(1).default(64).describe('Units.'),
  drop_out: z.number().min(0).max(1).nullable().default(null).describe('Share dropped; null for none.'),
});
const outsiderConfig = z.strictObject({
  learning_rate: z.number().positive().default(0.001).describe('Step size.'),
  loss_kind: z.enum(['mean-square', 'huber']).default('mean-square').describe('What is minimised.'),
  column_names: z.array(z.string()).default([]).describe('Columns, by name.'),
  output_layer: layer.prefault({}).describe('The last layer.'),
  hidden_layers: z.array(layer).default([]).describe('The others.'),
  huge_count: z
    .number()
    .int()
    .min(0)
    .max(2 ** 40)
    .default(2 ** 33)
    .describe('Beyond an Int.'),
  free: z.union([z.string(), z.number()]).default('auto').describe('Several shapes.'),
});

function outsider(id: string, configSchema: z.ZodObject): AnyGeneratorPlugin {
  return {
    kind: 'generator',
    id,
    title: `Title of ${id}`,
    description: `Description of ${id}.`,
    artefactVersion: 1,
    configSchema,
    capabilities: {
      columnKinds: ['integer'],
      missingValues: false,
      conditionalSampling: 'none',
      differentialPrivacy: null,
      accelerator: 'none',
    },
    loadRuntime: () => Promise.reject(new Error('not in this test')),
  };
}

function registryWith(...contributions: AnyGeneratorPlugin[]) {
  const theirs = definePluginPackage({ name: 'outsiders', version: '1.0.0', apiVersion: '^1.0.0', contributions });
  return createRegistry([...builtInPlugins, theirs]);
}

let door: GraphqlDoor | undefined;
afterEach(async () => {
  await door?.app.close();
  door = undefined;
});

describe('the input of a plugin from outside', () => {
  const registry = registryWith(outsider('my-own-model', outsiderConfig), outsider('bare', z.strictObject({})));
  const schema = createSchema(registry);
  const printed = (name: string) => printType(schema.getType(name) as GraphQLNamedType);

  it('is a member of the @oneOf input', () => {
    expect(printed('GeneratorConfigInput')).toContain('@oneOf');
    expect(printed('GeneratorConfigInput')).toContain(
      '"""Title of my-own-model"""\n  myOwnModel: MyOwnModelConfigInput',
    );
  });

  it('has its keys in camel case, with types, defaults and descriptions', () => {
    const text = printed('MyOwnModelConfigInput');
    expect(text).toContain('"""Description of my-own-model."""');
    for (const line of [
      'columnNames: [String!]! = []',
      'free: JSON = "auto"',
      'hiddenLayers: [MyOwnModelConfigHiddenLayersItemInput!]! = []',
      'hugeCount: SafeInt! = 8589934592',
      '"""Step size."""\n  learningRate: Float! = 0.001',
      'lossKind: MyOwnModelConfigLossKind! = MEAN_SQUARE',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/outputLayer: MyOwnModelConfigOutputLayerInput!/);
    expect(printed('MyOwnModelConfigOutputLayerInput')).toContain('dropOut: Float = null');
  });

  it('exists even where there is nothing to set', () => {
    expect(printed('BareConfigInput')).toContain('none: Boolean');
  });

  it('arrives at the service as the plugin spells it', async () => {
    const asked: unknown[] = [];
    door = await openGraphqlDoor(
      {
        generators: {
          generate: async (_owner, input) => {
            asked.push(input);
            return { id: 'g' } as never;
          },
        },
      },
      registry,
    );
    const { errors } = await door.post(`mutation {
      generate(input: { datasetId: "d", generator: { myOwnModel: {
        lossKind: HUBER, outputLayer: { unitCount: 8 }, hiddenLayers: [{ dropOut: 0.5 }, {}]
      } } }) { ... on Generator { id } }
    }`);
    expect(errors).toBeUndefined();
    expect(asked).toEqual([
      {
        datasetId: 'd',
        generatorType: 'my-own-model',
        numRows: 1000,
        config: {
          learning_rate: 0.001,
          loss_kind: 'huber',
          column_names: [],
          output_layer: { unit_count: 8, drop_out: null },
          hidden_layers: [
            { unit_count: 64, drop_out: 0.5 },
            { unit_count: 64, drop_out: null },
          ],
          huge_count: 2 ** 33,
          free: 'auto',
        },
      },
    ]);
    expect(outsiderConfig.safeParse((asked[0] as { config: unknown }).config).success).toBe(true);
  });

  it('tells of itself in generatorTypes', async () => {
    door = await openGraphqlDoor({}, registry);
    const { data } = await door.post('{ generatorTypes { id inputMember defaults package { name } configSchema } }');
    const type = data.generatorTypes.find(({ id }: { id: string }) => id === 'my-own-model');
    expect(type).toMatchObject({
      inputMember: 'myOwnModel',
      package: { name: 'outsiders' },
      defaults: { learning_rate: 0.001, loss_kind: 'mean-square' },
      configSchema: { type: 'object', additionalProperties: false },
    });
  });
});

describe('names that meet in GraphQL', () => {
  it('stop the start for two plugins', () => {
    const registry = registryWith(outsider('net-2', z.strictObject({})), outsider('net2', z.strictObject({})));
    expect(() => createSchema(registry)).toThrow('The generators "net-2" and "net2" are both "net2" in GraphQL');
  });

  it('stop the start for two keys of a config', () => {
    const number = z.number().default(1).describe('A number.');
    const registry = registryWith(outsider('net', z.strictObject({ a_1: number, a1: number })));
    expect(() => createSchema(registry)).toThrow('the config keys "a_1" and "a1" are both "a1" in GraphQL');
  });
});

describe('what every built-in takes', () => {
  it('as defaults is accepted by its own schema', async () => {
    const registry = createRegistry(builtInPlugins);
    for (const plugin of registry.generators) {
      const asked: { config?: unknown }[] = [];
      const { app, post } = await openGraphqlDoor({
        generators: {
          generate: async (_owner, input) => {
            asked.push(input);
            return { id: 'g' } as never;
          },
        },
      });
      const member = plugin.id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      await post(`mutation { generate(input: { datasetId: "d", generator: { ${member}: {} } }) { __typename } }`);
      await app.close();
      expect(plugin.configSchema.parse(asked[0]!.config)).toEqual(plugin.configSchema.parse({}));
    }
  });
});
