import { And, type DataSource, type EntityManager, LessThanOrEqual, MoreThan } from 'typeorm';
import { AuditEntry, AuditHead, AuditStart } from './audit-entry.entity.js';
import { HEAD_ID } from './audit-writer.js';
import { type ChainHead, endProblem, entryHash, GENESIS, startProblem } from './chain.js';

const PAGE = 2000;
export const START_ID = 1;

export interface ChainReport {
  /** Entries that were looked at, and hold. */
  readonly entries: number;
  /** Older ones that were removed by age: the chain begins after them, as its seal says. */
  readonly pruned: number;
  /** Where the chain ends. Noted elsewhere, it shows later that nothing up to here was written anew. */
  readonly head: ChainHead;
  /** The first thing that is wrong; null for a chain that holds. */
  readonly problem: string | null;
}

/** How far a walk came, and what stopped it. */
export interface Walk {
  readonly head: ChainHead;
  readonly problem: string | null;
}

/**
 * Walks the chain from its first entry: each one must follow the one before, and the last must be the one that is
 * sealed. Finds what was altered, removed (at either end too), put in or put elsewhere. Holds up no writer: it walks on
 * until the end has stayed where it is.
 */
export async function verifyChain({ manager }: DataSource, key: Uint8Array): Promise<ChainReport> {
  for (;;) {
    const start = await readStart(manager, key);
    const { head, problem } = start.problem === null ? await walkToEnd(manager, key, start.head) : start;
    const report = { entries: head.sequence - start.head.sequence, pruned: start.head.sequence, head, problem };
    // What was removed by age during the walk is not missing.
    if (problem === null || (await readStart(manager, key)).head.sequence === start.head.sequence) return report;
  }
}

/** What the first entry follows. */
export async function readStart(manager: EntityManager, key: Uint8Array): Promise<Walk> {
  const start = await manager.findOneBy(AuditStart, { id: START_ID });
  const head = start === null ? GENESIS : { sequence: start.sequence, hash: start.hash };
  return { head, problem: startProblem(start, key) };
}

async function walkToEnd(manager: EntityManager, key: Uint8Array, start: ChainHead): Promise<Walk> {
  const readEnd = () => manager.findOneBy(AuditHead, { id: HEAD_ID });
  let head = start;
  for (;;) {
    const before = await readEnd();
    const walked = await walkChain(manager, head);
    if (walked.problem !== null) return walked;
    head = walked.head;
    const end = await readEnd();
    if (before?.sequence === end?.sequence) return { head, problem: endProblem({ sealed: end, last: head }, key) };
  }
}

/** The entries that follow `from`, up to the one numbered `last`. */
export async function walkChain(
  manager: EntityManager,
  from: ChainHead,
  last = Number.MAX_SAFE_INTEGER,
): Promise<Walk> {
  let head = from;
  for (;;) {
    const page = await manager.find(AuditEntry, {
      where: { sequence: And(MoreThan(head.sequence), LessThanOrEqual(last)) },
      order: { sequence: 'ASC' },
      take: PAGE,
    });
    for (const entry of page) {
      const problem = linkProblem(head, entry);
      if (problem !== null) return { head, problem };
      head = { sequence: entry.sequence, hash: entry.hash };
    }
    if (page.length < PAGE) return { head, problem: null };
  }
}

function linkProblem(head: ChainHead, entry: AuditEntry): string | null {
  if (entry.sequence !== head.sequence + 1) return `Entry ${head.sequence + 1} is missing`;
  if (entry.hash === entryHash(head.hash, entry)) return null;
  return `Entry ${entry.sequence} was altered, or does not follow entry ${head.sequence}`;
}
