import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RandomStream, readWholeTable, type TableSource, toRisk } from '../../src/core/plugin-api/index.js';
import { type Cell, tableFromRows, testContext } from '../../src/core/plugin-api/testing/index.js';
import { privacyConfig } from '../../src/plugins/privacy/config.js';
import { assessRelease, gainOfAttempt, type Gain } from '../../src/plugins/privacy/runtime/assess-release.js';
import { AttributionAttack, countValues } from '../../src/plugins/privacy/runtime/attacks/disclosure.js';
import { findNearest, type Nearest } from '../../src/plugins/privacy/runtime/distance/nearest.js';
import { RowSpace } from '../../src/plugins/privacy/runtime/distance/row-space.js';
import { makeReleases, type Release } from '../../src/plugins/privacy/runtime/release.js';
import { rowsOfSource } from '../support/evaluate.js';
import { type FidelityTable, fidelityTables } from '../support/fidelity-tables.js';

const ROWS = 600;
const context = testContext({ seed: 1 });

/** The tables of `fixtures/privacy-evaluator/expect.py`. */
async function partsOf(name: FidelityTable, complete: boolean) {
  const { real, synthetic } = fidelityTables(name);
  const columns = real.schema.columns.filter(({ kind }) => kind !== 'identifier');
  const read = async (source: TableSource) => {
    const kept = columns.map((column) => source.schema.columns.findIndex((other) => other.name === column.name));
    const rows = (await rowsOfSource(source)).map((row) => kept.map((c) => row[c]!));
    return complete ? rows.filter((row) => row.every((cell) => cell !== null)) : rows;
  };
  const rows = await read(real);
  const table = (part: Cell[][]) => readWholeTable(tableFromRows(columns, part), 1e7, context);
  const training = rows.filter((_, i) => i % 2 === 0).slice(0, ROWS);
  const half = Math.floor(training.length / 2);
  return {
    training: await table(training),
    holdout: await table(rows.filter((_, i) => i % 2 === 1).slice(0, ROWS)),
    released: await table([...training.slice(0, half), ...(await read(synthetic)).slice(0, half)]),
  };
}

