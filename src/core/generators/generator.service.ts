import { randomInt } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, In } from 'typeorm';
import { newId } from '../app/ids.js';
import { DATA_SOURCE, PLUGINS } from '../app/tokens.js';
import { Dataset } from '../datasets/dataset.entity.js';
import { DatasetService } from '../datasets/dataset.service.js';
import { TableWork } from '../datasets/table-work.js';
import { conflict, type FieldError, invalid, notFound } from '../errors/index.js';
import { type JobStatus, TERMINAL_STATUSES } from '../jobs/job.entity.js';
import { JobService } from '../jobs/job.service.js';
import { insertRow } from '../persistence/insert-row.js';
import { encodeCursor, findPage, type Page, type PageRequest } from '../persistence/paging.js';
import type { AnyGeneratorPlugin } from '../plugin-api/index.js';
import { parseConfig, type PluginRegistry } from '../plugin-host/index.js';
import { PrivacyAccounts } from '../privacy/privacy-accounts.js';
import { type PrivacyCost, privacyCost } from '../privacy/privacy-cost.js';
import { ObjectStore } from '../storage/object-store.js';
import { type ConditionInput, resolveConditions } from './conditions.js';
import { checkDistributionReach, checkReach } from './condition-reach.js';
import { Generator } from './generator.entity.js';
import { Model } from './model.entity.js';
import { checkBase, checkSameColumns, configOver } from './base-model.js';
import { type DistributionInput, resolveDistribution } from './distribution.js';
import { checkGaps, checkImputes } from './imputable.js';
import { preflight } from './preflight.js';
import { RunOption } from './run-option.entity.js';
import { readModelFacts } from './trained-model.js';

export const MINIMUM_ROWS = 100;
export const MAXIMUM_ROWS = 100_000;
export const DEFAULT_ROWS = 1000;
export const DEFAULT_GENERATOR = 'ctgan';
/** Every tenth row is kept from training, for the evaluators; tables too small to spare any keep none. */
const DEFAULT_HOLDOUT_FRACTION = 0.1;
const SMALLEST_TABLE_WITH_HOLDOUT = 50;
const MAXIMUM_SEED = 2 ** 32 - 1;

export interface GenerateInput {
  readonly datasetId: string;
  readonly generatorType?: string;
  readonly numRows?: number;
  readonly name?: string | null;
  readonly seed?: number | null;
  readonly config?: unknown;
  readonly conditions?: readonly ConditionInput[];
  readonly distribution?: readonly DistributionInput[];
  /** A run of the caller's whose model training goes on from. */
  readonly baseGeneratorId?: string;
}

export interface SampleInput {
  readonly numRows?: number;
  readonly seed?: number | null;
  readonly conditions?: readonly ConditionInput[];
  readonly distribution?: readonly DistributionInput[];
}

export interface ImputeInput {
  readonly datasetId: string;
  readonly name?: string | null;
  readonly seed?: number | null;
}

export interface GeneratorFilter {
  readonly datasetId?: string;
  readonly status?: JobStatus;
  readonly generatorType?: string;
}

