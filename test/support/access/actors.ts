import { vi } from 'vitest';
import { newId } from '../../../src/core/app/ids.js';
import { ACCESS_TOKENS, DATA_SOURCE } from '../../../src/core/app/tokens.js';
import { RefreshTokens } from '../../../src/core/auth/refresh-tokens.js';
import { ApiKeys } from '../../../src/core/auth/api-keys.js';
import { type Scope, SCOPES } from '../../../src/core/auth/policies.js';
import { User } from '../../../src/core/auth/user.entity.js';
import type { TestStudio } from '../studio.js';

const DAY = 86_400_000;

/** Credentials of one account. Each session is a new one, so that a call that ends it spoils no other. */
export class Actor {
  private constructor(
    private readonly studio: TestStudio,
    readonly user: User,
    private readonly keys: ReadonlyMap<string, string>,
  ) {}

  static async of(studio: TestStudio, email: string): Promise<Actor> {
    const user = await studio.container.resolve(DATA_SOURCE).getRepository(User).findOneByOrFail({ email });
    const keys = new Map<string, string>();
    for (const scopes of [...SCOPES.map((scope) => [scope]), [...SCOPES]]) {
      const { secret } = await studio.container.resolve(ApiKeys).create(user.id, { name: 'walk', scopes });
      keys.set(scopes.join(), secret);
    }
    return new Actor(studio, user, keys);
  }

  session(sessionId = newId()): Promise<string> {
    return this.studio.container.resolve(ACCESS_TOKENS).sign(this.user, sessionId);
  }

  async expired(): Promise<string> {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - DAY });
    try {
      return await this.session();
    } finally {
      vi.useRealTimers();
    }
  }

  async revoked(): Promise<string> {
    const sessionId = newId();
    await this.studio.container.resolve(RefreshTokens).revoke(this.user.id, sessionId);
    return this.session(sessionId);
  }

  key(...scopes: Scope[]): string {
    return this.keys.get(scopes.join())!;
  }

  get fullKey(): string {
    return this.key(...SCOPES);
  }
}
