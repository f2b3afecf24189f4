import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager, In, LessThan } from 'typeorm';
import type { StudioConfig } from '../../app/config.js';
import { CONFIG, DATA_SOURCE } from '../../app/tokens.js';
import { StudioError } from '../../errors/index.js';
import { brakesOn, type CountedBrake, delayAfter, type LoginPlace, pairKey } from './brakes.js';
import { KnownAddress } from './known-address.entity.js';
import { LoginFailures } from './login-failures.entity.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Milliseconds after the last failure when all are forgotten. */
const FAILURES_KEPT_MS = DAY;
const KNOWN_FOR_MS = 90 * DAY;

/**
 * Slows down the guessing of passwords, by account and address, without letting a stranger lock an account. The counts
 * are rows, shared by all processes.
 */
@scoped(Lifecycle.ContainerScoped)
export class LoginSlowing {
  #sweptAt = 0;

  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
  ) {}

  /**
   * Whether the password is right, as `verify` finds; throws `rate_limit_exceeded` where too many were wrong. An answer
   * counts only if the way was still free when it was found: guesses made all at once gain nothing over those made one
   * after the other.
   */
  async attempt(place: LoginPlace, verify: () => Promise<boolean>): Promise<boolean> {
    if (this.config.freeLoginFailures === 0) return verify();
    await this.#admit(this.dataSource.manager, place);
    const isRight = await verify();
    await this.dataSource.transaction(async (manager) => {
      const { brakes, counts } = await this.#admit(manager, place);
      if (isRight) await this.#succeed(manager, place);
      else await this.#fail(manager, brakes, counts);
    });
    return isRight;
  }

  /** The owner has shown otherwise to be at this address: what strangers do elsewhere slows nobody down here. */
  async ownerIsAt(place: LoginPlace): Promise<void> {
    if (this.config.freeLoginFailures > 0) await this.#remember(this.dataSource.manager, place);
  }

  /** The same queries and the same answer, whether the account exists or not. */
  async #admit(manager: EntityManager, place: LoginPlace) {
    const now = Date.now();
    const known = await manager.getRepository(KnownAddress).findOneBy({ key: pairKey(place) });
    const isKnown = known !== null && known.lastSeenAt.getTime() > now - KNOWN_FOR_MS;
    const brakes = brakesOn(place, isKnown);
    const rows = await manager.getRepository(LoginFailures).findBy({ key: In(brakes.map(({ key }) => key)) });
    const wait = Math.max(0, ...rows.map(({ retryAt }) => retryAt.getTime() - now));
    if (wait > 0) throw tooMany(Math.ceil(wait / 1000));
    const counted = rows.filter(({ lastFailureAt }) => lastFailureAt.getTime() > now - FAILURES_KEPT_MS);
    return { brakes, counts: new Map(counted.map(({ key, failures }) => [key, failures])) };
  }

  async #succeed(manager: EntityManager, place: LoginPlace): Promise<void> {
    await manager.getRepository(LoginFailures).delete({ key: pairKey(place) });
    await this.#remember(manager, place);
  }

  async #remember(manager: EntityManager, place: LoginPlace): Promise<void> {
    const addresses = manager.getRepository(KnownAddress);
    const key = pairKey(place);
    const now = Date.now();
    const known = await addresses.findOneBy({ key });
    if (known !== null && known.lastSeenAt.getTime() > now - DAY) return;
    await addresses.upsert({ key, lastSeenAt: new Date(now) }, ['key']);
  }

  async #fail(
    manager: EntityManager,
    brakes: readonly CountedBrake[],
    counts: ReadonlyMap<string, number>,
  ): Promise<void> {
    const now = Date.now();
    const rows = brakes.map(({ key, brake }) => {
      const failures = (counts.get(key) ?? 0) + 1;
      const delay = delayAfter(failures, brake, this.config.freeLoginFailures);
      return { key, failures, lastFailureAt: new Date(now), retryAt: new Date(now + delay) };
    });
    await manager.getRepository(LoginFailures).upsert(rows, ['key']);
    if (this.#sweptAt + HOUR < now) await this.#sweep(manager, now);
  }

  /** Rows that no longer count for anything. */
  async #sweep(manager: EntityManager, now: number): Promise<void> {
    this.#sweptAt = now;
    await manager.getRepository(LoginFailures).delete({ lastFailureAt: LessThan(new Date(now - FAILURES_KEPT_MS)) });
    await manager.getRepository(KnownAddress).delete({ lastSeenAt: LessThan(new Date(now - KNOWN_FOR_MS)) });
  }
}

function tooMany(seconds: number): StudioError {
  const detail = `Too many failed logins: try again in ${seconds} s`;
  return new StudioError('rate_limit_exceeded', detail, { retryAfter: seconds });
}
