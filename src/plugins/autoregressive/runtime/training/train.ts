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
import { initialParts, partsOf } from '../network/initial-weights.js';
import type { Layout } from '../network/layout.js';
import { networkShapes } from '../network/network.js';
import { partShapes, type Prior, priorOf } from '../network/prior.js';
import { adam } from './optimiser.js';
import { BatchMaker } from './batch-maker.js';
import { batchSizeFor } from './batch-size.js';
import { calibrate } from './calibrate.js';
import { learningRateAt } from './schedule.js';
import { compileTraining, type TrainingEntry, trainingState } from './training-program.js';

/**
 * Of the fewest steps, those that a wide table takes: 1,000 and 8,000 rows of 60 columns are learned as well in half of them,
 * and fewer rows are remembered.
 */
const WIDE_SHARE = 0.5;

/** Of more rows the prior counts no less: half of adult's, 16,000, would be remembered measurably. */
const STEADY_ROWS = 12_000;

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

/** What a network is trained from. */
export interface Start {
  /** Weights to go on from; absent: random ones. */
  readonly weights?: Feed;
  /** Tokens that will not be drawn. */
  readonly forbidden: readonly number[];
}

/**
 * Trains the network, from random weights or from those given; goes on from the run's last checkpoint where there is one, to the same result.
 */
export async function train(
  layout: Layout,
  table: TokenTable,
  config: AutoregressiveConfig,
  context: RunContext,
  { weights, forbidden }: Start,
): Promise<TrainedNetwork> {
  const batch = batchSizeFor(table.rowCount, config.batch_size);
  const given = Math.round(batch * config.given_share);
  const prior = priorOf(layout, table.fields, table.rowCount, weights !== undefined);
  const programs = await compileTraining(context.compute, layout, batch, given, prior);
  try {
    const run = new TrainingRun(layout, table, config, context, programs, prior, { batch, given });
    const saved = await context.checkpoints.restore();
    const initial = async () =>
      weights === undefined ? initialParts(layout, table, prior, context) : partsOf(weights, layout, prior);
    const trained = await (saved === null ? run.start(await initial()) : run.resume(saved));
    const base = await calibrate(layout, table, trained.weights, forbidden, context);
    return { ...trained, weights: { ...trained.weights, base } };
  } finally {
    programs.dispose();
  }
}

/** Over the mean loss of a row, what is believed counts the less the more rows there are. */
function penaltyOf(shrinkage: number, rowCount: number): number {
  return shrinkage / Math.min(rowCount, STEADY_ROWS);
}

class TrainingRun {
  readonly #batches: BatchMaker;

  constructor(
    private readonly layout: Layout,
    private readonly table: TokenTable,
    private readonly config: AutoregressiveConfig,
    private readonly context: RunContext,
    private readonly programs: ProgramSet<TrainingEntry>,
    private readonly prior: Prior,
    private readonly size: { readonly batch: number; readonly given: number },
  ) {
    this.#batches = new BatchMaker(layout, table, { ...size, seed: context.seed });
  }

  async start(initial: Feed): Promise<TrainedNetwork> {
    const moments = Object.keys(partShapes(this.layout, this.prior)).flatMap((name) =>
      ['m', 'v'].map((moment) => [`${moment}:${name}`, new Float32Array(initial[name]!.length)] as const),
    );
    await this.programs.setState({ ...initial, ...Object.fromEntries(moments) });
    const { stepsPerEpoch } = this.#batches;
    const { epochs, minimum_steps, maximum_steps } = this.config;
    const fewest = this.layout.embedding === null ? minimum_steps : minimum_steps * WIDE_SHARE;
    const wanted = Math.round(Math.max(fewest, epochs * stepsPerEpoch));
    const steps = Math.min(wanted, Math.max(maximum_steps, stepsPerEpoch));
    return this.#run({ epochs: steps / stepsPerEpoch, steps, step: 0, epochLoss: 0, epochRows: 0, losses: [] });
  }

  async resume(saved: ArtefactReader): Promise<TrainedNetwork> {
    const shapes = trainingState(this.layout, this.prior);
    await this.programs.setState(unpackTensors(shapes, await saved.bytes('state.bin')));
    return this.#run((await saved.json('training.json')) as Position);
  }

  async #run(position: Position): Promise<TrainedNetwork> {
    while (position.step < position.steps) {
      const loss = await this.#step(position);
      this.context.report({
        phase: 'train',
        completed: (position.step / position.steps) * position.epochs,
        total: position.epochs,
        unit: 'epoch',
        metrics: { loss },
      });
      if (this.context.checkpoints.due()) await this.#save(position);
    }
    const state = { ...(await this.programs.getState()), ...(await this.programs.run('weights', {})) };
    const weights = Object.fromEntries(Object.keys(networkShapes(this.layout)).map((name) => [name, state[name]!]));
    const { epochs, steps, losses } = position;
    return { weights, losses, epochs, steps };
  }

  /** One step; gives its loss in nats a row. */
  async #step(position: Position): Promise<number> {
    await this.context.tick();
    const rate = learningRateAt(this.config.learning_rate, position.step, position.steps);
    const feed = {
      ...this.#batches.training(position.step),
      ...adam.scalars(rate, position.step + 1),
      ...(this.prior.holds && { penalty: Float32Array.of(penaltyOf(this.config.shrinkage, this.table.rowCount)) }),
    };
    const loss = (await this.programs.run('train', feed))['loss']![0]!;
    position.step++;
    if (!Number.isFinite(loss)) {
      throw new Error(`Training diverged at step ${position.step}: the loss is not finite. Lower learning_rate`);
    }
    position.epochLoss += loss;
    position.epochRows += this.size.batch;
    if (position.step % this.#batches.stepsPerEpoch === 0 || position.step === position.steps) {
      position.losses.push(position.epochLoss / position.epochRows);
      position.epochLoss = position.epochRows = 0;
    }
    return loss / this.size.batch;
  }

  async #save(position: Position): Promise<void> {
    const state = await this.programs.getState();
    await this.context.checkpoints.save(async (writer) => {
      await writer.json('training.json', position);
      await writer.bytes('state.bin', packTensors(trainingState(this.layout, this.prior), state));
    });
  }
}
