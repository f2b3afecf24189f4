import {
  type ArtefactReader,
  type Feed,
  packTensors,
  type ProgramSet,
  type RunContext,
  unpackTensors,
} from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { BatchMaker } from './batch-maker.js';
import { initialWeights } from './initial-weights.js';
import type { Layout } from './layout.js';
import type { EncodedTable, TableEncoding } from './table-encoding.js';
import { adam } from './optimiser.js';
import { compileTraining, type TrainingEntry, trainingState } from './training-programs.js';

/** Mean losses by epoch. */
export interface LossHistory {
  readonly generator_loss: number[];
  readonly discriminator_loss: number[];
}

export interface TrainedWeights {
  /** The generator's weights, and the moments that its normalisation uses from now on. */
  readonly weights: Feed;
  readonly history: LossHistory;
}

interface TrainingPosition {
  /** Steps done. */
  step: number;
  readonly history: LossHistory;
  /** Sums over the steps of the epoch that is under way. */
  generatorSum: number;
  criticSum: number;
}

const MOMENT_BATCHES = 50;

/** Trains both networks; goes on from the run's last checkpoint where there is one, to the same result. */
export async function train(
  layout: Layout,
  config: CtganConfig,
  encoding: TableEncoding,
  encoded: EncodedTable,
  context: RunContext,
): Promise<TrainedWeights> {
  const programs = await compileTraining(context, layout, config);
  try {
    const training = new Training(layout, config, encoding, encoded, context, programs);
    await training.start();
    await training.run();
    return await training.finish();
  } finally {
    programs.dispose();
  }
}

class Training {
  readonly #batches: BatchMaker;
  readonly #stepsPerEpoch: number;
  #position: TrainingPosition = {
    step: 0,
    history: { generator_loss: [], discriminator_loss: [] },
    generatorSum: 0,
    criticSum: 0,
  };

  constructor(
    private readonly layout: Layout,
    private readonly config: CtganConfig,
    encoding: TableEncoding,
    encoded: EncodedTable,
    private readonly context: RunContext,
    private readonly programs: ProgramSet<TrainingEntry>,
  ) {
    this.#batches = new BatchMaker(layout, config, encoding, encoded, context.seed);
    this.#stepsPerEpoch = Math.max(Math.floor(encoded.rowCount / config.batch_size), 1);
  }

  async start(): Promise<void> {
    const saved = await this.context.checkpoints.restore();
    if (saved !== null) await this.#restore(saved);
    else await this.programs.setState(initialWeights(this.layout, this.config, this.context.seed));
  }

  async run(): Promise<void> {
    const steps = this.config.epochs * this.#stepsPerEpoch;
    while (this.#position.step < steps) {
      await this.context.tick();
      await this.#step();
      if (this.context.checkpoints.due()) await this.#save();
    }
  }

  async finish(): Promise<TrainedWeights> {
    const state = await this.programs.getState();
    const weights = Object.fromEntries(Object.entries(state).filter(([name]) => name.startsWith('g.')));
    return { weights: { ...weights, ...(await this.#meanMoments()) }, history: this.#position.history };
  }

  async #step(): Promise<void> {
    const position = this.#position;
    const { discriminator_steps, discriminator_lr, generator_lr } = this.config;
    const firstUpdate = position.step * (discriminator_steps + 1);
    let criticLoss = 0;
    for (let k = 0; k < discriminator_steps; k++) {
      const scalars = adam.scalars(discriminator_lr, position.step * discriminator_steps + k + 1);
      const { loss } = await this.programs.run('critic', { ...this.#batches.critic(firstUpdate + k), ...scalars });
      criticLoss = loss![0]!;
    }
    const feed = this.#batches.generator(firstUpdate + discriminator_steps);
    const { loss } = await this.programs.run('generator', {
      ...feed,
      ...adam.scalars(generator_lr, position.step + 1),
    });
    this.#count(loss![0]!, criticLoss);
  }

  #count(generatorLoss: number, criticLoss: number): void {
    const position = this.#position;
    position.step++;
    position.generatorSum += generatorLoss;
    position.criticSum += criticLoss;
    if (!Number.isFinite(generatorLoss + criticLoss)) {
      const epoch = Math.ceil(position.step / this.#stepsPerEpoch);
      throw new Error(
        `Training diverged in epoch ${epoch}: a loss is not finite. Lower generator_lr, discriminator_lr`,
      );
    }
    if (position.step % this.#stepsPerEpoch === 0) {
      position.history.generator_loss.push(position.generatorSum / this.#stepsPerEpoch);
      position.history.discriminator_loss.push(position.criticSum / this.#stepsPerEpoch);
      position.generatorSum = position.criticSum = 0;
    }
    this.context.report({
      phase: 'train',
      completed: position.step / this.#stepsPerEpoch,
      total: this.config.epochs,
      unit: 'epoch',
      metrics: { generator_loss: generatorLoss, discriminator_loss: criticLoss },
    });
  }

  /** Batch normalisation's running statistics, from the finished generator: means over many batches. */
  async #meanMoments(): Promise<Feed> {
    const sums: Record<string, Float64Array> = {};
    const firstUpdate = this.#position.step * (this.config.discriminator_steps + 1);
    for (let i = 0; i < MOMENT_BATCHES; i++) {
      await this.context.tick();
      const moments = await this.programs.run('moments', this.#batches.moments(firstUpdate + i));
      for (const [name, values] of Object.entries(moments)) {
        const sum = (sums[name] ??= new Float64Array(values.length));
        values.forEach((value, j) => (sum[j]! += value / MOMENT_BATCHES));
      }
    }
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, Float32Array.from(sum)]));
  }

  async #save(): Promise<void> {
    const state = await this.programs.getState();
    await this.context.checkpoints.save(async (writer) => {
      await writer.json('training.json', this.#position);
      await writer.bytes('state.bin', packTensors(trainingState(this.layout, this.config), state));
    });
  }

  async #restore(saved: ArtefactReader): Promise<void> {
    this.#position = (await saved.json('training.json')) as TrainingPosition;
    const bytes = await saved.bytes('state.bin');
    await this.programs.setState(unpackTensors(trainingState(this.layout, this.config), bytes));
  }
}
