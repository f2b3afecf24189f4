import { inject, Lifecycle, scoped } from 'tsyringe';
import { DataSource, type EntityManager } from 'typeorm';
import type { StudioConfig } from '../app/config.js';
import { newId } from '../app/ids.js';
import { CONFIG, DATA_SOURCE } from '../app/tokens.js';
import { AuthService, isEmailAddress, normaliseEmail, type TokenPair } from '../auth/auth.service.js';
import { NO_PASSWORD } from '../auth/passwords.js';
import { User } from '../auth/user.entity.js';
import { conflict, StudioError } from '../errors/index.js';
import { isUniqueViolation } from '../persistence/database-errors.js';
import { disableWebhook } from '../webhooks/delivery-transitions.js';
import { Webhook } from '../webhooks/webhook.entity.js';
import { Identity } from './identity.entity.js';

/** Who a provider says has logged in, once its word has been checked. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly name: string | undefined;
}

interface ProviderRules {
  readonly name: string;
  readonly allowRegistration: boolean;
}

const LONGEST_NAME = 200;

/**
 * Leads people from a provider to their accounts: by the identity where it is known, by a verified e-mail address where
 * the account exists, to a new account otherwise.
 */
@scoped(Lifecycle.ContainerScoped)
export class Identities {
  constructor(
    @inject(DATA_SOURCE) private readonly dataSource: DataSource,
    @inject(CONFIG) private readonly config: StudioConfig,
    private readonly auth: AuthService,
  ) {}

  /** `address` is the browser's. Throws `permission_denied` or `conflict`, with the reason, where the person has no account and gets none. */
  async logIn(provider: ProviderRules, person: ProvenIdentity, address: string): Promise<TokenPair> {
    const find = () => this.dataSource.transaction((manager) => this.#findOrMake(manager, provider, person));
    const user = await find().catch((error: unknown) => {
      // The same person came twice at once, and the other was first: now there is an account to be found.
      if (isUniqueViolation(error)) return find();
      throw error;
    });
    return this.auth.startSession(user, address);
  }

  async #findOrMake(manager: EntityManager, provider: ProviderRules, person: ProvenIdentity): Promise<User> {
    const { issuer, subject } = person;
    const known = await manager.getRepository(Identity).findOneBy({ issuer, subject });
    if (known !== null) return recognise(manager, known, person);
    const email = emailOf(provider, person);
    const owner = await manager.getRepository(User).findOneBy({ email });
    return owner === null ? make(manager, provider, person, email) : this.#link(manager, provider, person, owner);
  }

  async #link(manager: EntityManager, provider: ProviderRules, person: ProvenIdentity, owner: User): Promise<User> {
    if (!person.emailVerified) {
      throw conflict(
        `${owner.email} has an account already, and ${provider.name} does not vouch for the address: log in as before`,
      );
    }
    const identities = manager.getRepository(Identity);
    const isOwners =
      owner.email === this.config.admin?.email ||
      (await identities.existsBy({ userId: owner.id, emailVerified: true }));
    if (!isOwners) {
      // Whoever made the account never showed that the address is theirs, and may have laid it as a trap for its owner.
      await identities.delete({ userId: owner.id });
      await this.auth.endAllAccess(owner.id, manager);
      await disableWebhooksOf(manager, owner.id);
    }
    await add(manager, person, owner.id);
    return owner;
  }
}

async function disableWebhooksOf(manager: EntityManager, ownerId: string): Promise<void> {
  const webhooks = await manager.findBy(Webhook, { ownerId });
  for (const { id } of webhooks) await disableWebhook(manager, id, 'The account went to the owner of its address');
}

async function recognise(manager: EntityManager, known: Identity, person: ProvenIdentity): Promise<User> {
  const user = await manager.getRepository(User).findOneByOrFail({ id: known.userId });
  const isTheirs = person.emailVerified && normaliseEmail(person.email ?? '') === user.email;
  if (isTheirs && !known.emailVerified) await manager.getRepository(Identity).update(known.id, { emailVerified: true });
  return user;
}

function emailOf({ name }: ProviderRules, { email }: ProvenIdentity): string {
  if (email === undefined || !isEmailAddress(email)) {
    throw new StudioError('permission_denied', `${name} gave no e-mail address, which an account needs`);
  }
  return normaliseEmail(email);
}

async function make(manager: EntityManager, provider: ProviderRules, person: ProvenIdentity, email: string) {
  if (!provider.allowRegistration) {
    throw new StudioError('permission_denied', `${email} has no account here, and ${provider.name} makes none`);
  }
  const now = new Date();
  const user = manager.getRepository(User).create({
    id: newId(),
    email,
    name: person.name?.slice(0, LONGEST_NAME) ?? null,
    role: 'user',
    passwordHash: NO_PASSWORD,
    createdAt: now,
    updatedAt: now,
  });
  await manager.getRepository(User).insert(user);
  await add(manager, person, user.id);
  return user;
}

async function add(manager: EntityManager, person: ProvenIdentity, userId: string): Promise<void> {
  const { issuer, subject, emailVerified } = person;
  await manager
    .getRepository(Identity)
    .insert({ id: newId(), issuer, subject, userId, emailVerified, createdAt: new Date() });
}