function figures<T>(peer: string, name: string): T {
  const file = new URL(`../fixtures/privacy-evaluator/${peer}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, T>)[name]!;
}

interface SdmetricsFigures {
  readonly closer_to_training: number;
  readonly distances: readonly number[];
  readonly distance_median: number;
  readonly distance_5th: number;
  readonly known: readonly string[];
  readonly disclosure: Readonly<Record<string, { readonly score: number; readonly cap_protection: number }>>;
}

describe.each<FidelityTable>(['adult', 'clinic', 'sensors'])('privacy of %s agrees with SDMetrics', (name) => {
  const expected = figures<SdmetricsFigures>('sdmetrics', name);

  it('in the distances and the share nearer to training, each in its own range', async () => {
    const { training, holdout, released } = await partsOf(name, false);
    // SDMetrics scales by the range of the rows that it searches.
    const search = async (searched: typeof training) => {
      const space = new RowSpace(searched);
      const nearest = await findNearest(space.place(released), space.place(searched), context);
      return { ...nearest, means: nearest.distance.map((distance) => distance / space.columnCount) };
    };
    const inside = await search(training);
    const outside = await search(holdout);
    const closer = inside.means.filter((distance, row) => distance < outside.means[row]! - 1e-12).length;
    expect(Math.abs(closer / released.rowCount - expected.closer_to_training)).toBeLessThan(1e-6);
    const ends = [...inside.means.slice(0, 20), ...inside.means.slice(-20)];
    ends.forEach((distance, i) => expect(Math.abs(distance - expected.distances[i]!)).toBeLessThan(1e-6));
  });

  it('in the disclosure protection', async () => {
    const { training, released } = await partsOf(name, false);
    const sensitive = Object.keys(expected.disclosure);
    const attack = new AttributionAttack(training, expected.known, sensitive, 10);
    await attack.learn(released, context);
    const found = await attack.attribute(training, context);
    sensitive.forEach((column, s) => {
      const { score, cap_protection } = expected.disclosure[column]!;
      expect(Math.abs(1 - found[s]!.mean - cap_protection), column).toBeLessThan(1e-6);
      const ours = Math.min(1, (1 - found[s]!.mean) / (1 - 1 / countValues(training, column, 10)));
      expect(Math.abs(ours - score), column).toBeLessThan(1e-6);
    });
  });
});

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface AnonymeterFigures {
  readonly attacks: number;
  readonly rows: number;
  readonly univariate: Interval;
  readonly multivariate: Interval;
  readonly linkability: Interval;
  readonly inference: Readonly<Record<string, Interval>>;
}

function liesWithin(gain: Gain, { low, high }: Interval, what: string): void {
  const { value } = toRisk(gain.gain!);
  expect(value, what).toBeGreaterThan(low);
  expect(value, what).toBeLessThan(high);
}

describe.each<FidelityTable>(['adult', 'clinic', 'sensors'])('the attacks on %s agree with Anonymeter', (name) => {
  const expected = figures<AnonymeterFigures>('anonymeter', name);

  async function attack() {
    const { training, holdout, released } = await partsOf(name, true);
    expect(training.rowCount).toBe(expected.rows);
    const releases = makeReleases({ training, synthetic: released, independent: training, holdout }, context.seed);
    const secrets = Object.keys(expected.inference);
    const config = privacyConfig.parse({ attacks: expected.attacks });
    const columns = { secrets, sensitive: [], known: [], notes: [] };
    return assessRelease(releases[0]!, columns, config, context, () => undefined);
  }

  it('within its 95 % intervals', async () => {
    const { singlingOut, linking, inference } = await attack();
    liesWithin(gainOfAttempt(singlingOut.univariate), expected.univariate, 'singling out by one column');
    liesWithin(gainOfAttempt(singlingOut.multivariate), expected.multivariate, 'singling out by several');
    liesWithin(gainOfAttempt(linking), expected.linkability, 'linkability');
    for (const { column, attempt } of inference) {
      liesWithin(gainOfAttempt(attempt), expected.inference[column]!, `inference of ${column}`);
    }
  });
});

/** By the definition, pair by pair, without groups, packing or an early end. */
function bruteForce({ space, released, training }: Release): Pick<Nearest, 'distance' | 'ties' | 'next' | 'row'> {
  const codeCount = space.discreteNames.length;
  const numberCount = space.numericNames.length;
  const all = Array.from({ length: released.rows.rowCount }, (_, query) =>
    Array.from({ length: training.rows.rowCount }, (__, row) => {
      let distance = 0;
      for (let c = 0; c < codeCount; c++) {
        const [a, b] = [released.rows.codes[query * codeCount + c], training.rows.codes[row * codeCount + c]];
        distance += a === b ? 0 : 1;
      }
      for (let c = 0; c < numberCount; c++) {
        const [a, b] = [released.rows.numbers[query * numberCount + c]!, training.rows.numbers[row * numberCount + c]!];
        const bothMissing = Number.isNaN(a) && Number.isNaN(b);
        const oneMissing = Number.isNaN(a) !== Number.isNaN(b);
        distance += bothMissing ? 0 : oneMissing ? 1 : Math.min(1, Math.abs(a - b));
      }
      return distance;
    }),
  );
  const least = all.map((distances) => Math.min(...distances));
  return {
    distance: Float64Array.from(least),
    ties: Uint32Array.from(all, (distances, i) => distances.filter((d) => d === least[i]).length),
    next: Float64Array.from(all, (distances, i) => Math.min(...distances.filter((d) => d > least[i]!))),
    row: Int32Array.from(all, (distances, i) => distances.indexOf(least[i]!)),
  };
}

describe('the nearest rows', () => {
  it('are those of a search pair by pair, in a table with more codes than a byte, gaps and ties', async () => {
    const stream = new RandomStream(8, 'test.nearest');
    const kinds = [
      'categorical',
      'categorical',
      'boolean',
      'integer',
      'continuous',
      'categorical',
      'datetime',
    ] as const;
    const columns = kinds.map((kind, c) => ({ name: `c${c}`, kind, nullable: true }));
    const cell = (c: number): Cell => {
      if (stream.next() < 0.1) return null;
      if (c === 0) return `t${stream.nextInteger(400)}`;
      if (kinds[c] === 'categorical') return `t${stream.nextInteger(3)}`;
      return kinds[c] === 'boolean' ? stream.next() < 0.5 : stream.nextInteger(4);
    };
    const table = (count: number) => {
      const rows = Array.from({ length: count }, () => kinds.map((_, c) => cell(c)));
      return readWholeTable(tableFromRows(columns, rows), 1e6, context);
    };
    const [training, synthetic] = [await table(900), await table(200)];
    const [release] = makeReleases({ training, synthetic, independent: training, holdout: null }, 1);
    const found = await findNearest(release!.released.rows, release!.training.rows, context);
    const expected = bruteForce(release!);
    expect(found.row).toEqual(expected.row);
    expect(found.ties).toEqual(expected.ties);
    expect(found.distance).toEqual(expected.distance);
    expect(found.next).toEqual(expected.next);
  });
});
