import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Logger } from 'pino';
import { DataSource, type EntityManager } from 'typeorm';
import { newId } from '../app/ids.js';
import { DATA_SOURCE, LOGGER } from '../app/tokens.js';
import { conflict, type FieldError, invalid, notFound } from '../errors/index.js';
import { EventBus } from '../events/index.js';
import { notAuthenticated, type Principal, tokenExpired } from './access-tokens.js';
import { ApiKey } from './api-key.entity.js';
import { API_KEY_PREFIX, hashSecret, newSecret } from './credentials.js';
import { type Scope, SCOPES } from './policies.js';
import { User } from './user.entity.js';

export interface ApiKeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null, or absent, for a key that holds until it is deleted. */
  readonly expiresAt?: Date | null;
}

export interface IssuedApiKey {
  readonly apiKey: ApiKey;
  /** The key itself: nobody can have it again. */
  readonly secret: string;
}

const MAXIMUM_KEYS = 100;
export const MAXIMUM_KEY_NAME = 100;
const HINT_LENGTH = API_KEY_PREFIX.length + 6;
/** Milliseconds for which a key that was deleted by another process still holds in this one. */
const TRUSTED_MS = 3000;
/** Milliseconds between two records of a key's use. */
const USE_RECORDED_EVERY_MS = 60_000;
const CACHE_SIZE = 10_000;

interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds; infinite for a key that does not expire. */
  readonly expiresAt: number;
  readonly checkedAt: number;
}

/** Keys of machines: made, listed and deleted by their owners, and verified from memory while they are in use. */
@scoped(Lifecycle.ContainerScoped)
export class ApiKeys {
  readonly #verified = new Map<string, Verified>();
  readonly #useRecorded = new Map<string, number>();
  /** Counts deletions: a row that was read before one must not be remembered after it. */
  #deletions = 0;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(LOGGER) private readonly logger: Logger,
    private readonly events: EventBus,
  ) {}

  async create(ownerId: string, input: ApiKeyInput): Promise<IssuedApiKey> {
    check(input);
    const secret = API_KEY_PREFIX + newSecret();
    const apiKey = this.#keys().create({
      id: newId(),
      ownerId,
      name: input.name.trim(),
      scopes: SCOPES.filter((scope) => input.scopes.includes(scope)),
      keyHash: hashSecret(secret),
      hint: secret.slice(0, HINT_LENGTH),
      expiresAt: input.expiresAt ?? null,
      lastUsedAt: null,
      createdAt: new Date(),
    });
    await this.dataSource.transaction(async (manager) => {
      const keys = manager.getRepository(ApiKey);
      if ((await keys.countBy({ ownerId })) >= MAXIMUM_KEYS) {
        throw conflict(`You have ${MAXIMUM_KEYS} API keys: delete one first`);
      }
      await keys.insert(apiKey);
    });
    return { apiKey, secret };
  }

  /** All of the owner's, the newest first. */
  list(ownerId: string): Promise<ApiKey[]> {
    return this.#keys().find({ where: { ownerId }, order: { createdAt: 'DESC', id: 'DESC' } });
  }

  /** It holds no longer: at once in this process, within seconds in others. */
  async delete(ownerId: string, id: string): Promise<void> {
    const { affected } = await this.#keys().delete({ id, ownerId });
    if (affected === 0) throw notFound('API key');
    this.#forget(ownerId, new Set([id]));
  }

  async deleteAllOf(ownerId: string, manager: EntityManager = this.dataSource.manager): Promise<void> {
    const rows = manager.getRepository(ApiKey);
    const keys = await rows.findBy({ ownerId });
    await rows.delete({ ownerId });
    this.#forget(ownerId, new Set(keys.map(({ id }) => id)));
  }

  /** Whose key this is; throws `authentication_error`, or `token_expired` for one that has run out. */
  async verify(secret: string): Promise<Principal> {
    const keyHash = hashSecret(secret);
    const known = this.#verified.get(keyHash);
    const isTrusted = known !== undefined && known.checkedAt + TRUSTED_MS > Date.now();
    const { principal, expiresAt } = isTrusted ? known : await this.#read(keyHash);
    if (expiresAt <= Date.now()) throw tokenExpired('API key has expired');
    this.#recordUse(principal.sessionId);
    return principal;
  }

  async #read(keyHash: string): Promise<Verified> {
    const deletions = this.#deletions;
    this.#verified.delete(keyHash);
    const key = await this.#keys().findOneBy({ keyHash });
    const owner = key && (await this.dataSource.getRepository(User).findOneBy({ id: key.ownerId }));
    if (key === null || owner === null) throw notAuthenticated();
    const verified = {
      // An administrator's powers stay with the person.
      principal: {
        userId: owner.id,
        email: owner.email,
        role: 'user',
        sessionId: key.id,
        apiKey: { id: key.id, scopes: key.scopes },
      },
      expiresAt: key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
      checkedAt: Date.now(),
    } as const satisfies Verified;
    if (deletions === this.#deletions) this.#remember(keyHash, verified);
    return verified;
  }

  #remember(keyHash: string, verified: Verified): void {
    if (this.#verified.size >= CACHE_SIZE) this.#verified.delete(this.#verified.keys().next().value!);
    this.#verified.set(keyHash, verified);
  }

  #forget(ownerId: string, ids: ReadonlySet<string>): void {
    this.#deletions++;
    for (const [keyHash, { principal }] of this.#verified) {
      if (ids.has(principal.sessionId)) this.#verified.delete(keyHash);
    }
    for (const id of ids) this.events.publish({ type: 'credential.revoked', ownerId, subjectId: id });
  }

  /** Behind the request's back: no request waits for this write, and none fails with it. */
  #recordUse(id: string): void {
    const now = Date.now();
    if ((this.#useRecorded.get(id) ?? 0) + USE_RECORDED_EVERY_MS > now) return;
    if (this.#useRecorded.size >= CACHE_SIZE) this.#useRecorded.clear();
    this.#useRecorded.set(id, now);
    this.#keys()
      .update(id, { lastUsedAt: new Date(now) })
      .catch((error: unknown) => this.logger.warn({ err: error }, 'the use of an API key was not recorded'));
  }

  #keys() {
    return this.dataSource.getRepository(ApiKey);
  }
}

function check({ name, scopes, expiresAt }: ApiKeyInput): void {
  const errors: FieldError[] = [];
  const { length } = name.trim();
  if (length < 1 || length > MAXIMUM_KEY_NAME) {
    errors.push({ field: 'name', message: `Must have 1 to ${MAXIMUM_KEY_NAME} characters`, code: 'range_error' });
  }
  if (scopes.length === 0) {
    errors.push({ field: 'scopes', message: `Name at least one: ${SCOPES.join(', ')}`, code: 'range_error' });
  }
  if (expiresAt != null && expiresAt.getTime() <= Date.now()) {
    errors.push({ field: 'expires_at', message: 'Must lie in the future', code: 'range_error' });
  }
  if (errors.length > 0) throw invalid(...errors);
}
