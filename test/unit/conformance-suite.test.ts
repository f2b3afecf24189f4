import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  alternativesByColumn,
  type AnyGeneratorPlugin,
  ConditionError,
  defineGenerator,
  RandomStream,
  type FittedModel,
  type RunContext,
} from '../../src/core/plugin-api/index.js';
import { generatorConformanceCases } from '../../src/core/plugin-api/testing/index.js';
import { typescriptExecArgv } from '../support/typescript-process.js';

/** A promise that a generator breaks; `none` keeps them all but the fresh process, which has no module to load. */
type Flaw =
  'none' | 'counter' | 'batch' | 'seed' | 'deaf' | 'idle key' | 'loose' | 'fraction' | 'lenient' | 'NaN' | 'boast';

/** Uniform integers, whatever the rows say; restored from nothing. */
function flawed(flaw: Flaw) {
  let counter = 0;
  const keys = { spread: z.int().min(1).max(30).default(20).describe('The greatest integer.') };
  const model = (spread: number): FittedModel => ({
    summary: {
      metrics: { rows: flaw === 'NaN' ? NaN : 1 },
      privacySpent: flaw === 'boast' ? { epsilon: 1, delta: 0 } : null,
    },
    async *sample({ rowCount, batchSize, conditions = [] }, context: RunContext) {
      if (conditions.length > 0 && flaw !== 'lenient')
        throw Object.assign(new Error('none'), { name: 'ConditionError' });
      const stream = new RandomStream(
        flaw === 'seed' ? 1 : context.seed,
        flaw === 'counter' ? String(counter++) : 'flawed',
      );
      for (let start = 0; start < rowCount; start += batchSize) {
        const rows = Math.min(batchSize, rowCount - start);
        if (flaw !== 'deaf') await context.tick();
        const at = (row: number) => (flaw === 'batch' ? row : start + row);
        const cell = (row: number) => stream.uniformAt(at(row)) * (flaw === 'idle key' ? 20 : spread);
        const values = Float64Array.from({ length: rows }, (_, row) =>
          flaw === 'fraction' ? cell(row) : Math.floor(cell(row)),
        );
        yield { rowCount: rows, columns: [{ values }] };
      }
    },
    save: async () => undefined,
    dispose: () => undefined,
  });
  return defineGenerator({
    id: 'flawed',
    title: 'Flawed',
    description: 'Breaks one promise.',
    artefactVersion: 1,
    configSchema: flaw === 'loose' ? z.object(keys) : z.strictObject(keys),
    capabilities: {
      columnKinds: ['integer'],
      missingValues: false,
      conditionalSampling: 'none',
      differentialPrivacy: null,
      accelerator: 'none',
    },
    loadRuntime: async () => ({
      async fit({ config }, context) {
        if (flaw !== 'deaf') await context.tick();
        return model((config as { spread: number }).spread);
      },
      restore: async () => model(20),
    }),
  });
}

/** Cities by weight, held at those that conditions leave: drawn evenly from a list, or as if there were none. */
function choosy(flaw: 'none' | 'even' | 'deaf' | 'lenient') {
  const weights = { Ashford: 4, Bern: 3, Cork: 1, Delft: 2 } as Record<string, number>;
  const dictionary = Object.keys(weights);
  const model: FittedModel = {
    summary: { metrics: {}, privacySpent: null },
    async *sample({ rowCount, batchSize, conditions = [] }, context) {
      const listed = alternativesByColumn(conditions)
        .get('city')
        ?.map((c) => ('value' in c ? String(c.value) : ''));
      const isUnknown = conditions.some(({ column }) => column !== 'city') || listed?.some((city) => !weights[city]);
      if (isUnknown && !(flaw === 'lenient' && (listed?.length ?? 0) > 1)) throw new ConditionError('city', 'unknown');
      const isList = (listed?.length ?? 0) > 1;
      const left = listed !== undefined && !(isList && flaw === 'deaf') ? listed : dictionary;
      const weightOf = (city: string) => (isList && flaw === 'even' ? 1 : (weights[city] ?? 1));
      const urn = left.flatMap((city) => Array.from({ length: weightOf(city) }, () => dictionary.indexOf(city)));
      const stream = new RandomStream(context.seed, 'choosy');
      for (let start = 0; start < rowCount; start += batchSize) {
        await context.tick();
        const rows = Math.min(batchSize, rowCount - start);
        const codes = Int32Array.from(
          { length: rows },
          (_, i) => urn[Math.floor(stream.uniformAt(start + i) * urn.length)]!,
        );
        yield { rowCount: rows, columns: [{ codes, dictionary }] };
      }
    },
    save: async () => undefined,
    dispose: () => undefined,
  };
  return defineGenerator({
    id: 'choosy',
    title: 'Choosy',
    description: 'Takes lists.',
    artefactVersion: 1,
    configSchema: z.strictObject({}),
    capabilities: {
      columnKinds: ['categorical'],
      missingValues: false,
      conditionalSampling: 'exact',
      differentialPrivacy: null,
      accelerator: 'none',
      conditionLists: true,
    },
    loadRuntime: async () => ({
      async fit(_, context) {
        await context.tick();
        return model;
      },
      restore: async () => model,
    }),
  });
}

async function failuresOf(flaw: Flaw): Promise<string[]> {
  return failuresIn(flawed(flaw));
}

async function failuresIn(plugin: AnyGeneratorPlugin): Promise<string[]> {
  const failures: string[] = [];
  const freshProcess = { module: 'data:text/javascript,export default 0' };
  for (const { name, run } of generatorConformanceCases(plugin, { freshProcess })) {
    if (name.includes('fresh process')) continue;
    await run().catch(() => failures.push(name));
  }
  return failures;
}

describe('the suite finds each broken promise, and that one alone', () => {
  it.each<[Flaw, RegExp[]]>([
    ['none', []],
    ['counter', [/same seed/, /first rows/]],
    ['batch', [/same seed/]],
    ['seed', [/another seed/]],
    ['deaf', [/cancel during fitting/, /cancel during sampling/]],
    ['idle key', [/config key spread/]],
    ['loose', [/unknown config key/]],
    ['lenient', [/condition is refused/]],
    ['NaN', [/finite numbers/]],
    ['boast', [/privacy budget/]],
  ])('%s', async (flaw, expected) => {
    const failures = await failuresOf(flaw);
    expect(failures).toHaveLength(expected.length);
    expected.forEach((pattern, k) => expect(failures[k]).toMatch(pattern));
  });

  it.each<[Parameters<typeof choosy>[0], RegExp]>([
    ['even', /listed values/],
    ['deaf', /"values":\["Cork","Bern","Delft"\]/],
    ['lenient', /"Atlantis"\].* is refused/],
  ])('lists that are %s', async (flaw, expected) => {
    const sound = await failuresIn(choosy('none'));
    const failures = (await failuresIn(choosy(flaw))).filter((name) => !sound.includes(name));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatch(expected);
  });

  it('fraction: in every case that looks at the cells', async () => {
    expect((await failuresOf('fraction')).some((name) => name.includes('cells are of their column’s kind'))).toBe(true);
  });

  it('a module without the plugin fails the fresh process', async () => {
    const freshProcess = { module: 'data:text/javascript,export const other = 0', execArgv: typescriptExecArgv };
    const cases = generatorConformanceCases(flawed('none'), { freshProcess });
    await expect(cases.find(({ name }) => name.includes('fresh process'))!.run()).rejects.toThrow(
      /has no export "default"/,
    );
  });
});
