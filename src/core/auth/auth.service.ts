import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { ACCESS_TOKENS, CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { invalid, StudioError } from '../errors/index.js';
import { isUniqueViolation } from '../persistence/database-errors.js';
import { sql } from '../persistence/sql.js';
import { TableReader } from '../persistence/table-reader.js';
import { type AccessTokens, notAuthenticated, type Principal } from './access-tokens.js';
import { ApiKeys } from './api-keys.js';
import { isApiKey } from './credentials.js';
import type { LoginPlace } from './login/brakes.js';
import { LoginSlowing } from './login/login-slowing.js';
import { hashPassword, NO_PASSWORD, verifyPassword } from './passwords.js';
import { type IssuedRefreshToken, RefreshTokens } from './refresh-tokens.js';
import { type Role, User } from './user.entity.js';

export interface TokenPair {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  /** Seconds. */
  readonly refreshExpiresIn: number;
  readonly userId: string;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name?: string | null;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
  /** Where the request comes from. */
  readonly address: string;
  readonly revokeApiKeys?: boolean;
}

/** Of the characters that RFC 5322 allows, with a domain of at least two parts. */
const emailAddress = z.email({ pattern: z.regexes.rfc5322Email });
const LONGEST_EMAIL = 254;
export const MINIMUM_PASSWORD = 8;
export const MAXIMUM_PASSWORD = 128;

@scoped(Lifecycle.ContainerScoped)
export class AuthService {
  readonly #accounts: TableReader<User>;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
    @inject(ACCESS_TOKENS) private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly apiKeys: ApiKeys,
    private readonly slowing: LoginSlowing,
  ) {
    this.#accounts = new TableReader(dataSource, User);
  }

  /** Makes the administrator of the configuration, once. */
  async ensureAdmin(): Promise<void> {
    const { admin } = this.config;
    if (admin === undefined) return;
    const existing = await this.#users().findOneBy({ email: admin.email });
    if (existing === null) await this.#insert(admin, 'admin');
    else if (existing.role !== 'admin') await this.#users().update(existing.id, { role: 'admin' });
  }

  register(input: Registration): Promise<User> {
    return this.#insert(input, 'user');
  }

  /** Throws `authentication_error`, or `rate_limit_exceeded` after too many failures. */
  async login(email: string, password: string, address: string): Promise<TokenPair> {
    const place = { email: normaliseEmail(email), address };
    const user = await this.#users().findOneBy({ email: place.email });
    if (!(await this.#checkPassword(place, user?.passwordHash, password)) || user === null) throw incorrect();
    return this.#begin(user);
  }

  /** A session of somebody who has shown in another way than by a password who they are, and where. */
  async startSession(user: User, address: string): Promise<TokenPair> {
    await this.slowing.ownerIsAt({ email: user.email, address });
    return this.#begin(user);
  }

  /** Whatever let anybody into the account holds no longer: its password, its sessions and its API keys. */
  async endAllAccess(userId: string, manager: EntityManager): Promise<void> {
    await manager.getRepository(User).update(userId, { passwordHash: NO_PASSWORD, updatedAt: new Date() });
    await this.refreshTokens.revokeAllOf(userId, manager);
    await this.apiKeys.deleteAllOf(userId, manager);
  }

  async refresh(refreshToken: string, address: string): Promise<TokenPair> {
    const issued = await this.refreshTokens.rotate(refreshToken);
    const user = await this.#users().findOneBy({ id: issued.userId });
    if (user === null) throw notAuthenticated();
    await this.slowing.ownerIsAt({ email: user.email, address });
    return this.#pair(user, issued);
  }

  /** Ends the session: its refresh tokens, and its access tokens too. */
  logout(principal: Principal): Promise<void> {
    return this.refreshTokens.revoke(principal.userId, principal.sessionId);
  }

  /** Whose access token or API key this is; throws `token_expired` or `authentication_error`. */
  async authenticate(token: string): Promise<Principal> {
    if (isApiKey(token)) return this.apiKeys.verify(token);
    const principal = await this.accessTokens.verify(token);
    if (this.refreshTokens.isRevoked(principal.sessionId)) throw notAuthenticated();
    return principal;
  }

  /** Whose account an e-mail address stands for, for the record; null for none. */
  async accountId(email: string): Promise<string | null> {
    const user = await this.#users().findOne({ where: { email: normaliseEmail(email) }, select: { id: true } });
    return user?.id ?? null;
  }

  async user(id: string): Promise<User> {
    const user = await this.#accounts.one(sql`"id" = ${id}`);
    if (user === null) throw notAuthenticated();
    return user;
  }

  async updateProfile(principal: Principal, change: { readonly name: string | null }): Promise<User> {
    await this.#users().update(principal.userId, { name: change.name, updatedAt: new Date() });
    return this.user(principal.userId);
  }

  /** Ends every session of the user, this one included; API keys live on unless they are to go too. */
  async changePassword(principal: Principal, { current, next, address, revokeApiKeys }: PasswordChange): Promise<void> {
    const user = await this.user(principal.userId);
    const place = { email: user.email, address };
    if (!(await this.#checkPassword(place, user.passwordHash, current))) throw incorrect();
    checkPassword(next, 'new_password');
    await this.#users().update(user.id, { passwordHash: await hashPassword(next), updatedAt: new Date() });
    await this.refreshTokens.revokeAllOf(user.id);
    if (revokeApiKeys === true) await this.apiKeys.deleteAllOf(user.id);
  }

  async #insert(input: Registration, role: Role): Promise<User> {
    const email = normaliseEmail(input.email);
    if (!isEmailAddress(email)) {
      throw invalid({ field: 'email', message: 'Must be an e-mail address', code: 'invalid_format' });
    }
    checkPassword(input.password, 'password');
    const now = new Date();
    const user = this.#users().create({
      id: newId(),
      email,
      name: input.name ?? null,
      role,
      passwordHash: await hashPassword(input.password),
      createdAt: now,
      updatedAt: now,
    });
    try {
      await this.#users().insert(user);
    } catch (error) {
      if (isUniqueViolation(error)) throw new StudioError('already_exists', 'Email already registered');
      throw error;
    }
    return user;
  }

  #checkPassword(place: LoginPlace, passwordHash: string | undefined, password: string): Promise<boolean> {
    return this.slowing.attempt(
      place,
      async () => password.length <= MAXIMUM_PASSWORD && (await verifyPassword(passwordHash, password)),
    );
  }

  async #begin(user: User): Promise<TokenPair> {
    return this.#pair(user, await this.refreshTokens.issue(user.id));
  }

  async #pair(user: User, issued: IssuedRefreshToken): Promise<TokenPair> {
    return {
      accessToken: await this.accessTokens.sign(user, issued.familyId),
      expiresIn: Math.floor(this.config.accessTokenTtl / 1000),
      refreshToken: issued.token,
      refreshExpiresIn: Math.floor(this.config.refreshTokenTtl / 1000),
      userId: user.id,
    };
  }

  #users() {
    return this.dataSource.getRepository(User);
  }
}

export function isEmailAddress(text: string): boolean {
  const email = normaliseEmail(text);
  return email.length <= LONGEST_EMAIL && emailAddress.safeParse(email).success;
}

function incorrect(): StudioError {
  return new StudioError('authentication_error', 'Incorrect email or password');
}

export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

function checkPassword(password: string, field: string): void {
  if (password.length < MINIMUM_PASSWORD || password.length > MAXIMUM_PASSWORD) {
    const message = `Must have between ${MINIMUM_PASSWORD} and ${MAXIMUM_PASSWORD} characters`;
    throw invalid({ field, message, code: 'range_error' });
  }
}
