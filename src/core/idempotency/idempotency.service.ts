import { hash } from 'node:crypto';
import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, In, IsNull, LessThanOrEqual } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { keptSecret } from '../app/secrets.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { invalid, StudioError } from '../errors/index.js';
import { isUniqueViolation } from '../persistence/database-errors.js';
import { withCompanion } from '../persistence/commit-companion.js';
import { IdempotentEffect, IdempotentRequest } from './idempotency.entity.js';
import { openText, sealText } from './sealed-text.js';

export const LONGEST_KEY = 255;
/** On an answer to an earlier request. */
export const REPLAYED_HEADER = 'idempotent-replayed';
const KEPT_MS = 24 * 3_600_000;
const CLEAN_MS = 600_000;
const RETRY_SECONDS = 1;

/** An answer as it goes out, and again. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** It tells of a failure: it is not kept, as if it had been thrown. */
  readonly isFailure?: boolean;
}

export interface KeyedRequest {
  /** Who sends it: keys of others are others. */
  readonly sender: string;
  readonly route: string;
  /** As it was sent: the draft has it in quotes, as a structured field; most clients send it bare. */
  readonly key: string;
  /** SHA-256 of what is asked. Asked when the request has been carried out, or, for a repeated one, when it is to be compared. */
  readonly fingerprint: () => Promise<string>;
}

/**
 * The Idempotency-Key header, after draft-ietf-httpapi-idempotency-key-header-07: the same request again gets the first
 * answer and has no second effect, for a day and over restarts.
 */
@scoped(Lifecycle.ContainerScoped)
export class IdempotencyService {
  #cleanedAt = 0;
  #secret: Promise<string> | undefined;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: Pick<StudioConfig, 'dataDir'>,
  ) {}

  /**
   * Carries the request out, or gives the answer that it had. Throws `conflict` while the first one runs, and
   * `validation_error` for a key that came with another request.
   */
  async run(request: KeyedRequest, carryOut: () => Promise<Answer>): Promise<{ answer: Answer; replayed: boolean }> {
    const key = /^"(.*)"$/.exec(request.key)?.[1] ?? request.key;
    checkKey(key);
    await this.#clean();
    const id = hash('sha256', JSON.stringify([request.sender, request.route, key]), 'hex');
    const secret = `${await (this.#secret ??= keptSecret(this.config.dataDir, 'idempotency'))} ${key}`;
    await this.#requests().delete({ id, expiresAt: LessThanOrEqual(new Date()) });
    if (!(await this.#begin(id))) return { answer: await this.#earlier(id, request, secret), replayed: true };
    let isRunning = true;
    // What the request began and goes on after its answer is no effect of it any more.
    const effect = { rows: () => (isRunning ? [{ table: 'idempotent_effect', row: { id } }] : []) };
    try {
      const answer = await withCompanion(effect, carryOut);
      if (answer.isFailure === true) await this.#release(id);
      else await this.#finish(id, await request.fingerprint(), answer, secret);
      return { answer, replayed: false };
    } catch (error) {
      await this.#release(id);
      throw error;
    } finally {
      isRunning = false;
    }
  }

  /**
   * After a start: what a process that is gone was carrying out may be sent again, unless it had its effect already.
   * One process at a time serves the door of a DATA_DIR, so whatever seems to run is lost.
   */
  async recover(): Promise<void> {
    const effects = this.dataSource.getRepository(IdempotentEffect).createQueryBuilder().select('id');
    await this.dataSource
      .getRepository(IdempotentRequest)
      .createQueryBuilder()
      .delete()
      .where({ status: IsNull() })
      .andWhere(`id NOT IN (${effects.getQuery()})`)
      .execute();
  }

  async #begin(id: string): Promise<boolean> {
    const row = { id, fingerprint: null, status: null, headers: null, body: null };
    try {
      await this.#requests().insert({ ...row, expiresAt: new Date(Date.now() + KEPT_MS) });
      return true;
    } catch (error) {
      if (isUniqueViolation(error)) return false;
      throw error;
    }
  }

  async #earlier(id: string, request: KeyedRequest, secret: string): Promise<Answer> {
    const first = await this.#requests().findOneBy({ id });
    if (first?.status == null) {
      throw new StudioError('conflict', await this.#whyNoAnswer(id), { retryAfter: RETRY_SECONDS });
    }
    if (first.fingerprint !== (await request.fingerprint())) {
      throw invalid({
        field: 'Idempotency-Key',
        message: 'Was sent with another request: take a new key for each',
        code: 'invalid_format',
      });
    }
    return { status: first.status, headers: first.headers!, body: openText(first.body!, secret) };
  }

  async #whyNoAnswer(id: string): Promise<string> {
    const isDone = await this.dataSource.getRepository(IdempotentEffect).existsBy({ id });
    return isDone
      ? 'The first request with this Idempotency-Key has had its effect; its answer is not there yet, or was lost'
      : 'The first request with this Idempotency-Key is still being carried out';
  }

  async #finish(id: string, fingerprint: string, answer: Answer, secret: string): Promise<void> {
    const { status, headers, body } = answer;
    await this.#requests().update(id, { fingerprint, status, headers, body: sealText(body, secret) } as object);
  }

  /** A request that failed before it had an effect may be sent again with its key. */
  async #release(id: string): Promise<void> {
    if (await this.dataSource.getRepository(IdempotentEffect).existsBy({ id })) return;
    await this.#requests().delete({ id });
  }

  async #clean(): Promise<void> {
    const now = Date.now();
    if (now - this.#cleanedAt < CLEAN_MS) return;
    this.#cleanedAt = now;
    const old = await this.#requests().find({
      where: { expiresAt: LessThanOrEqual(new Date(now)) },
      select: { id: true },
    });
    const ids = old.map(({ id }) => id);
    await this.dataSource.getRepository(IdempotentEffect).delete({ id: In(ids) });
    await this.#requests().delete({ id: In(ids) });
  }

  #requests() {
    return this.dataSource.getRepository(IdempotentRequest);
  }
}

function checkKey(key: string): void {
  if (key.length >= 1 && key.length <= LONGEST_KEY && /^[\x21-\x7e]+$/.test(key)) return;
  const message = `Must have between 1 and ${LONGEST_KEY} visible characters of ASCII`;
  throw invalid({ field: 'Idempotency-Key', message, code: 'range_error' });
}
