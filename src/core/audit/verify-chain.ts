import { type DataSource, type EntityManager, MoreThan } from 'typeorm';
import { AuditEntry, AuditHead } from './audit-entry.entity.js';
import { HEAD_ID } from './audit-writer.js';
import { type ChainHead, endProblem, entryHash, GENESIS } from './chain.js';

const PAGE = 2000;

export interface ChainReport {
  /** Entries that hold. */
  readonly entries: number;
  /** Where the chain ends. Noted elsewhere, it shows later that nothing up to here was written anew. */
  readonly head: ChainHead;
  /** The first thing that is wrong; null for a chain that holds. */
  readonly problem: string | null;
}

/**
 * Walks the chain from its first entry: each one must follow the one before, and the last must be the one that is
 * sealed. Finds what was altered, removed (at the end too), put in or put elsewhere. Holds up no writer: it walks on
 * until the end has stayed where it is.
 */
export async function verifyChain({ manager }: DataSource, key: Uint8Array): Promise<ChainReport> {
  const readEnd = () => manager.findOneBy(AuditHead, { id: HEAD_ID });
  let head = GENESIS;
  for (;;) {
    const before = await readEnd();
    const walked = await walk(manager, head);
    head = walked.head;
    if (walked.problem !== null) return { entries: head.sequence, ...walked };
    const end = await readEnd();
    if (before?.sequence === end?.sequence) {
      return { entries: head.sequence, head, problem: endProblem({ sealed: end, last: head }, key) };
    }
  }
}

async function walk(manager: EntityManager, from: ChainHead): Promise<{ head: ChainHead; problem: string | null }> {
  let head = from;
  for (;;) {
    const page = await manager.find(AuditEntry, {
      where: { sequence: MoreThan(head.sequence) },
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
