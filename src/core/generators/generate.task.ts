import { join } from 'node:path';
import { createRunContext, type TrainerHost } from '../app/trainer-host.js';
import { StudioError } from '../errors/index.js';
import type { TrainerEnv } from '../jobs/trainer-process.js';
import {
  type AnyGeneratorPlugin,
  type Condition,
  ConditionError,
  type FittedModel,
  type GeneratorRuntime,
  type RunContext,
} from '../plugin-api/index.js';
import { readArtefacts } from '../storage/artefact-folder.js';
import { digestFile } from '../storage/digest.js';
import {
  applyOverrides,
  type ColumnOverride,
  createTableWriter,
  learnedSchema,
  openTable,
  proposePlan,
  type TableDescription,
} from '../tables/index.js';
import type { Distribution } from './distribution.js';
import { sampleShares } from './shares/sample-shares.js';
import { artefactsOf, readModelFacts, saveModel } from './trained-model.js';

export interface ModelTask {
  readonly pluginId: string;
  readonly seed: number;
  readonly seedGiven: boolean;
  /** Where the trained model lies, or will. */
  readonly modelFolder: string;
}

interface SamplingTask extends ModelTask {
  readonly numRows: number;
  readonly conditions: readonly Condition[];
  readonly distribution: Distribution | null;
}

export type SampleTask = SamplingTask & { readonly kind: 'sample' };
export type GenerateTask = SamplingTask & {
  readonly kind: 'generate';
  readonly config: Readonly<Record<string, unknown>>;
  readonly datasetFolder: string;
  readonly overrides: readonly ColumnOverride[];
  readonly holdoutFraction: number;
  /** Of the model that training goes on from; null for a new one. */
  readonly baseFolder: string | null;
};

/** The rows lie in the scratch folder, under `rows`. */
export type SampleResult = {
  readonly description: TableDescription;
  readonly sizeBytes: number;
  readonly checksum: string;
};

const SAMPLE_BATCH = 16_384;

/** Trains, saves the model, samples. An attempt that finds the model finished goes straight to sampling. */
export async function runGenerate(task: GenerateTask, env: TrainerEnv, host: TrainerHost): Promise<SampleResult> {
  if ((await readModelFacts(task.modelFolder)) !== null) {
    return sampleInto(await restoreModel(task, env, host), task, env);
  }
  const plugin = requirePlugin(host, task.pluginId);
  const context = await contextOf(plugin, task, env, host);
  return sampleInto({ model: await train(plugin, task, env, context), context }, task, env);
}

export async function runSample(task: SampleTask, env: TrainerEnv, host: TrainerHost): Promise<SampleResult> {
  return sampleInto(await restoreModel(task, env, host), task, env);
}

export async function restoreModel(
  task: ModelTask,
  env: TrainerEnv,
  host: TrainerHost,
): Promise<{ readonly model: FittedModel; readonly context: RunContext }> {
  const plugin = requirePlugin(host, task.pluginId);
  const context = await contextOf(plugin, task, env, host);
  const runtime = await runtimeOf(plugin);
  return { model: await runtime.restore(await readArtefacts(artefactsOf(task.modelFolder)), context), context };
}

async function train(
  plugin: AnyGeneratorPlugin,
  task: GenerateTask,
  env: TrainerEnv,
  context: RunContext,
): Promise<FittedModel> {
  context.report({ phase: 'prepare', completed: 0, total: 1 });
  const runtime = await runtimeOf(plugin);
  const table = await openTable(task.datasetFolder);
  const plan = applyOverrides(proposePlan(table.description), task.overrides);
  // A differentially private plugin gets no facts that were read from the rows.
  const withProfile = plugin.capabilities.differentialPrivacy === null;
  const selection =
    task.holdoutFraction > 0
      ? { selection: { fraction: task.holdoutFraction, seed: task.seed, part: 'train' as const } }
      : {};
  const source = table.source({ plan, withProfile, ...selection });
  const base = task.baseFolder === null ? {} : { base: await readArtefacts(artefactsOf(task.baseFolder)) };
  const model = await runtime.fit({ source, config: task.config as never, ...base }, context);
  await saveModel(task.modelFolder, env.scratch, model, { description: table.description, overrides: task.overrides });
  return model;
}

async function sampleInto(
  { model, context }: { readonly model: FittedModel; readonly context: RunContext },
  task: SamplingTask,
  env: TrainerEnv,
): Promise<SampleResult> {
  try {
    return await writeRows(model, task, env, context);
  } finally {
    model.dispose();
  }
}

async function writeRows(
  model: FittedModel,
  task: SamplingTask,
  env: TrainerEnv,
  context: RunContext,
): Promise<SampleResult> {
  const facts = await readModelFacts(task.modelFolder);
  if (facts === null) throw new Error('The model folder holds no finished model');
  const directory = join(env.scratch, 'rows');
  const writer = await createTableWriter({
    directory,
    plan: facts.plan,
    description: facts.description,
    seed: task.seed,
  });
  let completed = 0;
  const request = { rowCount: task.numRows, batchSize: SAMPLE_BATCH, conditions: task.conditions };
  context.report({ phase: 'sample', completed, total: task.numRows });
  try {
    const { distribution } = task;
    const batches =
      distribution === null
        ? model.sample(request, context)
        : sampleShares(model, request, distribution, learnedSchema(facts.plan).columns, context);
    for await (const batch of batches) {
      await writer.append(batch);
      completed += batch.rowCount;
      context.report({ phase: 'sample', completed, total: task.numRows });
      await context.tick();
    }
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const hasShares = task.distribution?.some(({ column }) => column === error.column) ?? false;
    const place = hasShares ? 'distribution' : 'conditions';
    throw new StudioError('validation_error', error.message, {
      fields: [{ field: `${place}.${error.column}`, message: error.message, code: 'invalid_choice' }],
    });
  }
  if (completed !== task.numRows) {
    throw new Error(`${task.pluginId} gave ${completed} rows where ${task.numRows} were asked for`);
  }
  return { description: await writer.finish(), ...(await digestFile(join(directory, 'table.parquet'))) };
}

function requirePlugin(host: TrainerHost, id: string): AnyGeneratorPlugin {
  const plugin = host.plugins.generator(id);
  if (plugin === undefined) throw new StudioError('conflict', `The generator plugin "${id}" is not loaded any more`);
  return plugin;
}

function contextOf(plugin: AnyGeneratorPlugin, task: ModelTask, env: TrainerEnv, host: TrainerHost) {
  return createRunContext(host, env, {
    seed: task.seed,
    seedGiven: task.seedGiven,
    usesCompute: plugin.capabilities.accelerator !== 'none',
  });
}

function runtimeOf(plugin: AnyGeneratorPlugin): Promise<GeneratorRuntime<never>> {
  return plugin.loadRuntime();
}
