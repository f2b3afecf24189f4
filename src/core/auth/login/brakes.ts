import { hashSecret } from '../credentials.js';
import { addressKey } from '../../limits/address-key.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How failed logins of one kind slow down the next ones. */
export interface Brake {
  /** Failures that cost nothing, as a multiple of the configured number. */
  readonly patience: number;
  /** Milliseconds that an attempt waits at most. */
  readonly longest: number;
}

/** An account from one address: who mistypes, and who guesses one password after the other. */
const PAIR: Brake = { patience: 1, longest: 15 * MINUTE };
/** One address, all accounts: one password tried on everybody. Many people may share an address. */
const ADDRESS: Brake = { patience: 10, longest: 15 * MINUTE };
/** One account, all addresses: guesses from many machines. Short, as it meets the owner at a new address too. */
const ACCOUNT: Brake = { patience: 20, longest: MINUTE };

/** A brake with the key that its failures are counted under. */
export interface CountedBrake {
  readonly key: string;
  readonly brake: Brake;
}

export interface LoginPlace {
  /** Of the account, which may not exist: it is slowed down all the same. */
  readonly email: string;
  readonly address: string;
}

/** What an account and an address are known by together; also the key of their brake. */
export function pairKey({ email, address }: LoginPlace): string {
  return hashSecret(`pair ${addressKey(address)} ${email}`);
}

/**
 * The brakes on an attempt. Where the owner has logged in before, what strangers do elsewhere or to others counts for
 * nothing: otherwise they could lock the account by failing.
 */
export function brakesOn(place: LoginPlace, isKnown: boolean): CountedBrake[] {
  const pair = { key: pairKey(place), brake: PAIR };
  if (isKnown) return [pair];
  return [
    pair,
    { key: hashSecret(`address ${addressKey(place.address)}`), brake: ADDRESS },
    { key: hashSecret(`account ${place.email}`), brake: ACCOUNT },
  ];
}

/** Milliseconds to wait after so many failures: nothing, then a second, doubled by each further one up to the bound. */
export function delayAfter(failures: number, { patience, longest }: Brake, free: number): number {
  const excess = failures - patience * free;
  return excess < 0 ? 0 : Math.min(longest, SECOND * 2 ** excess);
}
