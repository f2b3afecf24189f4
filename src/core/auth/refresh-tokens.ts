import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, IsNull, MoreThan } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { EventBus } from '../events/index.js';
import { notAuthenticated } from './access-tokens.js';
import { hashSecret, newSecret } from './credentials.js';
import { RefreshToken } from './refresh-token.entity.js';

export interface IssuedRefreshToken {
  readonly token: string;
  readonly userId: string;
  readonly familyId: string;
}

/** Rotating refresh tokens: RFC 9700, section 4.14.2. Kept as hashes; a token used twice ends its whole family. */
@scoped(Lifecycle.ContainerScoped)
export class RefreshTokens {
  /** Families ended while their access tokens may still be alive, with the time when the last of these runs out. */
  readonly #revoked = new Map<string, number>();

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
    private readonly events: EventBus,
  ) {}

  /** Remembers the families that were ended lately, so that a restart brings no access token back to life. */
  async load(): Promise<void> {
    const since = new Date(Date.now() - this.config.accessTokenTtl);
    const rows = await this.dataSource.getRepository(RefreshToken).findBy({ revokedAt: MoreThan(since) });
    for (const row of rows) this.#revoked.set(row.familyId, row.revokedAt!.getTime() + this.config.accessTokenTtl);
  }

  isRevoked(familyId: string): boolean {
    return this.#revoked.has(familyId);
  }

  issue(userId: string): Promise<IssuedRefreshToken> {
    return this.#add(this.dataSource.manager, userId, newId());
  }

  async rotate(token: string): Promise<IssuedRefreshToken> {
    const outcome = await this.dataSource.transaction(async (manager) => {
      const tokens = manager.getRepository(RefreshToken);
      const row = await tokens.findOneBy({ tokenHash: hashSecret(token) });
      if (row === null || row.revokedAt !== null || row.expiresAt.getTime() <= Date.now()) return null;
      // The compare-and-set decides which of two concurrent uses is the first.
      const used = await tokens.update({ id: row.id, usedAt: IsNull() }, { usedAt: new Date() });
      return used.affected === 1
        ? this.#add(manager, row.userId, row.familyId)
        : { reused: row.familyId, ownerId: row.userId };
    });
    if (outcome === null) throw notAuthenticated();
    if ('reused' in outcome) {
      await this.revoke(outcome.ownerId, outcome.reused);
      throw notAuthenticated();
    }
    return outcome;
  }

  async revoke(userId: string, familyId: string): Promise<void> {
    await this.dataSource
      .getRepository(RefreshToken)
      .update({ familyId, revokedAt: IsNull() }, { revokedAt: new Date() });
    this.#end(userId, familyId);
  }

  async revokeAllOf(userId: string, manager: EntityManager = this.dataSource.manager): Promise<void> {
    const tokens = manager.getRepository(RefreshToken);
    const live = await tokens.findBy({ userId, revokedAt: IsNull() });
    await tokens.update({ userId, revokedAt: IsNull() }, { revokedAt: new Date() });
    for (const familyId of new Set(live.map((token) => token.familyId))) this.#end(userId, familyId);
  }

  #end(userId: string, familyId: string): void {
    const now = Date.now();
    for (const [id, until] of this.#revoked) if (until < now) this.#revoked.delete(id);
    this.#revoked.set(familyId, now + this.config.accessTokenTtl);
    this.events.publish({ type: 'credential.revoked', ownerId: userId, subjectId: familyId });
  }

  async #add(manager: EntityManager, userId: string, familyId: string): Promise<IssuedRefreshToken> {
    const token = newSecret();
    const now = Date.now();
    await manager.getRepository(RefreshToken).insert({
      id: newId(),
      userId,
      familyId,
      tokenHash: hashSecret(token),
      expiresAt: new Date(now + this.config.refreshTokenTtl),
      usedAt: null,
      revokedAt: null,
      createdAt: new Date(now),
    });
    return { token, userId, familyId };
  }
}
