import { join } from 'node:path';
import type { TrainerHost } from '../app/trainer-host.js';
import type { TrainerEnv } from '../jobs/trainer-process.js';
import type { FittedModel, RunContext } from '../plugin-api/index.js';
import { digestFile } from '../storage/digest.js';
import { GapWriter, openTable, planFill } from '../tables/index.js';
import { type ModelTask, restoreModel, type SampleResult } from './generate.task.js';
import { readModelFacts } from './trained-model.js';

export type ImputeTask = ModelTask & {
  readonly kind: 'impute';
  /** Of the table with gaps. */
  readonly datasetFolder: string;
};

/** Reads a table through a model, and writes it again with its gaps filled. */
export async function runImpute(task: ImputeTask, env: TrainerEnv, host: TrainerHost): Promise<SampleResult> {
  const { model, context } = await restoreModel(task, env, host);
  try {
    return await fillTable(model, task, env, context);
  } finally {
    model.dispose();
  }
}

async function fillTable(
  model: FittedModel,
  { datasetFolder, modelFolder, pluginId }: ImputeTask,
  env: TrainerEnv,
  context: RunContext,
): Promise<SampleResult> {
  if (model.impute === undefined) throw new Error(`${pluginId} says that it fills gaps, and its model does not`);
  const facts = await readModelFacts(modelFolder);
  if (facts === null) throw new Error('The model folder holds no finished model');
  const table = await openTable(datasetFolder);
  const plan = planFill(facts.plan, table.description);
  const directory = join(env.scratch, 'rows');
  await using writer = await GapWriter.open({ source: datasetFolder, directory, description: table.description, plan });
  const total = table.description.rowCount;
  let completed = 0;
  context.report({ phase: 'sample', completed, total });
  for await (const batch of model.impute({ source: table.sourceFor(plan) }, context)) {
    await writer.append(batch);
    completed += batch.rowCount;
    context.report({ phase: 'sample', completed, total });
    await context.tick();
  }
  return { description: await writer.finish(), ...(await digestFile(join(directory, 'table.parquet'))) };
}
