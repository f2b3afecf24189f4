import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { conflict, invalid, notFound } from '../errors/index.js';
import { Evaluation } from '../evaluations/evaluation.entity.js';
import { EventBus } from '../events/index.js';
import { Generator } from '../generators/generator.entity.js';
import { Job, TERMINAL_STATUSES } from '../jobs/job.entity.js';
import type { TableSource } from '../plugin-api/index.js';
import type { PrivacyLimit } from '../privacy/privacy-account.js';
import { PrivacyAccounts } from '../privacy/privacy-accounts.js';
import { insertRow } from '../persistence/insert-row.js';
import { encodeCursor, type Page, type PageRequest } from '../persistence/paging.js';
import { listOf, sql } from '../persistence/sql.js';
import { TableReader } from '../persistence/table-reader.js';
import { Metrics } from '../telemetry/metrics.js';
import { ObjectStore } from '../storage/object-store.js';
import { applyOverrides, exportTable, ingestTable, openTable, profileTable, proposePlan } from '../tables/index.js';
import type { ColumnOverride, ColumnPlan, ExportFormat, TableDescription, TableProfile } from '../tables/index.js';
import { WebhookOutbox } from '../webhooks/webhook-outbox.js';
import { type ColumnSummary, Dataset } from './dataset.entity.js';
import { toStudioError } from './dataset.errors.js';
import { DerivedFiles } from './derived-files.js';
import { TableWork } from './table-work.js';
import { receiveUpload } from './upload.js';

export interface Upload {
  readonly stream: Readable;
  readonly filename: string;
  /** Fields that come after the file in a multipart body are known only when the file has been read. */
  details(): { readonly name?: string | undefined; readonly description?: string | undefined };
}

export interface DatasetFilter {
  /** Exclusive. */
  readonly modifiedAfter?: Date;
  readonly origin?: Dataset['origin'];
  readonly nameContains?: string;
}

export const DATASET_ORDERS = ['created_at', '-created_at', 'updated_at', '-updated_at', 'name', '-name'] as const;
export type DatasetOrder = (typeof DATASET_ORDERS)[number];

export interface DatasetChange {
  readonly name?: string;
  readonly description?: string | null;
  readonly columns?: readonly ColumnOverride[];
  /** Null takes it away. */
  readonly privacyLimit?: PrivacyLimit | null;
}

/** A file ready to be sent. */
export interface Download {
  readonly path: string;
  readonly filename: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};
const ORDER_COLUMNS = { created_at: 'createdAt', updated_at: 'updatedAt', name: 'name' } as const;
/** The number is raised when the profile of a table takes another shape. */
const PROFILE = 'profile.1.json';
/** Characters of a name. */
export const MAXIMUM_NAME = 200;

