import { describe, expect, it } from 'vitest';
import {
  type AnyEvaluatorPlugin,
  fitBoostedClassifier,
  macroAuc,
  RandomStream,
  type TableSource,
} from '../../src/core/plugin-api/index.js';
import { tableFromRows } from '../../src/core/plugin-api/testing/index.js';
import { fidelityConfig } from '../../src/plugins/fidelity/config.js';
import { fidelity } from '../../src/plugins/fidelity/index.js';
import { detectionOptions } from '../../src/plugins/fidelity/runtime/detection/detect.js';
import { privacyConfig } from '../../src/plugins/privacy/config.js';
import { privacy } from '../../src/plugins/privacy/index.js';
import { univariateQueries } from '../../src/plugins/privacy/runtime/attacks/make-queries.js';
import { rowsAsked } from '../../src/plugins/privacy/runtime/assess-release.js';
import { utility } from '../../src/plugins/utility/index.js';
import { runEvaluator, scoreOf } from '../support/evaluate.js';

const context = { seed: 1, async tick() {} };
const ROWS = 400;
const COLUMNS = 24;

/** `width` features of which the first alone tells the labels. */
function oneTelling(width: number) {
  const stream = new RandomStream(7, 'test.wide');
  const features = Array.from({ length: width }, () => ({
    values: Float64Array.from({ length: ROWS }, () => stream.next()),
  }));
  const labels = Int32Array.from(features[0]!.values, (value) => (value > 0.5 ? 1 : 0));
  return { table: { rowCount: ROWS, features }, labels };
}

/** Rows of one hidden number that 24 columns follow with noise; `shift` moves the last column. */
function wideTable(seed: number, shift = 0): TableSource {
  const stream = new RandomStream(seed, 'test.wide.rows');
  const columns = Array.from({ length: COLUMNS }, (_, c) => ({
    name: `c${c}`,
    kind: 'continuous' as const,
    nullable: false,
  }));
  const rows = Array.from({ length: ROWS }, () => {
    const hidden = stream.next();
    return columns.map((_, c) => hidden + stream.next() + (c === COLUMNS - 1 ? shift : 0));
  });
  return tableFromRows(columns, rows);
}

describe('boosted trees of a wide table', () => {
  it('look at some of the features each, and still find the one that tells', async () => {
    const { table, labels } = oneTelling(40);
    const model = await fitBoostedClassifier(table, labels, 2, context, { featuresPerTree: 8 });
    expect(macroAuc(model.probabilities(table), labels, 2)).toBeGreaterThan(0.99);
  });

  it('of one feature each never split by two together', async () => {
    const { table, labels } = oneTelling(2);
    const exclusive = labels.map((label, row) => (table.features[1]!.values[row]! > 0.5 ? label : 1 - label));
    const areaWith = async (featuresPerTree: number) => {
      const model = await fitBoostedClassifier(table, exclusive, 2, context, { featuresPerTree, iterations: 30 });
      return macroAuc(model.probabilities(table), exclusive, 2)!;
    };
    // Whether two numbers are on the same side takes both: a sum of trees that see one each cannot say.
    expect(await areaWith(1)).toBeLessThan(0.8);
    expect(await areaWith(2)).toBeGreaterThan(0.95);
  });

  it('are the same as ever where the table has no more features than each may see', async () => {
    const { table, labels } = oneTelling(8);
    const [limited, plain] = await Promise.all(
      [{ featuresPerTree: 8 }, {}].map((options) => fitBoostedClassifier(table, labels, 2, context, options)),
    );
    expect(limited!.probabilities(table)).toEqual(plain!.probabilities(table));
  });
});

describe('evaluators of a wide table', () => {
  const tables = { real: wideTable(1), synthetic: wideTable(2), holdout: wideTable(3) };
  const notesOf = async (plugin: AnyEvaluatorPlugin, config: Record<string, unknown>) =>
    (await runEvaluator(plugin, { ...tables, config })).notes!.join('\n');
  const quick = { maximum_pairs: 10, maximum_triples: 10, chart_columns: 1, detection_folds: 2, features_per_tree: 8 };
  const quickModels = { maximum_targets: 1, boosting_iterations: 3, features_per_tree: 8 };

  it('say what they left out: fewer rows, and some of the columns to each tree', async () => {
    const detection = await notesOf(fidelity, { ...quick, detection_cells: 2400 });
    expect(detection).toContain('Detection is tried on 100 real rows and as many others');
    expect(detection).toContain('Each tree of the detection looks at 8 of 24 columns');
    const models = await notesOf(utility, { ...quickModels, training_cells: 2400 });
    expect(models).toContain('each model learned from up to 100 rows');
    expect(models).toContain('looks at 8 of the columns');
    const distances = await notesOf(privacy, { distance_cells: 2400, attacks: 20 });
    expect(distances).toContain('The nearest records of 100 of 400 synthetic rows');
  });

  it('take all the rows that they ever take of tables up to 48 columns, and fewer of wider ones', () => {
    const [detection, distances] = [fidelityConfig.parse({}), privacyConfig.parse({})];
    expect([1, 15, 48, 300].map((width) => detectionOptions(detection, width).rows)).toEqual([6000, 6000, 6000, 1000]);
    expect([1, 15, 48, 300].map((width) => rowsAsked(distances, width))).toEqual([3000, 3000, 3000, 666]);
  });

  it('find the one column that gives the rows away', async () => {
    const shifted = { ...tables, synthetic: wideTable(2, 5) };
    const result = await runEvaluator(fidelity, { ...shifted, config: quick });
    expect(scoreOf(result, 'detection')).toBeLessThan(0.05);
    expect(scoreOf(result, 'detection', 'holdout')).toBeGreaterThan(0.8);
  });
});

describe('a long table', () => {
  it('may have more values that one row alone holds than a call takes arguments', () => {
    const rowCount = 300_000;
    const numbers = Float64Array.from({ length: rowCount }, (_, row) => row / rowCount);
    expect(univariateQueries({ rowCount, codes: new Int32Array(0), numbers }, 20, 1)).toHaveLength(20);
  });
});
