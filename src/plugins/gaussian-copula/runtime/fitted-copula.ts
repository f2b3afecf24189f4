import {
  ColumnDecoder,
  type ArtefactWriter,
  type Column,
  type ColumnMarginal,
  type FitSummary,
  type FittedModel,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../../core/plugin-api/index.js';
import { resolveConditions } from './conditions.js';
import { saveModel, type CopulaModel } from './copula-model.js';
import { latentAxis } from './latent-axis.js';
import { isConstant, missingThreshold } from './latent-dimension.js';
import { ScoreSource } from './score-source.js';

/** Scores made at once: 2^16 doubles, and fewer rows where each may be drawn many times over. */
const CHUNK_CELLS = 2 ** 16;
const MOST_CHUNK_ROWS = 4096;
const MOST_CONDITIONED_ROWS = 64;

export class FittedCopula implements FittedModel {
  readonly summary: FitSummary;
  readonly #model: CopulaModel;
  readonly #decoders: readonly (ColumnDecoder | null)[];
  /** By column: the one cell of columns without a variable of their own. */
  readonly #constantCells = new Map<number, number>();

  constructor(model: CopulaModel) {
    this.#model = model;
    this.summary = { metrics: model.metrics, privacySpent: null };
    this.#decoders = model.marginals.map((marginal) => {
      return marginal.pieces.starts.length > 0 ? new ColumnDecoder(marginal, latentAxis(marginal.pieces)) : null;
    });
    this.#decoders.forEach((decoder, column) => {
      if (decoder && isConstant(model.marginals[column]!)) this.#constantCells.set(column, decoder.cellAt(0));
    });
  }

  async *sample(
    { rowCount, batchSize, conditions = [] }: SampleRequest,
    context: RunContext,
  ): AsyncIterable<TableBatch> {
    const { constraints, fixedCells } = resolveConditions(conditions, this.#model, this.#decoders);
    const mostRows = constraints.length > 0 ? MOST_CONDITIONED_ROWS : MOST_CHUNK_ROWS;
    const fitting = Math.floor(CHUNK_CELLS / Math.max(1, this.#model.dimensions.length));
    const capacity = Math.max(16, Math.min(mostRows, fitting));
    const source = await ScoreSource.create(this.#model, constraints, capacity, context);
    if (source.approximate) {
      context.logger.warn('The conditions are so rare together that rows follow their distribution only nearly');
    }
    for (let start = 0; start < rowCount; start += batchSize) {
      const rows = Math.min(batchSize, rowCount - start);
      const columns = this.#model.marginals.map((marginal) => missingCells(marginal, rows));
      for (const [column, cell] of this.#constantCells) cellsOf(columns[column]!).fill(cell);
      for (let done = 0; done < rows; done += capacity) {
        const count = Math.min(capacity, rows - done);
        source.fill(start + done, count);
        this.#decode(source, columns, done, count, fixedCells);
        await context.tick();
      }
      context.report({ phase: 'sample', completed: start + rows, total: rowCount });
      yield { rowCount: rows, columns };
    }
  }

  save(writer: ArtefactWriter): Promise<void> {
    return saveModel(this.#model, writer);
  }

  dispose(): void {}

  /** Turns the scores of `count` rows into cells from row `offset` of the batch on. */
  #decode(
    source: ScoreSource,
    columns: readonly Column[],
    offset: number,
    count: number,
    fixedCells: ReadonlyMap<number, readonly number[]>,
  ): void {
    const scoresOf = (d: number) => source.scores.subarray(d * source.capacity, d * source.capacity + count);
    this.#model.dimensions.forEach(({ column, role }, d) => {
      const cells = cellsOf(columns[column]!);
      if (role === 'value') this.#decoders[column]!.decode(scoresOf(d), count, cells, offset);
      else blank(cells, offset, scoresOf(d), missingThreshold(this.#model.marginals[column]!));
    });
    for (const [column, values] of fixedCells) {
      const cells = cellsOf(columns[column]!).subarray(offset, offset + count);
      cells.forEach((cell, i) => (cells[i] = isPresent(cells, cell) ? nearestOf(values, cell) : cell));
    }
  }
}

function isPresent(cells: Float64Array | Int32Array, cell: number): boolean {
  return cells instanceof Int32Array ? cell >= 0 : !Number.isNaN(cell);
}

function nearestOf(values: readonly number[], x: number): number {
  return values.reduce((best, value) => (Math.abs(value - x) < Math.abs(best - x) ? value : best));
}

function missingCells({ categories }: ColumnMarginal, rows: number): Column {
  if (categories) return { codes: new Int32Array(rows).fill(-1), dictionary: categories };
  return { values: new Float64Array(rows).fill(NaN) };
}

function cellsOf(column: Column): Float64Array | Int32Array {
  return 'codes' in column ? column.codes : column.values;
}

function blank(cells: Float64Array | Int32Array, offset: number, scores: Float64Array, threshold: number): void {
  const missing = cells instanceof Int32Array ? -1 : NaN;
  for (let i = 0; i < scores.length; i++) if (scores[i]! > threshold) cells[offset + i] = missing;
}
