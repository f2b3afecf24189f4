import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, In } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { keptSecret } from '../app/secrets.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { AuditEntry, AuditHead, AuditIntent } from './audit-entry.entity.js';
import { type AuditFacts, type ChainEnd, type ChainHead, endProblem, GENESIS, nextEntry, sealOf } from './chain.js';

export const HEAD_ID = 1;
/** Interrupted changes that are written in one transaction. */
const INTERRUPTED_AT_ONCE = 100;
const COLUMNS = [
  'sequence',
  'time',
  'userId',
  'action',
  'resource',
  'status',
  'durationMs',
  'address',
  'userAgent',
  'requestId',
  'hash',
] as const satisfies readonly (keyof AuditEntry)[];
const INSERT = `INSERT INTO "audit_entry" (${COLUMNS.map((column) => `"${column}"`).join(', ')})
  SELECT ${COLUMNS.map((_, i) => `value ->> ${i}`).join(', ')} FROM json_each(?)`;

/** An entry to be, with the note that stood for it until now. */
export interface PendingEntry {
  readonly facts: AuditFacts;
  readonly intentId: string | null;
}

/** Adds entries to the chain, each time in one transaction: writers take turns, so the chain has no branches. */
@scoped(Lifecycle.ContainerScoped)
export class AuditWriter {
  #written = 0;
  #key: Promise<Uint8Array> | undefined;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: Pick<StudioConfig, 'dataDir'>,
  ) {}

  /** `along` is committed with the entries or not at all. */
  async append(pending: readonly PendingEntry[], along?: (manager: EntityManager) => Promise<void>): Promise<void> {
    const key = await this.key();
    await this.dataSource.transaction(async (manager) => {
      const end = await readEnd(manager);
      const problem = endProblem(end, key) ?? this.cutProblem(end.last);
      // Going on after the last entry that there is; what was found to be wrong stays on record.
      let head = end.last;
      const entries = pending.map(({ facts }) => {
        const entry = nextEntry(head, facts);
        head = entry;
        return entry;
      });
      await insert(manager, entries);
      const { sequence, hash } = head;
      await manager.upsert(AuditHead, { id: HEAD_ID, sequence, hash, problem, seal: sealOf(key, head, problem) }, [
        'id',
      ]);
      const intents = pending.flatMap(({ intentId }) => intentId ?? []);
      if (intents.length > 0) await manager.delete(AuditIntent, { id: In(intents) });
      await along?.(manager);
      this.#written = sequence;
    });
  }

  /** An older end that was put back, with its seal, while this process ran; or null. */
  cutProblem({ sequence }: ChainHead): string | null {
    return sequence < this.#written ? `Entries ${sequence + 1} to ${this.#written} were removed` : null;
  }

  /** Gives an entry to each change of a process that ended before it could write one. */
  async appendInterrupted(): Promise<void> {
    const intents = await this.dataSource.getRepository(AuditIntent).find({ order: { time: 'ASC' } });
    for (let i = 0; i < intents.length; i += INTERRUPTED_AT_ONCE) {
      await this.append(
        intents.slice(i, i + INTERRUPTED_AT_ONCE).map(({ id, ...facts }) => {
          return { facts: { ...facts, status: null, durationMs: null }, intentId: id };
        }),
      );
    }
  }

  /** With what the end of the chain is sealed: kept outside of the database. */
  key(): Promise<Uint8Array> {
    return (this.#key ??= keptSecret(this.config.dataDir, 'audit').then((secret) => new TextEncoder().encode(secret)));
  }
}

async function readEnd(manager: EntityManager): Promise<ChainEnd> {
  const sealed = await manager.findOneBy(AuditHead, { id: HEAD_ID });
  const [last] = await manager.find(AuditEntry, { order: { sequence: 'DESC' }, take: 1 });
  return { sealed, last: last ?? GENESIS };
}

/**
 * All rows as one parameter: TypeORM's builder takes ten times as long for a row as the database, and binding each value
 * by itself keeps the thread that answers busy for twice as long. SQLite reads a number of up to 15 digits from JSON as
 * JavaScript does, so the hashes hold.
 */
async function insert(manager: EntityManager, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map((entry) =>
    COLUMNS.map((column) => (column === 'time' ? entry.time.getTime() : entry[column])),
  );
  await manager.query(INSERT, [JSON.stringify(rows)]);
}
