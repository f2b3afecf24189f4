import { join } from 'node:path';
import { inject, injectable } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { DATA_SOURCE, PLUGINS } from '../app/tokens.js';
import { DatasetService } from '../datasets/dataset.service.js';
import { conflict } from '../errors/index.js';
import type { Job } from '../jobs/job.entity.js';
import type { JobHandler } from '../jobs/job-handler.js';
import { insertRow } from '../persistence/insert-row.js';
import type { PluginRegistry } from '../plugin-host/index.js';
import { PrivacyAccounts } from '../privacy/privacy-accounts.js';
import { ObjectStore } from '../storage/object-store.js';
import type { ColumnOverride } from '../tables/index.js';
import type { GenerateTask, SampleResult, SampleTask } from './generate.task.js';
import { Generator } from './generator.entity.js';
import { Model } from './model.entity.js';
import { RunOption } from './run-option.entity.js';
import { readModelFacts } from './trained-model.js';

/** Synthetic rows become a dataset of the generator's owner; how the model came about differs by kind of job. */
export abstract class RowsHandler {
  constructor(
    protected readonly dataSource: DataSource,
    protected readonly plugins: PluginRegistry,
    protected readonly datasets: DatasetService,
    protected readonly store: ObjectStore,
  ) {}

  /** The dataset bears the id of the job that made it, so that a repeated outcome lands in the same place. */
  async publish(job: Job, _result: SampleResult, scratch: string): Promise<void> {
    await this.store.publish(join(scratch, 'rows'), 'datasets', job.id);
  }

  protected async recordDrawn(generator: Generator, result: SampleResult, manager: EntityManager): Promise<void> {
    const facts = await readModelFacts(this.store.path('models', generator.modelId!));
    const name = `${generator.name ?? generator.generatorType} ${generator.numRows} rows`;
    await this.recordRows(generator, result, { name, overrides: facts?.overrides ?? [] }, manager);
  }

  protected async recordRows(
    generator: Generator,
    result: SampleResult,
    { name, overrides }: { readonly name: string; readonly overrides: readonly ColumnOverride[] },
    manager: EntityManager,
  ): Promise<void> {
    await this.datasets.recordSynthetic(
      manager,
      { id: generator.jobId, ownerId: generator.ownerId, name, table: result.description, overrides },
      { sizeBytes: result.sizeBytes, checksum: result.checksum },
    );
    await manager
      .getRepository(Generator)
      .update(generator.id, { outputDatasetId: generator.jobId, updatedAt: new Date() });
  }

  protected modelTask(generator: Generator, modelId: string) {
    return {
      pluginId: generator.generatorType,
      seed: generator.seed,
      seedGiven: generator.seedGiven,
      modelFolder: this.store.path('models', modelId),
    };
  }

  protected async samplingTask(generator: Generator, modelId: string) {
    return {
      ...this.modelTask(generator, modelId),
      numRows: generator.numRows,
      conditions: generator.conditions,
      distribution: (await this.option(generator.id))?.distribution ?? null,
    };
  }

  protected option(id: string): Promise<RunOption | null> {
    return this.dataSource.getRepository(RunOption).findOneBy({ id });
  }

  /** A model that can be restored: it is there, and of the version that is loaded. */
  protected async usableModel(id: string): Promise<Model> {
    const model = await this.dataSource.getRepository(Model).findOneBy({ id });
    if (model === null) throw conflict('The model was deleted');
    const current = this.plugins.generator(model.pluginId)?.artefactVersion;
    if (current !== model.artefactVersion) {
      throw conflict(`The model was saved by another version of ${model.pluginId}: train it again`);
    }
    return model;
  }

  protected generator(job: Job, manager: EntityManager = this.dataSource.manager): Promise<Generator> {
    return manager.getRepository(Generator).findOneByOrFail({ id: job.subjectId });
  }
}

/** Trains and samples. The model bears the id of the run that trained it. */
@injectable()
export class GenerateHandler extends RowsHandler implements JobHandler<GenerateTask, SampleResult> {
  readonly kind = 'generate';

  // tsyringe does not inherit the tokens of a base class's parameters.
  constructor(
    @inject(DATA_SOURCE) dataSource: DataSource,
    @inject(PLUGINS) plugins: PluginRegistry,
    datasets: DatasetService,
    store: ObjectStore,
    private readonly privacy: PrivacyAccounts,
  ) {
    super(dataSource, plugins, datasets, store);
  }

  async prepare(job: Job): Promise<GenerateTask> {
    const generator = await this.generator(job);
    const dataset = await this.datasets.get(generator.ownerId, generator.datasetId);
    const baseId = (await this.option(generator.id))?.baseModelId ?? null;
    return {
      ...(await this.samplingTask(generator, generator.id)),
      baseFolder: baseId === null ? null : this.store.path('models', (await this.usableModel(baseId)).id),
      kind: 'generate',
      config: generator.config,
      datasetFolder: this.datasets.folder(dataset.id),
      overrides: dataset.columnOverrides,
      holdoutFraction: generator.holdoutFraction,
    };
  }

  async record(job: Job, result: SampleResult, manager: EntityManager): Promise<void> {
    const generator = await this.#recordModel(job, manager);
    await this.recordDrawn(generator, result, manager);
  }

  /** A model that was finished is kept, whichever way the run ended: more rows can be had from it. */
  async settle(job: Job, manager: EntityManager): Promise<void> {
    await this.#recordModel(job, manager);
  }

  async #recordModel(job: Job, manager: EntityManager): Promise<Generator> {
    const generator = await this.generator(job, manager);
    const facts = await readModelFacts(this.store.path('models', generator.id));
    const plugin = this.plugins.generator(generator.generatorType);
    if (facts === null || plugin === undefined) return generator;
    const dataset = await this.datasets.get(generator.ownerId, generator.datasetId);
    await insertRow(manager, Model, {
      id: generator.id,
      ownerId: generator.ownerId,
      datasetId: dataset.id,
      datasetChecksum: dataset.checksum,
      pluginId: plugin.id,
      pluginVersion: plugin.package.version,
      artefactVersion: plugin.artefactVersion,
      config: generator.config,
      columnOverrides: facts.overrides,
      seed: generator.seed,
      holdoutFraction: generator.holdoutFraction,
      summary: facts.summary,
      createdAt: new Date(),
    });
    await this.privacy.settle(manager, generator.id, facts.summary.privacySpent);
    generator.modelId = generator.id;
    await manager.getRepository(Generator).update(generator.id, { modelId: generator.id, updatedAt: new Date() });
    return generator;
  }
}

/** Samples from a model that is there. */
@injectable()
export class SampleHandler extends RowsHandler implements JobHandler<SampleTask, SampleResult> {
  readonly kind = 'sample';

  constructor(
    @inject(DATA_SOURCE) dataSource: DataSource,
    @inject(PLUGINS) plugins: PluginRegistry,
    datasets: DatasetService,
    store: ObjectStore,
  ) {
    super(dataSource, plugins, datasets, store);
  }

  async prepare(job: Job): Promise<SampleTask> {
    const generator = await this.generator(job);
    const model = await this.usableModel(generator.modelId ?? '');
    return { ...(await this.samplingTask(generator, model.id)), kind: 'sample' };
  }

  async record(job: Job, result: SampleResult, manager: EntityManager): Promise<void> {
    await this.recordDrawn(await this.generator(job, manager), result, manager);
  }
}
