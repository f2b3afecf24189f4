import {
  type Column,
  type ColumnSchema,
  type FittedModel,
  isCoded,
  RandomStream,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../plugin-api/index.js';
import type { Distribution } from '../distribution.js';
import { shareCells } from './share-cells.js';

/**
 * Draws each combination of the values of a distribution under its conditions, and gives the rows of all in an order of chance.
 * @param columns of the model's rows.
 */
export async function* sampleShares(
  model: FittedModel,
  request: SampleRequest,
  distribution: Distribution,
  columns: readonly ColumnSchema[],
  context: RunContext,
): AsyncGenerator<TableBatch> {
  const { batchSize, conditions = [] } = request;
  const pilot = (draw: number) => contextOf(context, 'pilots', draw);
  const cells = await shareCells(model, request, distribution, columns, pilot);
  const drawn: GroupRows[] = [];
  for (const [cell, { conditions: own, count }] of cells.entries()) {
    const batches: TableBatch[] = [];
    const ofCell = { rowCount: count, batchSize, conditions: [...conditions, ...own] };
    for await (const batch of model.sample(ofCell, contextOf(context, 'seeds', cell))) {
      batches.push(batch);
      await context.tick();
    }
    drawn.push(new GroupRows(batches, count));
  }
  yield* interleave(drawn, batchSize, context.seed);
}

/** Groups must not be drawn by the same numbers, or their rows would go in pairs; only the whole is reported. */
function contextOf(context: RunContext, purpose: 'pilots' | 'seeds', group: number): RunContext {
  const seed = Math.floor(new RandomStream(context.seed, `distribution.${purpose}`).uniformAt(group) * 2 ** 32);
  return Object.create(context, { seed: { value: seed }, report: { value: () => undefined } }) as RunContext;
}

/** The rows of one group, to be taken one by one. */
class GroupRows {
  #batch = 0;
  #row = 0;

  constructor(
    private readonly batches: readonly TableBatch[],
    readonly count: number,
  ) {}

  get columns(): readonly Column[] {
    return this.batches[0]!.columns;
  }

  /** Writes the next row into row `to` of columns. */
  moveTo(columns: readonly Column[], to: number): void {
    const batch = this.batches[this.#batch]!;
    columns.forEach((column, c) => {
      const own = batch.columns[c]!;
      if ('codes' in column) column.codes[to] = (own as typeof column).codes[this.#row]!;
      else column.values[to] = (own as typeof column).values[this.#row]!;
    });
    if (++this.#row < batch.rowCount) return;
    this.#batch++;
    this.#row = 0;
  }
}

function* interleave(groups: readonly GroupRows[], batchSize: number, seed: number): Generator<TableBatch> {
  const order = Int32Array.from(groups.flatMap(({ count }, g) => Array.from({ length: count }, () => g)));
  new RandomStream(seed, 'distribution.order').shuffle(order);
  for (let start = 0; start < order.length; start += batchSize) {
    const part = order.subarray(start, start + batchSize);
    // All rows are of one model, and so of one dictionary.
    const columns = groups[0]!.columns.map((column): Column => {
      return isCoded(column)
        ? { codes: new Int32Array(part.length), dictionary: column.dictionary }
        : { values: new Float64Array(part.length) };
    });
    part.forEach((g, row) => groups[g]!.moveTo(columns, row));
    yield { rowCount: part.length, columns };
  }
}
