import { readFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema, validateSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/core/plugin-host/index.js';
import { builtInPlugins } from '../../src/plugins/index.js';
import { createSchema } from '../../src/schema/create-schema.js';

describe('the schema', () => {
  const schema = createSchema(createRegistry(builtInPlugins));

  it('is valid', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  it('is what schema.graphql says ("npm run generate" writes it)', () => {
    const file = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
    expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(file);
  });

  // All of them, and who may call each, are in access-walk.test.ts.
  it.each([
    ['Query', 'dataset datasets evaluation evaluations evaluatorTypes generator generatorTypes generators me node'],
    ['Mutation', 'cancelGeneration deleteDataset deleteGenerator evaluate generate login logout refresh register'],
    ['Mutation', 'sample updateDataset uploadDataset'],
    ['Subscription', 'evaluationProgress events generationProgress'],
  ])('has the root fields of %s that the contract names', (type, names) => {
    const fields = Object.keys((schema.getType(type) as unknown as { getFields(): object }).getFields());
    expect(fields).toEqual(expect.arrayContaining(names.split(' ')));
  });
});
