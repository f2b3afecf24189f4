import {
  ColumnDecoder,
  ConditionError,
  RandomStream,
  saveMarginals,
  type ArtefactWriter,
  type Column,
  type ColumnMarginal,
  type FitSummary,
  type FittedModel,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../../core/plugin-api/index.js';

const CHUNK_ROWS = 4096;

/** Draws the cells of a column, and whether they are missing, from streams of the column's own. */
class ColumnSampler {
  readonly #marginal: ColumnMarginal;
  readonly #decoder: ColumnDecoder | null;

  constructor(marginal: ColumnMarginal) {
    this.#marginal = marginal;
    const { probabilities: cuts, starts, ends } = marginal.pieces;
    this.#decoder = starts.length > 0 ? new ColumnDecoder(marginal, { cuts, starts, ends }) : null;
  }

  /** Rows first … first + rows − 1. */
  draw(streams: ColumnStreams, first: number, rows: number): Column {
    const { categories, missingFraction } = this.#marginal;
    const isMissing = categories ? -1 : NaN;
    const cells = categories ? new Int32Array(rows).fill(isMissing) : new Float64Array(rows).fill(isMissing);
    const uniforms = new Float64Array(Math.min(CHUNK_ROWS, rows));
    for (let done = 0; done < rows; done += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - done);
      streams.value.fillUniform(uniforms, first + done);
      this.#decoder?.decode(uniforms, count, cells, done);
      if (missingFraction === 0) continue;
      streams.missing.fillUniform(uniforms, first + done);
      for (let r = 0; r < count; r++) if (uniforms[r]! < missingFraction) cells[done + r] = isMissing;
    }
    return cells instanceof Int32Array ? { codes: cells, dictionary: categories! } : { values: cells };
  }
}

interface ColumnStreams {
  readonly value: RandomStream;
  readonly missing: RandomStream;
}

export class IndependentModel implements FittedModel {
  readonly summary: FitSummary;
  readonly #marginals: readonly ColumnMarginal[];
  readonly #samplers: readonly ColumnSampler[];

  constructor(marginals: readonly ColumnMarginal[]) {
    this.#marginals = marginals;
    this.#samplers = marginals.map((marginal) => new ColumnSampler(marginal));
    this.summary = { metrics: { columns: marginals.length }, privacySpent: null };
  }

  async *sample({ rowCount, batchSize, conditions }: SampleRequest, context: RunContext): AsyncIterable<TableBatch> {
    if (conditions?.length) {
      throw new ConditionError(conditions[0]!.column, 'The generator "independent" takes no conditions');
    }
    const streams = this.#marginals.map((_, c): ColumnStreams => {
      const stream = (what: string) => new RandomStream(context.seed, `sample.${what}.${c}`);
      return { value: stream('value'), missing: stream('missing') };
    });
    for (let start = 0; start < rowCount; start += batchSize) {
      const rows = Math.min(batchSize, rowCount - start);
      const columns: Column[] = [];
      for (const [c, sampler] of this.#samplers.entries()) {
        columns.push(sampler.draw(streams[c]!, start, rows));
        await context.tick();
      }
      context.report({ phase: 'sample', completed: start + rows, total: rowCount });
      yield { rowCount: rows, columns };
    }
  }

  save(writer: ArtefactWriter): Promise<void> {
    return saveMarginals(writer, this.#marginals);
  }

  dispose(): void {}
}
