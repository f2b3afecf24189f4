import type { TrainerEnv } from '../jobs/trainer-process.js';
import type { Compute, RunContext } from '../plugin-api/index.js';
import type { PluginRegistry } from '../plugin-host/index.js';

/** What a trainer process brings to its task. */
export interface TrainerHost {
  readonly plugins: PluginRegistry;
  /** Makes the executor; loads the tensor libraries. */
  createCompute(): Promise<Compute>;
}

/** The context of one run of a plugin. Tensor libraries are loaded only for a plugin that says it uses them. */
export async function createRunContext(
  host: TrainerHost,
  env: TrainerEnv,
  run: {
    readonly seed: number;
    readonly seedGiven?: boolean;
    readonly usesCompute: boolean;
    readonly report?: RunContext['report'];
  },
): Promise<RunContext> {
  const compute = run.usesCompute ? await host.createCompute() : null;
  if (compute !== null) env.logger.info(`Training steps run on ${compute.executor}`, { reason: compute.reason });
  return {
    signal: env.signal,
    seed: run.seed,
    seedIsUsers: run.seedGiven ?? false,
    get compute(): Compute {
      if (compute === null) throw new Error('A plugin that uses compute must say so: accelerator is "none"');
      return compute;
    },
    checkpoints: env.checkpoints,
    logger: env.logger,
    report: run.report ?? ((progress) => env.report(progress)),
    tick: () => env.tick(),
  };
}
