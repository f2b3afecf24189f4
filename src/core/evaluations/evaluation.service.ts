import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource } from 'typeorm';
import { newId } from '../app/ids.js';
import { DATA_SOURCE, PLUGINS } from '../app/tokens.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { conflict, type FieldError, invalid, notFound } from '../errors/index.js';
import type { Generator } from '../generators/generator.entity.js';
import { checkSeed, GeneratorService } from '../generators/generator.service.js';
import { type JobStatus, TERMINAL_STATUSES } from '../jobs/job.entity.js';
import { JobService } from '../jobs/job.service.js';
import { insertRow } from '../persistence/insert-row.js';
import { encodeCursor, findPage, type Page, type PageRequest } from '../persistence/paging.js';
import { parseConfig, type PluginRegistry } from '../plugin-host/index.js';
import { ObjectStore } from '../storage/object-store.js';
import { Evaluation, type EvaluatorChoice } from './evaluation.entity.js';
import type { EvaluationReport } from './report/index.js';

export interface EvaluateInput {
  readonly generatorId: string;
  /** The dataset that the generator learned from; any other is refused. */
  readonly datasetId?: string | null;
  /** Absent: every evaluator with its defaults. */
  readonly evaluators?: readonly { readonly id: string; readonly config?: unknown }[];
  readonly targetColumn?: string | null;
  readonly sensitiveColumns?: readonly string[];
  readonly seed?: number | null;
}

export interface EvaluationFilter {
  readonly generatorId?: string;
  readonly datasetId?: string;
  readonly status?: JobStatus;
}

@scoped(Lifecycle.ContainerScoped)
export class EvaluationService {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(PLUGINS) private readonly plugins: PluginRegistry,
    private readonly generators: GeneratorService,
    private readonly jobs: JobService,
    private readonly store: ObjectStore,
  ) {}

  async run(ownerId: string, input: EvaluateInput): Promise<Evaluation> {
    const generator = await this.generators.get(ownerId, input.generatorId);
    const dataset = await this.#evaluable(generator);
    if (input.datasetId != null && input.datasetId !== dataset.id) {
      const message = 'Must be the dataset that the generator learned from';
      throw invalid({ field: 'dataset_id', message, code: 'invalid_choice' });
    }
    this.#checkColumns(dataset, input);
    const evaluators = this.#choices(input.evaluators);
    const id = newId();
    await this.dataSource.transaction(async (manager) => {
      const job = await this.jobs.create(manager, { kind: 'evaluate', ownerId, subjectId: id });
      const now = new Date();
      await insertRow(manager, Evaluation, {
        id,
        ownerId,
        generatorId: generator.id,
        datasetId: dataset.id,
        evaluators,
        targetColumn: input.targetColumn ?? null,
        sensitiveColumns: input.sensitiveColumns ?? [],
        seed: checkSeed(input.seed),
        scores: null,
        jobId: job.id,
        createdAt: now,
        updatedAt: now,
      });
    });
    return this.get(ownerId, id);
  }

  async get(ownerId: string, id: string): Promise<Evaluation> {
    const evaluation = await this.#query().where({ id, ownerId }).getOne();
    if (evaluation === null) throw notFound('Evaluation');
    return evaluation;
  }

  list(ownerId: string, filter: EvaluationFilter, page: PageRequest): Promise<Page<Evaluation>> {
    const query = this.#query().where({ ownerId });
    if (filter.generatorId !== undefined) query.andWhere({ generatorId: filter.generatorId });
    if (filter.datasetId !== undefined) query.andWhere({ datasetId: filter.datasetId });
    if (filter.status !== undefined) query.andWhere('job.status = :status', { status: filter.status });
    return findPage(query, { column: 'createdAt', direction: 'DESC' }, page);
  }

  cursor(evaluation: Evaluation): string {
    return encodeCursor(evaluation.createdAt, evaluation.id);
  }

  async cancel(ownerId: string, id: string): Promise<Evaluation> {
    const evaluation = await this.get(ownerId, id);
    await this.jobs.cancel(evaluation.jobId);
    return this.get(ownerId, id);
  }

  async delete(ownerId: string, id: string): Promise<void> {
    const evaluation = await this.get(ownerId, id);
    if (!TERMINAL_STATUSES.has(evaluation.job.status)) throw conflict('Evaluation has not ended: cancel it first');
    await this.dataSource.getRepository(Evaluation).delete({ id, ownerId });
    await this.store.remove('evaluations', id);
  }

  async report(ownerId: string, id: string): Promise<EvaluationReport> {
    return JSON.parse(await this.#reportFile(ownerId, id, 'report.json')) as EvaluationReport;
  }

  /** The report as one self-contained HTML page. */
  reportPage(ownerId: string, id: string): Promise<string> {
    return this.#reportFile(ownerId, id, 'report.html');
  }

  async #reportFile(ownerId: string, id: string, name: string): Promise<string> {
    const evaluation = await this.get(ownerId, id);
    const { status } = evaluation.job;
    if (status !== 'completed') throw conflict(`Evaluation is ${status}: it has no report`);
    return readFile(join(this.store.path('evaluations', id), name), 'utf8');
  }

  #query() {
    return this.dataSource.getRepository(Evaluation).createQueryBuilder('e').innerJoinAndSelect('e.job', 'job');
  }

  /** The dataset behind a generator, where both it and the synthetic rows are still there. */
  async #evaluable(generator: Generator): Promise<Dataset> {
    if (generator.outputDatasetId === null) {
      throw conflict(`Generator is ${generator.job.status}: it has no synthetic rows to evaluate`);
    }
    const datasets = this.dataSource.getRepository(Dataset);
    const dataset = await datasets.findOneBy({ id: generator.datasetId, ownerId: generator.ownerId });
    if (dataset === null) throw conflict('The dataset that the generator learned from was deleted');
    if (!(await datasets.existsBy({ id: generator.outputDatasetId }))) {
      throw conflict('The synthetic rows of the generator were deleted');
    }
    return dataset;
  }

  #checkColumns(dataset: Dataset, input: EvaluateInput): void {
    const names = new Set(dataset.columns.map(({ name }) => name));
    const errors: FieldError[] = [];
    const check = (field: string, name: string) => {
      if (names.has(name)) return;
      errors.push({ field, message: `The table has no column "${name}"`, code: 'unknown_column' });
    };
    if (input.targetColumn != null) check('target_column', input.targetColumn);
    input.sensitiveColumns?.forEach((name, i) => check(`sensitive_columns.${i}`, name));
    if (errors.length > 0) throw invalid(...errors);
  }

  #choices(chosen: EvaluateInput['evaluators']): EvaluatorChoice[] {
    const wanted = chosen ?? this.plugins.evaluators.map(({ id }) => ({ id }));
    if (wanted.length === 0) {
      throw invalid({ field: 'evaluators', message: 'Name at least one evaluator', code: 'required' });
    }
    return wanted.map((choice, i) => {
      const plugin = this.plugins.evaluator(choice.id);
      if (plugin === undefined) {
        const known = this.plugins.evaluators.map(({ id }) => id).join(', ');
        throw invalid({ field: `evaluators.${i}.id`, message: `Must be one of: ${known}`, code: 'invalid_choice' });
      }
      const config = 'config' in choice ? (choice.config ?? {}) : {};
      const parsed = parseConfig(plugin, config);
      if (parsed.ok) return { id: plugin.id, config: parsed.config as Record<string, unknown> };
      throw invalid(
        ...parsed.issues.map((issue): FieldError => ({ ...issue, field: `evaluators.${i}.config.${issue.field}` })),
      );
    });
  }
}
