import {
  findNoiseMultiplier,
  RandomStream,
  renyiEpsilon,
  type MechanismRuns,
  type NoiseSource,
  type PreparedTable,
  type PrivacySpent,
  type ProgramSet,
  type RunContext,
} from '../../../core/plugin-api/index.js';
import type { DpCtganConfig } from '../config.js';
import { corrections } from './adam.js';
import { shapeOf } from './column-shape.js';
import { frequenciesOf, initialWeights } from './initial-weights.js';
import { PrivateGradient } from './private-gradient.js';
import { compileTraining, networksOf, uniformsPerRow, type Networks, type TrainingEntry } from './programs.js';

export interface TrainedGenerator {
  readonly networks: Networks;
  readonly parameters: Float32Array;
  readonly noiseMultiplier: number;
  readonly generatorLoss: readonly number[];
}

/** Finds the noise for all steps beforehand, charges them, and trains: no step can pass the budget. */
export async function trainGenerator(
  prepared: PreparedTable,
  config: DpCtganConfig,
  noise: NoiseSource,
  context: RunContext,
): Promise<TrainedGenerator> {
  const { ledger, codings } = prepared;
  const networks = networksOf(codings.map(shapeOf), config);
  const encoding = ledger.runs();
  const noiseMultiplier = await findNoiseMultiplier(
    { budget: ledger.budget, samplingRate: config.sampling_rate, steps: config.steps, besides: encoding },
    () => context.tick(),
  );
  const stepsRun = (count: number): MechanismRuns => {
    return { mechanism: { type: 'sampled-gaussian', noiseMultiplier, samplingRate: config.sampling_rate }, count };
  };
  await context.tick();
  ledger.charge([
    {
      mechanism: `DP-SGD: normal noise of ${noiseMultiplier.toFixed(3)} clipping norms, ${config.steps} Poisson samples of rate ${config.sampling_rate}`,
      reads: "gradients of the critic's loss at single rows",
      runs: [stepsRun(config.steps)],
    },
  ]);
  await context.tick();
  const programs = await compileTraining(context.compute, networks, config);
  try {
    await programs.setState(initialWeights(networks, codings, context.seed));
    await context.tick();
    const loop = new TrainingLoop(prepared, networks, config, noiseMultiplier, noise, context);
    const spentAt = (step: number): PrivacySpent => spentSoFar(ledger.spent(), [...encoding, stepsRun(step)]);
    const generatorLoss = await loop.run(programs, spentAt);
    const { generator } = await programs.getState();
    return { networks, parameters: generator!, noiseMultiplier, generatorLoss };
  } finally {
    programs.dispose();
  }
}

/** An upper bound by Rényi's accountant, which is quick, and never above the total. */
function spentSoFar(total: PrivacySpent, runs: readonly MechanismRuns[]): PrivacySpent {
  return { epsilon: Math.min(total.epsilon, renyiEpsilon(runs, total.delta)), delta: total.delta };
}

/** Points of the training curve. */
const CURVE_POINTS = 100;
/** Part of the steps in which the learning rates rise. */
const WARM_UP = 0.05;

class TrainingLoop {
  readonly #gradients: PrivateGradient;
  readonly #random: RandomStream;
  readonly #uniforms: Float32Array;
  readonly #frequencies: Float32Array;

  constructor(
    { table, rowCount, codings }: PreparedTable,
    networks: Networks,
    private readonly config: DpCtganConfig,
    noiseMultiplier: number,
    noise: NoiseSource,
    private readonly context: RunContext,
  ) {
    const { sampling_rate: samplingRate, clip_norm: clipNorm } = config;
    const expectedBatch = samplingRate * rowCount;
    this.#gradients = new PrivateGradient(table, networks, noise, {
      samplingRate,
      clipNorm,
      noiseMultiplier,
      expectedBatch,
    });
    // What the generator is given hides nothing, and needs no secret.
    this.#random = new RandomStream(context.seed, 'dp-ctgan.generated');
    this.#frequencies = frequenciesOf(codings);
    this.#uniforms = new Float32Array(config.batch_size * uniformsPerRow(networks));
  }

  /** Gives the curve of the generator's loss, which sees no real row. */
  async run(programs: ProgramSet<TrainingEntry>, spentAt: (step: number) => PrivacySpent): Promise<number[]> {
    const { steps } = this.config;
    const stride = Math.ceil(steps / CURVE_POINTS);
    const curve: number[] = [];
    for (let step = 1; step <= steps; step++) {
      const loss = await this.#step(programs, step);
      if (step % stride === 0 || step === steps) {
        curve.push(loss);
        const metrics = { generator_loss: loss };
        this.context.report({ phase: 'train', completed: step, total: steps, metrics, privacySpent: spentAt(step) });
      }
      await this.context.tick();
    }
    return curve;
  }

  async #step(programs: ProgramSet<TrainingEntry>, step: number): Promise<number> {
    const gradient = await this.#gradients.next(programs);
    this.#random.fillUniform(this.#uniforms, (step - 1) * this.#uniforms.length);
    const schedule = learningSchedule(step / this.config.steps);
    const { generatorLoss } = await programs.run('update', {
      gradient,
      uniforms: this.#uniforms,
      criticRate: Float32Array.of(this.config.discriminator_lr * schedule),
      generatorRate: Float32Array.of(this.config.generator_lr * schedule),
      corrections: corrections([step, ...this.#generatorSteps(step)]),
      frequencies: this.#frequencies,
    });
    return generatorLoss![0]!;
  }

  /** Numbers of the generator's steps that go with the critic's. */
  #generatorSteps(step: number): number[] {
    const count = this.config.generator_steps;
    return Array.from({ length: count }, (_, k) => (step - 1) * count + k + 1);
  }
}

/** Up in a straight line, then down to zero by a cosine: what the last steps add is noise. */
function learningSchedule(progress: number): number {
  if (progress < WARM_UP) return progress / WARM_UP;
  return 0.5 * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)));
}
