import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { AuditEntry, AuditHead, AuditStart } from './audit-entry.entity.js';

/** What an entry says, before it has its place in the chain. */
export type AuditFacts = Omit<AuditEntry, 'sequence' | 'hash'>;

/** Where a chain stands. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

/** What the first entry follows. */
export const GENESIS: ChainHead = { sequence: 0, hash: '0'.repeat(64) };

/** The entry that follows: its hash covers the one before, its own place and everything that it says. */
export function nextEntry(head: ChainHead, facts: AuditFacts): AuditEntry {
  const sequence = head.sequence + 1;
  return { ...facts, sequence, hash: entryHash(head.hash, { ...facts, sequence }) };
}

export function entryHash(previous: string, entry: Omit<AuditEntry, 'hash'>): string {
  const canonical = JSON.stringify([
    previous,
    entry.sequence,
    entry.time.getTime(),
    entry.userId,
    entry.action,
    entry.resource,
    entry.status,
    entry.durationMs,
    entry.address,
    entry.userAgent,
    entry.requestId,
  ]);
  return hash('sha256', canonical, 'hex');
}

/** HMAC-SHA256 of where the chain ends, and of what was found to be wrong with that. */
export function sealOf(key: Uint8Array, { sequence, hash: last }: ChainHead, problem: string | null): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([sequence, last, problem]))
    .digest('hex');
}

/** HMAC-SHA256 of where the chain begins; the seal of an end can't take its place. */
export function startSealOf(key: Uint8Array, { sequence, hash: last }: ChainHead): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['start', sequence, last]))
    .digest('hex');
}

/** What is wrong with the record of where a chain begins, or null. */
export function startProblem(start: AuditStart | null, key: Uint8Array): string | null {
  if (start === null || sameText(start.seal, startSealOf(key, start))) return null;
  return 'The record of where the chain begins was altered';
}

/** What the chain ends with: the row that says so, and the last entry that there is. */
export interface ChainEnd {
  readonly sealed: AuditHead | null;
  readonly last: ChainHead;
}

/** What is wrong with the end of a chain, or null. */
export function endProblem({ sealed, last }: ChainEnd, key: Uint8Array): string | null {
  if (sealed === null) return last.sequence === 0 ? null : 'The record of where the chain ends is missing';
  if (!sameText(sealed.seal, sealOf(key, sealed, sealed.problem))) {
    return 'The record of where the chain ends was altered';
  }
  if (sealed.problem !== null) return sealed.problem;
  if (last.sequence < sealed.sequence)
    return `Entries ${last.sequence + 1} to ${sealed.sequence} are missing at the end`;
  if (last.sequence > sealed.sequence) return `Entries after ${sealed.sequence} were put in at the end`;
  return last.hash === sealed.hash ? null : 'The last entry is not the one that was sealed';
}

function sameText(given: string, wanted: string): boolean {
  return given.length === wanted.length && timingSafeEqual(Buffer.from(given), Buffer.from(wanted));
}
