import { inject, injectable } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { conflict } from '../errors/index.js';
import { Generator } from '../generators/generator.entity.js';
import type { Job } from '../jobs/job.entity.js';
import type { JobHandler } from '../jobs/job-handler.js';
import { PrivacyAccounts } from '../privacy/privacy-accounts.js';
import { ObjectStore } from '../storage/object-store.js';
import type { EvaluateResult, EvaluateTask } from './evaluate.task.js';
import { Evaluation } from './evaluation.entity.js';

@injectable()
export class EvaluateHandler implements JobHandler<EvaluateTask, EvaluateResult> {
  readonly kind = 'evaluate';

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly store: ObjectStore,
    private readonly privacy: PrivacyAccounts,
  ) {}

  async prepare(job: Job): Promise<EvaluateTask> {
    const evaluation = await this.dataSource.getRepository(Evaluation).findOneByOrFail({ id: job.subjectId });
    const generator = await this.dataSource
      .getRepository(Generator)
      .findOne({ where: { id: evaluation.generatorId, ownerId: evaluation.ownerId }, relations: { model: true } });
    const datasets = this.dataSource.getRepository(Dataset);
    const dataset = await datasets.findOneBy({ id: evaluation.datasetId });
    const output = await datasets.findOneBy({ id: generator?.outputDatasetId ?? '' });
    const model = generator?.model ?? null;
    if (generator === null || dataset === null || output === null || model === null) {
      throw conflict('The rows or the model of the generator were deleted');
    }
    const [account] = await this.privacy.of([dataset.id]);
    return {
      kind: 'evaluate',
      evaluators: evaluation.evaluators,
      datasetFolder: this.store.path('datasets', dataset.id),
      outputFolder: this.store.path('datasets', output.id),
      overrides: model.columnOverrides,
      holdout: { fraction: model.holdoutFraction, seed: model.seed },
      seed: evaluation.seed,
      targetColumn: evaluation.targetColumn,
      sensitiveColumns: evaluation.sensitiveColumns,
      facts: {
        evaluationId: evaluation.id,
        generator: {
          id: generator.id,
          type: generator.generatorType,
          name: generator.name,
          pluginVersion: model.pluginVersion,
          config: model.config,
          seed: model.seed,
          rowCount: output.rowCount,
          conditions: generator.conditions,
          summary: model.summary,
        },
        dataset: {
          id: dataset.id,
          name: dataset.name,
          rowCount: dataset.rowCount,
          columnCount: dataset.columnCount,
          checksum: model.datasetChecksum,
          holdoutFraction: model.holdoutFraction,
          setAside: dataset.columns
            .filter(({ kind }) => kind === 'identifier' || kind === 'text')
            .map(({ name, kind }) => ({ name, kind })),
          privacy: account!,
        },
        seed: evaluation.seed,
      },
    };
  }

  async publish(job: Job, _result: EvaluateResult, scratch: string): Promise<void> {
    await this.store.publish(scratch, 'evaluations', job.subjectId);
  }

  async record(job: Job, result: EvaluateResult, manager: EntityManager): Promise<void> {
    await manager
      .getRepository(Evaluation)
      .update({ id: job.subjectId }, { scores: result.scores, updatedAt: new Date() });
  }
}
