import {
  type ArtefactReader,
  type Feed,
  packTensors,
  type ProgramSet,
  type RunContext,
  unpackTensors,
} from '../../../../core/plugin-api/index.js';
import type { AutoregressiveConfig } from '../../config.js';
import type { TokenTable } from '../coding/token-table.js';
import { initialWeights } from '../network/initial-weights.js';
import type { Layout } from '../network/layout.js';
import { networkShapes } from '../network/network.js';
import { adam } from './optimiser.js';
import { BatchMaker } from './batch-maker.js';
import { batchSizeFor } from './batch-size.js';
import { calibrate } from './calibrate.js';
import { chooseEpochs, type Trial } from './choose-epochs.js';
import { learningRateAt } from './schedule.js';
import { compileTraining, type TrainingEntry, trainingState } from './training-program.js';

export interface TrainedNetwork {
  readonly weights: Feed;
  /** Mean loss of an epoch's steps, in nats a row; rows with given cells count what is left to predict. */
  readonly losses: readonly number[];
  readonly epochs: number;
  readonly steps: number;
}

/** Where a run stands; saved with checkpoints. */
interface Position {
  readonly epochs: number;
  readonly steps: number;
  step: number;
  /** Of the epoch under way: nats, and rows. */
  epochLoss: number;
  epochRows: number;
  readonly losses: number[];
}

/**
 * Trains the network, from random weights or from those given; goes on from the run's last checkpoint where there is one, to the same result.
 */
export async function train(
  layout: Layout,
  table: TokenTable,
  config: AutoregressiveConfig,
  context: RunContext,
  initial: Feed = initialWeights(layout, table, context.seed),
): Promise<TrainedNetwork> {
  const batch = batchSizeFor(table.rowCount, config.batch_size);
  const given = Math.round(batch * config.given_share);
  const programs = await compileTraining(context.compute, layout, batch, given);
  try {
    const run = new TrainingRun(layout, table, config, context, programs, { batch, given }, initial);
    const saved = await context.checkpoints.restore();
    if (saved !== null) return await run.resume(saved);
    const epochs = await chooseEpochs(table.rowCount, config, context, (trial) => run.trial(trial));
    return await run.start(epochs);
  } finally {
    programs.dispose();
  }
}

class TrainingRun {
  constructor(
    private readonly layout: Layout,
    private readonly table: TokenTable,
    private readonly config: AutoregressiveConfig,
    private readonly context: RunContext,
    private readonly programs: ProgramSet<TrainingEntry>,
    private readonly size: { readonly batch: number; readonly given: number },
    private readonly initial: Feed,
  ) {}

  /** Trains on some rows; gives the mean loss of others, in nats a row. */
  async trial({ epochs, training, validation }: Trial): Promise<number> {
    const batches = this.#batches(training);
    await this.#reset();
    const position = this.#begin(epochs, batches);
    while (position.step < position.steps) await this.#step(batches, position);
    let loss = 0;
    for (const feed of this.#batches(validation).evaluation()) {
      await this.context.tick();
      loss += (await this.programs.run('evaluate', feed))['loss']![0]!;
    }
    return loss / validation.length;
  }

  async start(epochs: number): Promise<TrainedNetwork> {
    await this.#reset();
    const batches = this.#batches(everyRow(this.table));
    return this.#run(batches, this.#begin(epochs, batches));
  }

  async resume(saved: ArtefactReader): Promise<TrainedNetwork> {
    await this.programs.setState(unpackTensors(trainingState(this.layout), await saved.bytes('state.bin')));
    return this.#run(this.#batches(everyRow(this.table)), (await saved.json('training.json')) as Position);
  }

  async #run(batches: BatchMaker, position: Position): Promise<TrainedNetwork> {
    while (position.step < position.steps) {
      const loss = await this.#step(batches, position);
      this.context.report({
        phase: 'train',
        completed: (position.step / position.steps) * position.epochs,
        total: position.epochs,
        unit: 'epoch',
        metrics: { loss },
      });
      if (this.context.checkpoints.due()) await this.#save(position);
    }
    await calibrate(this.layout, this.table, this.programs, batches, this.context);
    const state = await this.programs.getState();
    const weights = Object.fromEntries(Object.keys(networkShapes(this.layout)).map((name) => [name, state[name]!]));
    const { epochs, steps, losses } = position;
    return { weights, losses, epochs, steps };
  }

  #batches(rows: Int32Array): BatchMaker {
    return new BatchMaker(this.layout, this.table, rows, { ...this.size, seed: this.context.seed });
  }

  #begin(epochs: number, { stepsPerEpoch }: BatchMaker): Position {
    const most = Math.max(this.config.maximum_steps, stepsPerEpoch);
    const steps = Math.max(1, Math.min(most, Math.round(epochs * stepsPerEpoch)));
    return { epochs: steps / stepsPerEpoch, steps, step: 0, epochLoss: 0, epochRows: 0, losses: [] };
  }

  async #reset(): Promise<void> {
    const blank = Object.entries(this.initial).flatMap(([name, values]) =>
      ['m', 'v'].map((moment) => [`${moment}:${name}`, new Float32Array(values.length)] as const),
    );
    await this.programs.setState({ ...this.initial, ...Object.fromEntries(blank) });
  }

  /** One step; gives its loss in nats a row. */
  async #step(batches: BatchMaker, position: Position): Promise<number> {
    await this.context.tick();
    const rate = learningRateAt(this.config.learning_rate, position.step, position.steps);
    const feed = { ...batches.training(position.step), ...adam.scalars(rate, position.step + 1) };
    const loss = (await this.programs.run('train', feed))['loss']![0]!;
    position.step++;
    if (!Number.isFinite(loss)) {
      throw new Error(`Training diverged at step ${position.step}: the loss is not finite. Lower learning_rate`);
    }
    position.epochLoss += loss;
    position.epochRows += this.size.batch;
    if (position.step % batches.stepsPerEpoch === 0 || position.step === position.steps) {
      position.losses.push(position.epochLoss / position.epochRows);
      position.epochLoss = position.epochRows = 0;
    }
    return loss / this.size.batch;
  }

  async #save(position: Position): Promise<void> {
    const state = await this.programs.getState();
    await this.context.checkpoints.save(async (writer) => {
      await writer.json('training.json', position);
      await writer.bytes('state.bin', packTensors(trainingState(this.layout), state));
    });
  }
}

function everyRow({ rowCount }: TokenTable): Int32Array {
  return Int32Array.from({ length: rowCount }, (_, row) => row);
}
