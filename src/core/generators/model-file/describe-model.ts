import { declaredTable, portableTable } from '../../tables/index.js';
import type { Model } from '../model.entity.js';
import type { readModelFacts } from '../trained-model.js';
import { FILE_FORMAT, FILE_VERSION, type ModelManifest } from './manifest.js';

type Facts = NonNullable<Awaited<ReturnType<typeof readModelFacts>>>;

/**
 * What a model's file tells beside the artefacts. Of one that claims differential privacy only what its ledger pays for
 * or its owner declared: no figure of the table, no checksum by which a guess at the whole table could be tested, and no
 * seed, from which the noise may have come.
 */
export function describeModel(
  model: Model,
  { description, overrides, plan, summary }: Facts,
  { name, isPrivate }: { readonly name: string | null; readonly isPrivate: boolean },
): ModelManifest {
  return {
    format: FILE_FORMAT,
    formatVersion: FILE_VERSION,
    name,
    plugin: { id: model.pluginId, version: model.pluginVersion, artefactVersion: model.artefactVersion },
    config: { ...model.config },
    table: isPrivate ? declaredTable(plan, overrides) : portableTable({ description, overrides }),
    summary,
    training: {
      datasetId: model.datasetId,
      datasetChecksum: isPrivate ? null : model.datasetChecksum || null,
      seed: isPrivate ? null : model.seed,
      holdoutFraction: isPrivate ? null : model.holdoutFraction,
      trainedAt: model.createdAt.toISOString(),
    },
  };
}
