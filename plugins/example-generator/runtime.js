import { collectColumns, ConditionError, isCoded, RandomStream } from 'synthetic-data-studio/plugin-api';

const MOST_ROWS = 1_000_000;
const CHUNK = 4096;

export const runtime = {
  async fit({ source, config }, context) {
    const { columns } = await collectColumns(source, MOST_ROWS, context);
    const histograms = [];
    for (const [c, column] of columns.entries()) {
      histograms.push(histogramOf(source.schema.columns[c], column, config));
      context.report({ phase: 'train', completed: c + 1, total: columns.length });
      await context.tick();
    }
    return createModel(histograms);
  },

  restore: async (reader) => createModel(await reader.json('histograms.json')),
};

/**
 * Plain data: `cumulative[k]` is the share of rows in bins 0 … k; bin k of a number begins at `starts[k]` and is `width` wide,
 * of a category it is `categories[k]`.
 */
function histogramOf({ kind }, column, config) {
  const cells = isCoded(column) ? column.codes : column.values;
  const present = isCoded(column) ? cells.filter((code) => code >= 0) : cells.filter(Number.isFinite);
  const missing = 1 - present.length / cells.length;
  const low = present.reduce((a, b) => Math.min(a, b), Infinity);
  const high = present.reduce((a, b) => Math.max(a, b), -Infinity);
  const discrete = isCoded(column) || kind === 'boolean';
  const width = discrete || high === low ? 0 : (high - low) / config.bins;
  const counts = new Map();
  for (const cell of present) {
    const start = width === 0 ? cell : low + width * Math.min(config.bins - 1, Math.floor((cell - low) / width));
    counts.set(start, (counts.get(start) ?? 0) + 1);
  }
  const frequent = [...counts].filter(([, count]) => count >= config.minimum_count);
  const kept = (frequent.length > 0 ? frequent : [...counts]).toSorted(([a], [b]) => a - b);
  const total = kept.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  return {
    missing,
    whole: kind === 'integer' || kind === 'datetime',
    width,
    starts: isCoded(column) ? kept.map((_, k) => k) : kept.map(([start]) => start),
    categories: isCoded(column) ? kept.map(([code]) => column.dictionary[code]) : null,
    cumulative: kept.map(([, count]) => (below += count) / total),
  };
}

function createModel(histograms) {
  return {
    summary: { metrics: { bins: histograms.reduce((sum, { starts }) => sum + starts.length, 0) }, privacySpent: null },

    async *sample({ rowCount, batchSize, conditions = [] }, context) {
      if (conditions.length > 0) throw new ConditionError(conditions[0].column, 'Histograms take no conditions');
      // Cell (row, column) uses three numbers of its own, so that batches of any size give the same rows.
      const streams = histograms.map((_, c) => new RandomStream(context.seed, `histogram.sample.${c}`));
      for (let start = 0; start < rowCount; start += batchSize) {
        const rows = Math.min(batchSize, rowCount - start);
        const columns = histograms.map((histogram) => emptyColumn(histogram, rows));
        for (let done = 0; done < rows; done += CHUNK) {
          const end = Math.min(rows, done + CHUNK);
          histograms.forEach((histogram, c) => fill(columns[c], histogram, streams[c], start, done, end));
          await context.tick();
        }
        context.report({ phase: 'sample', completed: start + rows, total: rowCount });
        yield { rowCount: rows, columns };
      }
    },

    save: (writer) => writer.json('histograms.json', histograms),
    dispose() {},
  };
}

function emptyColumn({ categories }, rows) {
  if (categories) return { codes: new Int32Array(rows).fill(-1), dictionary: categories };
  return { values: new Float64Array(rows).fill(NaN) };
}

function fill(column, { missing, whole, width, starts, cumulative }, stream, offset, from, to) {
  const cells = isCoded(column) ? column.codes : column.values;
  for (let row = from; row < to && starts.length > 0; row++) {
    const at = 3 * (offset + row);
    if (stream.uniformAt(at) < missing) continue;
    const u = stream.uniformAt(at + 1);
    const bin = cumulative.findIndex((share) => u < share);
    const value = starts[bin] + width * stream.uniformAt(at + 2);
    cells[row] = whole ? Math.round(value) : value;
  }
}
