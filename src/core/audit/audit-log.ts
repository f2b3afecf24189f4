import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, LessThan, type SelectQueryBuilder } from 'typeorm';
import { DATA_SOURCE } from '../app/tokens.js';
import type { Principal } from '../auth/access-tokens.js';
import { invalid, StudioError } from '../errors/index.js';
import type { Page, PageRequest } from '../persistence/paging.js';
import { AuditEntry } from './audit-entry.entity.js';
import { AuditTrail } from './audit-trail.js';
import { type ChainReport, verifyChain } from './verify-chain.js';
import { AuditWriter } from './audit-writer.js';

export interface AuditFilter {
  readonly userId?: string;
  /** The whole of it. */
  readonly action?: string;
  /** Any part of it: an id finds what concerns it through either door. */
  readonly resource?: string;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
}

/** Reads the audit trail: a user's own entries, all for an administrator. */
@scoped(Lifecycle.ContainerScoped)
export class AuditLog {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly trail: AuditTrail,
    private readonly writer: AuditWriter,
  ) {}

  /** The newest first, what was answered up to now included. */
  async list(reader: Principal, filter: AuditFilter, page: PageRequest): Promise<Page<AuditEntry>> {
    const userId = readableUser(reader, filter.userId);
    await this.trail.flush();
    const query = this.#query({ ...filter, ...(userId !== undefined && { userId }) });
    const counted = query.clone();
    if (page.after !== undefined) query.andWhere({ sequence: LessThan(sequenceOf(page.after)) });
    const rows = await query
      .orderBy('e.sequence', 'DESC')
      .offset(page.offset ?? 0)
      .limit(page.limit + 1)
      .getMany();
    return {
      items: rows.slice(0, page.limit),
      hasMore: rows.length > page.limit,
      total: () => counted.getCount(),
    };
  }

  cursor({ sequence }: AuditEntry): string {
    return String(sequence);
  }

  /** Whether the chain holds, from its first entry to its end. */
  async verify(): Promise<ChainReport> {
    await this.trail.flush();
    const report = await verifyChain(this.dataSource, await this.writer.key());
    return { ...report, problem: report.problem ?? this.writer.cutProblem(report.head) };
  }

  #query({ userId, action, resource, from, to }: AuditFilter): SelectQueryBuilder<AuditEntry> {
    const query = this.dataSource.getRepository(AuditEntry).createQueryBuilder('e');
    if (userId !== undefined) query.andWhere({ userId });
    if (action !== undefined) query.andWhere({ action });
    if (resource !== undefined)
      query.andWhere(`e.resource LIKE :pattern ESCAPE '\\'`, { pattern: containing(resource) });
    if (from !== undefined) query.andWhere('e.time >= :from', { from: from.getTime() });
    if (to !== undefined) query.andWhere('e.time < :to', { to: to.getTime() });
    return query;
  }
}

/** Whose entries to look for; undefined for everybody's. */
function readableUser(reader: Principal, wanted: string | undefined): string | undefined {
  const readsAll = reader.role === 'admin' && reader.apiKey === undefined;
  if (readsAll || wanted === reader.userId) return wanted;
  if (wanted === undefined) return reader.userId;
  throw new StudioError('permission_denied', 'Only an administrator reads the entries of others');
}

function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}

function sequenceOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw invalid({ field: 'after', message: 'Not a cursor of this list', code: 'invalid_format' });
}
