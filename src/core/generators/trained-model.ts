import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FitSummary, FittedModel } from '../plugin-api/index.js';
import { writeArtefacts } from '../storage/artefact-folder.js';
import {
  applyOverrides,
  type ColumnOverride,
  type ColumnPlan,
  proposePlan,
  type TableDescription,
} from '../tables/index.js';

const FACTS = 'model.json';

/** What the host keeps beside a plugin's artefacts: a model outlives its dataset, and its rows must look the same. */
export interface ModelFacts {
  readonly description: TableDescription;
  readonly overrides: readonly ColumnOverride[];
  readonly summary: FitSummary;
}

/** The plugin's own files, apart from the host's. */
export function artefactsOf(modelFolder: string): string {
  return join(modelFolder, 'artefacts');
}

/** Appears as a whole: a trainer killed while it saves leaves no model, one killed after it leaves a finished one. */
export async function saveModel(
  modelFolder: string,
  scratch: string,
  model: FittedModel,
  table: { readonly description: TableDescription; readonly overrides: readonly ColumnOverride[] },
): Promise<void> {
  const unfinished = join(scratch, 'model');
  await writeArtefacts(artefactsOf(unfinished), (writer) => model.save(writer));
  await writeModelFacts(unfinished, { ...table, summary: model.summary });
  await mkdir(dirname(modelFolder), { recursive: true });
  await rm(modelFolder, { recursive: true, force: true });
  await rename(unfinished, modelFolder);
}

export async function writeModelFacts(modelFolder: string, facts: ModelFacts): Promise<void> {
  await writeFile(join(modelFolder, FACTS), JSON.stringify(facts));
}

/** Null when the folder holds no finished model. */
export async function readModelFacts(
  modelFolder: string,
): Promise<(ModelFacts & { readonly plan: ColumnPlan }) | null> {
  let text: string;
  try {
    text = await readFile(join(modelFolder, FACTS), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const facts = JSON.parse(text) as ModelFacts;
  return { ...facts, plan: applyOverrides(proposePlan(facts.description), facts.overrides) };
}
