import { access, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import type { StudioConfig } from '../../app/config.js';
import { newId } from '../../app/ids.js';
import { CONFIG, DATA_SOURCE, PLUGINS } from '../../app/tokens.js';
import { Dataset } from '../../datasets/dataset.entity.js';
import type { Download } from '../../datasets/dataset.service.js';
import { limitUpload } from '../../datasets/upload.js';
import { conflict, invalid, StudioError } from '../../errors/index.js';
import { finishedJob } from '../../jobs/new-job.js';
import { Job } from '../../jobs/job.entity.js';
import { insertRow } from '../../persistence/insert-row.js';
import type { PluginRegistry } from '../../plugin-host/index.js';
import { sealArtefacts } from '../../storage/artefact-folder.js';
import { isOutOfSpace } from '../../storage/disk-errors.js';
import { ObjectStore } from '../../storage/object-store.js';
import { Generator, NO_DATASET } from '../generator.entity.js';
import { checkSeed, GeneratorService } from '../generator.service.js';
import { Model } from '../model.entity.js';
import { artefactsOf, readModelFacts, writeModelFacts } from '../trained-model.js';
import { type CheckedManifest, checkManifest } from './check-manifest.js';
import { describeModel } from './describe-model.js';
import { FILE_VERSION, type ModelManifest } from './manifest.js';
import { readModelFile } from './read-model-file.js';
import { writeModelFile } from './write-model-file.js';

export interface ModelUpload {
  readonly stream: Readable;
  /** Fields that come after the file in a multipart body are known only when the file has been read. */
  details(): { readonly name?: string | undefined };
}

const LONGEST_NAME = 200;
const UNCHECKED_CLAIM = 'The model was imported: its privacy claim is that of the file, and was not checked here.';

/** Trained models as files: out, and in again as a generator from which rows can be drawn. */
@scoped(Lifecycle.ContainerScoped)
export class ModelFileService {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(PLUGINS) private readonly plugins: PluginRegistry,
    @inject(CONFIG) private readonly config: StudioConfig,
    private readonly store: ObjectStore,
    private readonly generators: GeneratorService,
  ) {}

  /** The model behind a generator as one file; the same model always gives the same bytes. */
  async export(ownerId: string, generatorId: string): Promise<Download> {
    const generator = await this.generators.get(ownerId, generatorId);
    const { model } = generator;
    if (model === null) throw conflict(`Generator is ${generator.job.status}: it has no trained model yet`);
    const path = await this.#file(model, generator.name);
    return {
      path,
      filename: `${model.pluginId}-${model.id}.model.tar`,
      contentType: 'application/x-tar',
      sizeBytes: (await stat(path)).size,
      etag: `"${model.id}-model-${FILE_VERSION}"`,
    };
  }

  /**
   * A generator of the caller's, completed, from a model file. Refused unless every byte is as it was written and the plugin
   * is loaded here in the same version of its artefacts.
   */
  async import(ownerId: string, upload: ModelUpload): Promise<Generator> {
    const scratch = await this.store.createScratch('upload');
    try {
      const source = limitUpload(upload.stream, this.config.maxUploadBytes);
      let checked: CheckedManifest | undefined;
      const artefactFolder = artefactsOf(scratch);
      const { artefacts } = await readModelFile(source, artefactFolder, (text) => {
        checked = checkManifest(text, this.plugins);
      });
      const name = checkName(upload.details().name);
      await sealArtefacts(artefactFolder, artefacts);
      return await this.#accept(ownerId, checked!, name, scratch);
    } catch (error) {
      throw isOutOfSpace(error) ? new StudioError('insufficient_storage', 'No space left in DATA_DIR') : error;
    } finally {
      await this.store.discard(scratch);
    }
  }

  /** Written when it is first asked for. */
  async #file(model: Model, name: string | null): Promise<string> {
    const folder = this.store.path('models', model.id);
    const path = join(folder, `export-${FILE_VERSION}.tar`);
    if (await exists(path)) return path;
    const facts = await readModelFacts(folder);
    if (facts === null) throw new Error(`The files of model ${model.id} are missing from the store`);
    const manifest = describeModel(model, facts, { name, isPrivate: this.#isPrivate(model) });
    const scratch = await this.store.createScratch('upload');
    try {
      const unfinished = join(scratch, 'model.tar');
      await writeModelFile(unfinished, manifest, artefactsOf(folder));
      await rename(unfinished, path);
    } finally {
      await this.store.discard(scratch);
    }
    return path;
  }

  #isPrivate({ pluginId, summary }: Model): boolean {
    const claim = this.plugins.generator(pluginId)?.capabilities.differentialPrivacy ?? null;
    return claim !== null || summary.privacySpent !== null;
  }

  async #accept(
    ownerId: string,
    { manifest, config }: CheckedManifest,
    name: string | undefined,
    folder: string,
  ): Promise<Generator> {
    const { plugin, table, training } = manifest;
    const id = newId();
    const datasetId = await this.#ownDataset(ownerId, training);
    const summary = withCaveat(manifest.summary);
    const now = new Date();
    const shared = {
      id,
      ownerId,
      datasetId,
      config,
      seed: checkSeed(training.seed),
      holdoutFraction: training.holdoutFraction ?? 0,
      createdAt: now,
    };
    const job = finishedJob({ kind: 'generate', ownerId, subjectId: id });
    await writeModelFacts(folder, { ...table, summary });
    await this.store.publish(folder, 'models', id);
    await this.dataSource.transaction(async (manager) => {
      await insertRow(manager, Model, {
        ...shared,
        datasetChecksum: training.datasetChecksum ?? '',
        pluginId: plugin.id,
        pluginVersion: plugin.version,
        artefactVersion: plugin.artefactVersion,
        columnOverrides: table.overrides,
        summary,
        createdAt: new Date(training.trainedAt),
      });
      await manager.insert(Job, job as object);
      await insertRow(manager, Generator, {
        ...shared,
        generatorType: plugin.id,
        name: name ?? manifest.name,
        numRows: 0,
        seedGiven: false,
        conditions: [],
        warnings: [],
        modelId: id,
        outputDatasetId: null,
        jobId: job.id,
        updatedAt: now,
      });
    });
    return this.generators.get(ownerId, id);
  }

  /** A model that comes back to its own studio finds its dataset again, if it is the importer's and still the same. */
  async #ownDataset(ownerId: string, { datasetId: id, datasetChecksum: checksum }: ModelManifest['training']) {
    if (checksum === null) return NO_DATASET;
    const own = await this.dataSource.getRepository(Dataset).existsBy({ id, ownerId, checksum });
    return own ? id : NO_DATASET;
  }
}

function checkName(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= LONGEST_NAME) return name;
  throw invalid({ field: 'name', message: `Must have at most ${LONGEST_NAME} characters`, code: 'range_error' });
}

function withCaveat(summary: ModelManifest['summary']): ModelManifest['summary'] {
  const { privacySpent, privacyCaveats = [] } = summary;
  if (privacySpent === null || privacyCaveats.includes(UNCHECKED_CLAIM)) return summary;
  return { ...summary, privacyCaveats: [...privacyCaveats, UNCHECKED_CLAIM] };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
