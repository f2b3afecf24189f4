import { inject, injectable } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { DATA_SOURCE, PLUGINS } from '../app/tokens.js';
import { DatasetService } from '../datasets/dataset.service.js';
import type { JobHandler } from '../jobs/job-handler.js';
import type { Job } from '../jobs/job.entity.js';
import type { PluginRegistry } from '../plugin-host/index.js';
import { ObjectStore } from '../storage/object-store.js';
import type { SampleResult } from './generate.task.js';
import { RowsHandler } from './generation.handlers.js';
import type { ImputeTask } from './impute.task.js';

/** Fills the gaps of a dataset from a model that is there; what comes of it is another dataset. */
@injectable()
export class ImputeHandler extends RowsHandler implements JobHandler<ImputeTask, SampleResult> {
  readonly kind = 'impute';

  constructor(
    @inject(DATA_SOURCE) dataSource: DataSource,
    @inject(PLUGINS) plugins: PluginRegistry,
    datasets: DatasetService,
    store: ObjectStore,
  ) {
    super(dataSource, plugins, datasets, store);
  }

  async prepare(job: Job): Promise<ImputeTask> {
    const generator = await this.generator(job);
    const dataset = await this.datasets.get(generator.ownerId, generator.datasetId);
    const model = await this.usableModel(generator.modelId ?? '');
    return {
      ...this.modelTask(generator, model.id),
      kind: 'impute',
      datasetFolder: this.datasets.folder(dataset.id),
    };
  }

  async record(job: Job, result: SampleResult, manager: EntityManager): Promise<void> {
    const generator = await this.generator(job, manager);
    const dataset = await this.datasets.get(generator.ownerId, generator.datasetId);
    const name = generator.name ?? `${dataset.name} filled`;
    await this.recordRows(generator, result, { name, overrides: dataset.columnOverrides }, manager);
  }
}
