import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtefactReader, Checkpoints } from '../../plugin-api/index.js';
import { readArtefacts, writeArtefacts } from '../../storage/artefact-folder.js';

const DEFAULT_INTERVAL = 10_000;
const FINISHED = /^state-(\d+)$/;

/** States of a run under one folder, each in a folder of its own that gets its name when it is whole. */
export function createCheckpoints(folder: string, interval = DEFAULT_INTERVAL): Checkpoints {
  let saved = performance.now();
  return {
    due: () => performance.now() - saved >= interval,
    async restore(): Promise<ArtefactReader | null> {
      const [newest] = await finishedStates(folder);
      return newest === undefined ? null : readArtefacts(join(folder, nameOf(newest)));
    },
    async save(write) {
      const states = await finishedStates(folder);
      const unfinished = join(folder, 'unfinished');
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { recursive: true });
      await writeArtefacts(unfinished, write);
      await rename(unfinished, join(folder, nameOf((states[0] ?? 0) + 1)));
      for (const state of states) await rm(join(folder, nameOf(state)), { recursive: true, force: true });
      saved = performance.now();
    },
  };
}

/** Newest first. */
async function finishedStates(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).map((name) => Number(FINISHED.exec(name)?.[1] ?? 0));
  return numbers.filter((number) => number > 0).toSorted((a, b) => b - a);
}

function nameOf(state: number): string {
  return `state-${state}`;
}
