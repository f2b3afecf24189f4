import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { CountColumn, TimeColumn } from '../persistence/columns.js';

/** One request, as a link of the chain: what it holds is never changed and never deleted. */
@Entity({ name: 'audit_entry' })
@Index(['userId', 'sequence'])
export class AuditEntry {
  /** From 1, without a gap. */
  @PrimaryColumn({ type: 'bigint', transformer: { to: (sequence?: number) => sequence, from: Number } })
  sequence!: number;
  /** When it was answered. */
  @Index() @TimeColumn() time!: Date;
  /** Who asked; of an attempt to log in, whose account it was. Null where that is not known. */
  @Column('varchar', { nullable: true }) userId!: string | null;
  /** `METHOD /path`, or `MUTATION` and the like with the root fields. */
  @Column('varchar') action!: string;
  @Column('varchar') resource!: string;
  /** Null when the process ended before it could answer. */
  @Column('int', { nullable: true }) status!: number | null;
  @Column('float', { nullable: true }) durationMs!: number | null;
  @Column('varchar') address!: string;
  @Column('varchar', { nullable: true }) userAgent!: string | null;
  @Column('varchar') requestId!: string;
  /** SHA-256 in hex over the hash of the entry before and this one. */
  @Column('varchar') hash!: string;
}

/** Where the chain ends. One row; without it nobody could tell that entries are missing at the end. */
@Entity({ name: 'audit_head' })
export class AuditHead {
  @PrimaryColumn('int') id!: number;
  @CountColumn() sequence!: number;
  @Column('varchar') hash!: string;
  /** What the writer once found to be wrong with the end; it stays, since what is written afterwards covers the traces. */
  @Column('varchar', { nullable: true }) problem!: string | null;
  /** Made with a key that is not in the database: whoever can write here alone can't make a chain that holds. */
  @Column('varchar') seal!: string;
}

/** What the first entry follows, once older ones were removed by age. One row; without it the chain begins with entry 1. */
@Entity({ name: 'audit_start' })
export class AuditStart {
  @PrimaryColumn('int') id!: number;
  @CountColumn() sequence!: number;
  @Column('varchar') hash!: string;
  /** Made with the key of the end: whoever removes entries by hand can't say that they were too old. */
  @Column('varchar') seal!: string;
}

/** A change that was committed and whose request has no entry yet: written with the change, gone with the entry. */
@Entity({ name: 'audit_intent' })
export class AuditIntent {
  @PrimaryColumn('varchar') id!: string;
  @TimeColumn() time!: Date;
  @Column('varchar', { nullable: true }) userId!: string | null;
  @Column('varchar') action!: string;
  @Column('varchar') resource!: string;
  @Column('varchar') address!: string;
  @Column('varchar', { nullable: true }) userAgent!: string | null;
  @Column('varchar') requestId!: string;
}