@scoped(Lifecycle.ContainerScoped)
export class GeneratorService {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(PLUGINS) private readonly plugins: PluginRegistry,
    private readonly datasets: DatasetService,
    private readonly tableWork: TableWork,
    private readonly jobs: JobService,
    private readonly store: ObjectStore,
    private readonly privacy: PrivacyAccounts,
  ) {}

  /** Checks everything that can be checked before a trainer starts, then accepts the run: train, then sample. */
  async generate(ownerId: string, input: GenerateInput): Promise<Generator> {
    const dataset = await this.datasets.get(ownerId, input.datasetId);
    const base = input.baseGeneratorId === undefined ? null : await this.#trained(ownerId, input.baseGeneratorId);
    const plugin = this.#plugin(input.generatorType ?? base?.pluginId ?? DEFAULT_GENERATOR);
    if (base !== null) checkBase(base, plugin);
    const numRows = checkRows(input.numRows);
    const seed = checkSeed(input.seed);
    const parsed = parseConfig(plugin, base === null ? (input.config ?? {}) : configOver(base, input.config));
    if (!parsed.ok) {
      throw invalid(...parsed.issues.map((issue): FieldError => ({ ...issue, field: join('config', issue.field) })));
    }
    const { plan, source } = await this.datasets.learnable(dataset);
    if (base !== null) checkSameColumns((await this.#facts(base)).plan, plan);
    const table = await this.datasets.table(dataset);
    const schemas = plan.columns.map(({ schema }) => schema);
    const conditions = resolveConditions(input.conditions ?? [], schemas, plugin.capabilities);
    const distribution = resolveDistribution(input.distribution ?? [], conditions, schemas, plugin.capabilities);
    await this.tableWork.run(async () => {
      await checkReach(conditions, table, plan);
      await checkDistributionReach(distribution, table, plan);
    });
    const isPrivate = plugin.capabilities.differentialPrivacy !== null;
    const warnings = preflight(plugin, source.schema, isPrivate ? null : source.profile, parsed.config);
    const holdoutFraction = dataset.rowCount < SMALLEST_TABLE_WITH_HOLDOUT ? 0 : DEFAULT_HOLDOUT_FRACTION;
    const seedGiven = input.seed != null;
    const facts = {
      ownerId,
      datasetId: dataset.id,
      generatorType: plugin.id,
      name: input.name ?? null,
      numRows,
      seed,
      seedGiven,
      config: parsed.config as Record<string, unknown>,
      conditions,
      warnings,
      holdoutFraction,
      modelId: null,
    };
    const option = { distribution, baseModelId: base?.id ?? null };
    return this.#start('generate', facts, option, privacyCost(plugin, parsed.config, seedGiven));
  }

  /** More rows from the model of an earlier run: a run of its own, without training and without privacy cost. */
  async sample(ownerId: string, id: string, input: SampleInput): Promise<Generator> {
    const source = await this.get(ownerId, id);
    const model = modelOf(source);
    const { capabilities } = this.#plugin(model.pluginId);
    const schemas = (await this.#facts(model)).plan.columns.map(({ schema }) => schema);
    const conditions = resolveConditions(input.conditions ?? [], schemas, capabilities);
    const facts = {
      ...this.#modelFacts(source, model),
      datasetId: model.datasetId,
      numRows: checkRows(input.numRows),
      seed: checkSeed(input.seed),
      seedGiven: input.seed != null,
      conditions,
      holdoutFraction: model.holdoutFraction,
    };
    const distribution = resolveDistribution(input.distribution ?? [], conditions, schemas, capabilities);
    return this.#start('sample', facts, { distribution, baseModelId: null });
  }

  /** Fills the gaps of a dataset from the model of an earlier run: a run of its own, which gives another dataset. */
  async impute(ownerId: string, id: string, input: ImputeInput): Promise<Generator> {
    const source = await this.get(ownerId, id);
    const model = modelOf(source);
    checkImputes(this.#plugin(model.pluginId));
    const dataset = await this.datasets.get(ownerId, input.datasetId);
    await checkGaps((await this.#facts(model)).plan, await this.datasets.table(dataset));
    return this.#start('impute', {
      ...this.#modelFacts(source, model),
      datasetId: dataset.id,
      name: input.name ?? null,
      numRows: dataset.rowCount,
      seed: checkSeed(input.seed),
      seedGiven: input.seed != null,
      conditions: [],
      // Every row of the dataset is read, none is held out.
      holdoutFraction: 0,
    });
  }

  async get(ownerId: string, id: string): Promise<Generator> {
    const generator = await this.#query().where({ id, ownerId }).getOne();
    if (generator === null) throw notFound('Generator');
    return generator;
  }

  /** Those of the ids that are the owner's, in no order. */
  many(ownerId: string, ids: readonly string[]): Promise<Generator[]> {
    return this.#query()
      .where({ ownerId, id: In([...ids]) })
      .getMany();
  }

  /** The job behind a generator; without an owner, for anyone who knows the id. */
  async jobId(id: string, ownerId?: string): Promise<string> {
    const where = ownerId === undefined ? { id } : { id, ownerId };
    const generator = await this.dataSource.getRepository(Generator).findOne({ where, select: { jobId: true } });
    if (generator === null) throw notFound('Generator');
    return generator.jobId;
  }

  list(ownerId: string, filter: GeneratorFilter, page: PageRequest): Promise<Page<Generator>> {
    const query = this.#query().where({ ownerId });
    if (filter.datasetId !== undefined) query.andWhere({ datasetId: filter.datasetId });
    if (filter.generatorType !== undefined) query.andWhere({ generatorType: filter.generatorType });
    if (filter.status !== undefined) query.andWhere('job.status = :status', { status: filter.status });
    return findPage(query, { column: 'createdAt', direction: 'DESC' }, page);
  }

  cursor(generator: Generator): string {
    return encodeCursor(generator.createdAt, generator.id);
  }

  async cancel(ownerId: string, id: string): Promise<Generator> {
    const generator = await this.get(ownerId, id);
    await this.jobs.cancel(generator.jobId);
    return this.get(ownerId, id);
  }

  /** Its synthetic rows stay, as a dataset of their own; its model goes when no other run was made from it. */
  async delete(ownerId: string, id: string): Promise<void> {
    const generator = await this.get(ownerId, id);
    if (!TERMINAL_STATUSES.has(generator.job.status)) throw conflict('Generator has not ended: cancel it first');
    const orphan = await this.dataSource.transaction(async (manager) => {
      await manager.getRepository(Generator).delete({ id, ownerId });
      await manager.getRepository(RunOption).delete({ id });
      if (generator.modelId === null) return null;
      const others = await manager.getRepository(Generator).countBy({ modelId: generator.modelId });
      if (others > 0) return null;
      await manager.getRepository(Model).delete({ id: generator.modelId });
      return generator.modelId;
    });
    if (orphan !== null) await this.store.remove('models', orphan);
  }

  /** The synthetic rows, once there are any. */
  async output(ownerId: string, id: string): Promise<Dataset> {
    const generator = await this.get(ownerId, id);
    if (generator.outputDatasetId === null) {
      throw conflict(`Generator is ${generator.job.status}: it has no synthetic rows`);
    }
    return this.datasets.get(ownerId, generator.outputDatasetId);
  }

  #query() {
    return this.dataSource
      .getRepository(Generator)
      .createQueryBuilder('g')
      .innerJoinAndSelect('g.job', 'job')
      .leftJoinAndSelect('g.model', 'model')
      .leftJoinAndMapOne('g.option', RunOption, 'option', 'option.id = g.id');
  }

  /** Without a cost where nothing is trained. */
  async #start(
    kind: 'generate' | 'sample' | 'impute',
    facts: Omit<Generator, 'id' | 'job' | 'jobId' | 'model' | 'option' | 'outputDatasetId' | 'createdAt' | 'updatedAt'>,
    option: Omit<RunOption, 'id'> = { distribution: null, baseModelId: null },
    cost?: PrivacyCost,
  ): Promise<Generator> {
    const id = newId();
    await this.dataSource.transaction(async (manager: EntityManager) => {
      // The dataset may have been deleted since it was read; the checks and the row must be one step.
      const dataset = await manager.findOneBy(Dataset, { id: facts.datasetId });
      if (kind !== 'sample' && dataset === null) throw notFound('Dataset');
      const job = await this.jobs.create(manager, { kind, ownerId: facts.ownerId, subjectId: id });
      const now = new Date();
      const row = { ...facts, id, jobId: job.id, outputDatasetId: null, createdAt: now, updatedAt: now };
      await insertRow(manager, Generator, row);
      if (Object.values(option).some((value) => value !== null)) await insertRow(manager, RunOption, { ...option, id });
      if (dataset !== null && cost !== undefined) {
        await this.privacy.charge(manager, dataset, { id, jobId: job.id, cost });
      }
    });
    return this.get(facts.ownerId, id);
  }

  #plugin(id: string): AnyGeneratorPlugin {
    const plugin = this.plugins.generator(id);
    if (plugin !== undefined) return plugin;
    const known = this.plugins.generators.map((candidate) => candidate.id).join(', ');
    throw invalid({ field: 'generator_type', message: `Must be one of: ${known}`, code: 'invalid_choice' });
  }

  async #trained(ownerId: string, id: string): Promise<Model> {
    return modelOf(await this.get(ownerId, id));
  }

  async #facts(model: Model) {
    const facts = await readModelFacts(this.store.path('models', model.id));
    if (facts === null) throw new Error(`The files of model ${model.id} are missing from the store`);
    return facts;
  }

  /** What a run that trains nothing takes over from the model that it reads. */
  #modelFacts({ ownerId, name }: Generator, model: Model) {
    return { ownerId, name, generatorType: model.pluginId, config: model.config, warnings: [], modelId: model.id };
  }
}

function modelOf({ model, job }: Generator): Model {
  if (model === null) throw conflict(`Generator is ${job.status}: it has no trained model yet`);
  return model;
}

function checkRows(numRows: number | undefined): number {
  const rows = numRows ?? DEFAULT_ROWS;
  if (!Number.isInteger(rows) || rows < MINIMUM_ROWS || rows > MAXIMUM_ROWS) {
    const message = `Must be between ${MINIMUM_ROWS} and ${MAXIMUM_ROWS}`;
    throw invalid({ field: 'num_rows', message, code: 'range_error' });
  }
  return rows;
}

/** 31 bits, so that a seed that was drawn can be given again through GraphQL's `Int` too. */
function drawSeed(): number {
  return randomInt(2 ** 31);
}

export function checkSeed(seed: number | null | undefined): number {
  if (seed == null) return drawSeed();
  if (!Number.isInteger(seed) || seed < 0 || seed > MAXIMUM_SEED) {
    throw invalid({ field: 'seed', message: `Must be between 0 and ${MAXIMUM_SEED}`, code: 'range_error' });
  }
  return seed;
}

function join(...path: readonly string[]): string {
  return path.filter((part) => part !== '').join('.');
}
