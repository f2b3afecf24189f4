import {
  ConditionError,
  RandomStream,
  type ArtefactWriter,
  type FitSummary,
  type FittedModel,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../../core/plugin-api/index.js';
import { decodeHeld, holdColumns } from './conditions.js';
import { saveModel, type DpAutoregressiveModel } from './model.js';
import { RowSource } from './row-source.js';

/** Candidates drawn between two ticks. */
const CANDIDATES_PER_TICK = 1024;

export class FittedDpAutoregressive implements FittedModel {
  constructor(private readonly model: DpAutoregressiveModel) {}

  get summary(): FitSummary {
    return this.model.summary;
  }

  async *sample(
    { rowCount, batchSize, conditions = [] }: SampleRequest,
    context: RunContext,
  ): AsyncGenerator<TableBatch> {
    await context.tick();
    const held = holdColumns(this.model.codings, conditions);
    const source = new RowSource(this.model, held, context.seed);
    const positions = new RandomStream(context.seed, 'dp-autoregressive.positions');
    const count = held.length;
    const rowsPerTick = Math.max(1, Math.floor(CANDIDATES_PER_TICK / source.candidates));
    for (let first = 0; first < rowCount; first += batchSize) {
      const size = Math.min(batchSize, rowCount - first);
      const codes = held.map(() => new Uint16Array(size));
      for (let i = 0; i < size; i++) {
        if (i % rowsPerTick === 0) await context.tick();
        if (!source.draw(first + i, codes, i)) {
          throw new ConditionError(conditions[0]!.column, 'This model never draws rows that meet all the conditions');
        }
      }
      const columns = held.map((column, c) =>
        decodeHeld(column, codes[c]!, (i) => positions.uniformAt((first + i) * count + c)),
      );
      yield { rowCount: size, columns };
      context.report({ phase: 'sample', completed: first + size, total: rowCount });
    }
  }

  save(writer: ArtefactWriter): Promise<void> {
    return saveModel(writer, this.model);
  }

  dispose(): void {}
}