@scoped(Lifecycle.ContainerScoped)
export class DatasetService {
  readonly #datasets: TableReader<Dataset>;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
    private readonly store: ObjectStore,
    private readonly derived: DerivedFiles,
    private readonly tableWork: TableWork,
    private readonly events: EventBus,
    private readonly privacy: PrivacyAccounts,
    private readonly outbox: WebhookOutbox,
    private readonly metrics: Metrics,
  ) {
    this.#datasets = new TableReader(dataSource, Dataset);
  }

  /** Reads the whole file before it answers: what is accepted is readable, durable and described. */
  async upload(ownerId: string, upload: Upload, signal?: AbortSignal): Promise<Dataset> {
    const scratch = await this.store.createScratch('upload');
    try {
      const original = join(scratch, 'original');
      const received = await receiveUpload(upload.stream, original, this.config.maxUploadBytes);
      const { name, description } = upload.details();
      const filename = basename(upload.filename);
      const request = { path: original, filename, directory: scratch, ...(signal && { signal }) };
      const table = await this.tableWork.run(() => ingestTable(request));
      const dataset = this.#build(newId(), ownerId, table, {
        name: checkName(name ?? (filename.slice(0, MAXIMUM_NAME) || 'dataset')),
        description: description ?? null,
        originalFilename: filename,
        origin: 'upload',
        sizeBytes: received.sizeBytes,
        checksum: received.checksum,
      });
      await this.store.publish(scratch, 'datasets', dataset.id);
      await this.dataSource.transaction(async (manager) => {
        await insertRow(manager, Dataset, dataset);
        await this.outbox.datasetCreated(manager, dataset);
      });
      this.events.publish({ type: 'dataset.created', ownerId, subjectId: dataset.id });
      this.metrics.uploaded(received.sizeBytes);
      return dataset;
    } catch (error) {
      throw toStudioError(error);
    } finally {
      await this.store.discard(scratch);
    }
  }

  async get(ownerId: string, id: string): Promise<Dataset> {
    const dataset = await this.#datasets.one(sql`"id" = ${id}`, sql`"ownerId" = ${ownerId}`);
    if (dataset === null) throw notFound('Dataset');
    return dataset;
  }

  /** Those of the ids that are the owner's, in no order. */
  many(ownerId: string, ids: readonly string[]): Promise<Dataset[]> {
    return this.#datasets.all(sql`"ownerId" = ${ownerId} AND "id" IN ${listOf(ids)}`);
  }

  list(ownerId: string, filter: DatasetFilter, order: DatasetOrder, page: PageRequest): Promise<Page<Dataset>> {
    const conditions = [sql`"ownerId" = ${ownerId}`];
    if (filter.modifiedAfter !== undefined) conditions.push(sql`"updatedAt" > ${filter.modifiedAfter.getTime()}`);
    if (filter.origin !== undefined) conditions.push(sql`"origin" = ${filter.origin}`);
    if (filter.nameContains !== undefined) {
      // INSTR and STRPOS differ between the databases; LIKE with its wildcards escaped is in both.
      const pattern = `%${filter.nameContains.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
      conditions.push(sql`LOWER("name") LIKE ${pattern} ESCAPE '\\'`);
    }
    const descending = order.startsWith('-');
    const column = ORDER_COLUMNS[(descending ? order.slice(1) : order) as keyof typeof ORDER_COLUMNS];
    return this.#datasets.page(conditions, { column, direction: descending ? 'DESC' : 'ASC' }, page);
  }

  cursor(dataset: Dataset, order: DatasetOrder): string {
    return encodeCursor(dataset[ORDER_COLUMNS[order.replace('-', '') as keyof typeof ORDER_COLUMNS]], dataset.id);
  }

  async update(ownerId: string, id: string, change: DatasetChange): Promise<Dataset> {
    const dataset = await this.get(ownerId, id);
    const { name, columns, privacyLimit, ...changes } = change;
    const row: Partial<Dataset> = { ...changes, updatedAt: new Date() };
    if (name !== undefined) row.name = checkName(name);
    if (columns !== undefined) {
      const { description } = await this.table(dataset);
      row.columnOverrides = merge(dataset.columnOverrides, columns);
      row.columns = summarise(description, planOf(description, row.columnOverrides));
    }
    await this.dataSource.transaction(async (manager) => {
      // The check and the limit must be one step: a model may be accepted meanwhile.
      if (privacyLimit != null) await this.privacy.checkLimit(manager, dataset, privacyLimit);
      if (privacyLimit !== undefined) row.privacyLimit = privacyLimit;
      await manager.update(Dataset, { id, ownerId }, row as object);
    });
    return this.get(ownerId, id);
  }

  async delete(ownerId: string, id: string): Promise<void> {
    const dataset = await this.get(ownerId, id);
    await this.dataSource.transaction(async (manager) => {
      if (await inUse(manager, dataset.id)) throw conflict('Dataset is in use by a job that has not ended');
      await manager.getRepository(Dataset).delete({ id: dataset.id, ownerId });
      await this.privacy.forget(manager, dataset.id);
    });
    this.events.publish({ type: 'dataset.deleted', ownerId, subjectId: id });
    await this.derived.forget(id);
    await this.store.remove('datasets', id);
  }

  async preview(dataset: Dataset, offset: number, limit: number) {
    const table = await this.table(dataset);
    return this.tableWork.run(() => table.preview(offset, limit));
  }

  async profile(dataset: Dataset): Promise<TableProfile> {
    const folder = this.folder(dataset.id);
    const path = await this.derived.file(dataset.id, folder, PROFILE, async (file) =>
      writeFile(file, JSON.stringify(await profileTable(folder))),
    );
    return JSON.parse(await readFile(path, 'utf8')) as TableProfile;
  }

  /** The uploaded file as it came where the format is the same, an export of the rows otherwise. */
  async download(dataset: Dataset, format: ExportFormat = 'csv', signal?: AbortSignal): Promise<Download> {
    const asUploaded = dataset.origin === 'upload' && dataset.format === format;
    const folder = this.folder(dataset.id);
    const path = asUploaded
      ? join(folder, 'original')
      : await this.derived.file(
          dataset.id,
          folder,
          `export.${format}`,
          (file) => exportTable(folder, format, file),
          signal,
        );
    const stem = basename(dataset.originalFilename, extname(dataset.originalFilename)) || 'dataset';
    return {
      path,
      filename: asUploaded ? dataset.originalFilename : `${stem}.${format}`,
      contentType: CONTENT_TYPES[format],
      sizeBytes: (await stat(path)).size,
      etag: `"${dataset.checksum.slice('sha256:'.length, 'sha256:'.length + 32)}-${asUploaded ? 'original' : format}"`,
    };
  }

  table(dataset: Dataset) {
    return openTable(this.folder(dataset.id));
  }

  /** What a generator would see of the dataset, and the plan that says so. */
  async learnable(dataset: Dataset): Promise<{ plan: ColumnPlan; source: TableSource }> {
    const table = await this.table(dataset);
    const plan = planOf(table.description, dataset.columnOverrides);
    return { plan, source: table.source({ plan, withProfile: true }) };
  }

  folder(id: string): string {
    return this.store.path('datasets', id);
  }

  /** The rows that a job made: their files are in place already; the row joins the transaction that ends the job. */
  async recordSynthetic(
    manager: EntityManager,
    facts: { id: string; ownerId: string; name: string; table: TableDescription; overrides: readonly ColumnOverride[] },
    file: { sizeBytes: number; checksum: string },
  ): Promise<void> {
    const dataset = this.#build(facts.id, facts.ownerId, facts.table, {
      name: facts.name,
      description: null,
      originalFilename: `${facts.name}.csv`,
      origin: 'synthetic',
      ...file,
    });
    // The generator knows the columns by these overrides; the plan of its rows must say the same.
    dataset.columnOverrides = facts.overrides;
    dataset.columns = summarise(facts.table, planOf(facts.table, facts.overrides));
    await insertRow(manager, Dataset, dataset);
  }

  #build(
    id: string,
    ownerId: string,
    table: TableDescription,
    facts: Pick<Dataset, 'name' | 'description' | 'originalFilename' | 'origin' | 'sizeBytes' | 'checksum'>,
  ): Dataset {
    const now = new Date();
    return this.dataSource.getRepository(Dataset).create({
      ...facts,
      id,
      ownerId,
      format: table.format,
      rowCount: table.rowCount,
      columnCount: table.columns.length,
      columns: summarise(table, planOf(table, [])),
      columnOverrides: [],
      privacyLimit: null,
      createdAt: now,
      updatedAt: now,
    });
  }
}

function planOf(table: TableDescription, overrides: readonly ColumnOverride[]): ColumnPlan {
  try {
    return applyOverrides(proposePlan(table), overrides);
  } catch (error) {
    throw toStudioError(error);
  }
}

function summarise(table: TableDescription, plan: ColumnPlan): ColumnSummary[] {
  return plan.columns.map(({ schema }, i) => ({
    name: schema.name,
    kind: schema.kind,
    nullable: schema.nullable,
    missingFraction: table.columns[i]!.missingFraction,
    distinctCount: table.columns[i]!.distinctCount,
  }));
}

/** Later decisions about a column replace earlier ones, field by field. */
function merge(old: readonly ColumnOverride[], change: readonly ColumnOverride[]): ColumnOverride[] {
  const byColumn = new Map(old.map((override) => [override.column, override]));
  for (const override of change) byColumn.set(override.column, { ...byColumn.get(override.column), ...override });
  return [...byColumn.values()];
}

function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0 || trimmed.length > MAXIMUM_NAME) {
    throw invalid({ field: 'name', message: `Must have 1 to ${MAXIMUM_NAME} characters`, code: 'range_error' });
  }
  return trimmed;
}

async function inUse(manager: EntityManager, datasetId: string): Promise<boolean> {
  for (const entity of [Generator, Evaluation]) {
    const subjects = await manager
      .getRepository(entity)
      .createQueryBuilder('s')
      .innerJoin(Job, 'j', 'j.id = s.jobId')
      .where('s.datasetId = :datasetId', { datasetId })
      .andWhere('j.status NOT IN (:...ended)', { ended: [...TERMINAL_STATUSES] })
      .getCount();
    if (subjects > 0) return true;
  }
  return false;
}
