import {
  ConditionError,
  type ArtefactWriter,
  type Condition,
  type FitSummary,
  type FittedModel,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../../core/plugin-api/index.js';
import { compileConditions } from './conditions.js';
import { GeneratedBlocks } from './generated-blocks.js';
import { saveModel, type DpCtganModel } from './model.js';
import { compileSampling } from './programs.js';
import { RowBuffer } from './row-buffer.js';

/** Generated rows looked at for one that meets the conditions, before giving up. */
const PATIENCE = 2 ** 18;

export class FittedDpCtgan implements FittedModel {
  constructor(private readonly model: DpCtganModel) {}

  get summary(): FitSummary {
    return this.model.summary;
  }

  /** Conditions are met by throwing away the rows that do not meet them: what is left has the model's conditional distribution. */
  async *sample(request: SampleRequest, context: RunContext): AsyncIterable<TableBatch> {
    const { codings, networks, generator } = this.model;
    const meets = compileConditions(codings, request.conditions ?? []);
    const programs = await compileSampling(context.compute, networks);
    try {
      await programs.setState({ generator });
      const blocks = new GeneratedBlocks(programs, networks, codings, context.seed);
      const buffer = new RowBuffer(codings);
      let left = request.rowCount;
      let refused = 0;
      while (left > 0) {
        const { columns, rowCount } = await blocks.next();
        for (let row = 0; row < rowCount && left > 0; row++) {
          if (meets(columns, row)) {
            buffer.push(columns, row);
            left--;
            refused = 0;
          } else if (++refused > PATIENCE) throw tooRare(request.conditions!);
        }
        while (buffer.length >= request.batchSize) yield buffer.take(request.batchSize);
        await context.tick();
      }
      if (buffer.length > 0) yield buffer.take(buffer.length);
    } finally {
      programs.dispose();
    }
  }

  save(writer: ArtefactWriter): Promise<void> {
    return saveModel(writer, this.model);
  }

  dispose(): void {}
}

function tooRare(conditions: readonly Condition[]): ConditionError {
  const names = conditions.map(({ column }) => `"${column}"`).join(', ');
  return new ConditionError(
    conditions[0]!.column,
    `Of ${PATIENCE} generated rows none meets the conditions on ${names}: they are too rare for this model`,
  );
}
