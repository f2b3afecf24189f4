import { cryptographicNoise } from '../../src/core/plugin-api/index.js';

export const CANARIES = 1000;
/** Fixed beforehand, or the bound would be chosen by its outcome. */
export const GUESSES = 300;

/** A fair coin for each canary. */
export function tossCoins(): boolean[] {
  const source = cryptographicNoise();
  return Array.from({ length: CANARIES }, () => (source.word() & 1) === 1);
}

export const canaryName = (i: number): string => `canary ${i}`;
