import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Condition } from '../conditions.js';
import type { Cell } from './table-from-rows.js';
import type { StoredArtefacts } from './memory-artefacts.js';

/** How a new process finds the plugin. */
export interface FreshProcess {
  /** URL of a module that exports the plugin. */
  readonly module: URL | string;
  /** Name of the export; `default` where absent. */
  readonly exportName?: string;
  /** URL of a module whose default export makes the plugin's Compute; absent for plugins that use none. */
  readonly computeModule?: URL | string;
  /** Options for node, such as the loader of a source that isn't built. */
  readonly execArgv?: readonly string[];
}

export interface FreshProcessTask {
  readonly module: string;
  readonly exportName: string;
  readonly computeModule: string | null;
  readonly stored: StoredArtefacts;
  readonly seed: number;
  readonly rowCount: number;
  readonly batchSize: number;
  readonly conditions: readonly Condition[];
}

export type FreshProcessAnswer = { readonly rows: readonly (readonly Cell[])[] } | { readonly error: string };

/** Restores a model in a new process, samples there, and gives back the rows. */
export async function sampleInFreshProcess(
  { module, exportName = 'default', computeModule, execArgv = [] }: FreshProcess,
  task: Omit<FreshProcessTask, 'module' | 'exportName' | 'computeModule'>,
): Promise<readonly (readonly Cell[])[]> {
  // The child lies beside this module, as source or built.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = new URL(`./fresh-process-child.${extension}`, import.meta.url);
  const child = fork(entry, [], { execArgv: [...execArgv], serialization: 'advanced' });
  try {
    const where = { module: String(module), exportName, computeModule: computeModule ? String(computeModule) : null };
    child.send({ ...task, ...where } satisfies FreshProcessTask);
    const [answer] = (await Promise.race([once(child, 'message'), exitOf(child)])) as [FreshProcessAnswer];
    if ('error' in answer) throw new Error(`In the fresh process: ${answer.error}`);
    return answer.rows;
  } finally {
    if (child.connected) child.disconnect();
  }
}

async function exitOf(child: ReturnType<typeof fork>): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`The fresh process ended without an answer (${signal ?? `exit code ${code}`})`);
}
