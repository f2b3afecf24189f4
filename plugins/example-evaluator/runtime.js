import {
  columnNamed,
  isCoded,
  knownScore,
  meanScore,
  readWholeTable,
  ScoreSheet,
  shuffleColumns,
  unknownScore,
} from 'synthetic-data-studio/plugin-api';

const MOST_CELLS = 20_000_000;

export const runtime = {
  async evaluate({ real: source, synthetic, holdout, config }, context) {
    const real = await readWholeTable(source, MOST_CELLS, context);
    const subjects = [
      ['synthetic', await readWholeTable(synthetic, MOST_CELLS, context)],
      ['independent', shuffleColumns(real, context.seed)],
      ...(holdout === null ? [] : [['holdout', await readWholeTable(holdout, MOST_CELLS, context)]]),
    ];
    const columns = real.schema.columns.filter(({ kind }) => kind !== 'identifier' && kind !== 'text');
    const sheet = new ScoreSheet();
    const generated = [];
    for (const [index, [subject, table]] of subjects.entries()) {
      const scores = columns.map(({ name }) => coverageOf(name, real, table, config.bins));
      columns.forEach(({ name }, c) => sheet.add('column_coverage', subject, scores[c], name));
      sheet.add('coverage', subject, meanScore(scores, 'No column could be compared'));
      if (subject === 'synthetic') generated.push(...scores);
      context.report({ phase: 'evaluate', completed: index + 1, total: subjects.length });
      await context.tick();
    }
    if (holdout === null) sheet.add('coverage', 'holdout', unknownScore('The generator kept no rows out of training'));
    return { metrics: sheet.values, charts: [chartOf(columns, generated)] };
  },
};

function coverageOf(name, real, table, bins) {
  const column = columnNamed(real, name);
  const other = columnNamed(table, name);
  if (other === undefined || isCoded(other) !== isCoded(column)) return unknownScore(`"${name}" is not in both tables`);
  const keyOf = isCoded(column) ? categoryOf : binOf(column.values, bins);
  const wanted = keysOf(column, keyOf);
  if (wanted.size === 0) return unknownScore(`Column "${name}" has no value in the real rows`);
  const reached = keysOf(other, keyOf);
  return knownScore([...wanted].filter((key) => reached.has(key)).length / wanted.size);
}

const categoryOf = (column, row) => column.dictionary[column.codes[row]];

function binOf(values, bins) {
  const present = values.filter(Number.isFinite);
  const low = present.reduce((a, b) => Math.min(a, b), Infinity);
  const width = (present.reduce((a, b) => Math.max(a, b), -Infinity) - low) / bins || 1;
  return (column, row) => {
    const bin = Math.floor((column.values[row] - low) / width);
    return Number.isFinite(bin) ? Math.min(bins - 1, bin) : undefined;
  };
}

/** Undefined stands for a missing cell. */
function keysOf(column, keyOf) {
  const keys = new Set();
  const rows = isCoded(column) ? column.codes.length : column.values.length;
  for (let row = 0; row < rows; row++) keys.add(keyOf(column, row));
  keys.delete(undefined);
  return keys;
}

function chartOf(columns, scores) {
  const known = columns.map(({ name }, c) => [name, scores[c].value]).filter(([, value]) => value !== null);
  return {
    type: 'bars',
    id: 'coverage',
    title: 'Coverage by column',
    description: 'The share of each real column that the synthetic rows reach.',
    categories: known.map(([name]) => name),
    series: [{ name: 'Synthetic rows', values: known.map(([, value]) => value) }],
  };
}
