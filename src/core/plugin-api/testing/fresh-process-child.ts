import type { Compute } from '../compute.js';
import type { AnyGeneratorPlugin } from '../plugin-package.js';
import type { FreshProcessAnswer, FreshProcessTask } from './fresh-process.js';
import { memoryArtefacts } from './memory-artefacts.js';
import { rowsOf } from './table-from-rows.js';
import { testContext } from './test-context.js';

process.once('message', (task: FreshProcessTask) => {
  void answer(task)
    .catch((error: unknown): FreshProcessAnswer => ({ error: error instanceof Error ? error.stack! : String(error) }))
    .then((result) => process.send!(result, () => process.disconnect()));
});

async function answer(task: FreshProcessTask): Promise<FreshProcessAnswer> {
  const plugin = ((await import(task.module)) as Record<string, AnyGeneratorPlugin>)[task.exportName];
  if (!plugin) return { error: `${task.module} has no export "${task.exportName}"` };
  const context = testContext({ seed: task.seed, compute: await computeFrom(task.computeModule) });
  const runtime = await plugin.loadRuntime();
  const model = await runtime.restore(memoryArtefacts(task.stored), context);
  const batches = [];
  for await (const batch of model.sample(task, context)) batches.push(batch);
  model.dispose();
  return { rows: rowsOf(batches) };
}

async function computeFrom(module: string | null): Promise<Compute | undefined> {
  if (module === null) return undefined;
  const { default: create } = (await import(module)) as { default: () => Compute | Promise<Compute> };
  return create();
}
