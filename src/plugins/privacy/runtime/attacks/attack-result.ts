import { type Rate, successRate } from '../../../../core/plugin-api/index.js';

/** How often an attack succeeded on training rows, and the same attack on people outside. */
export interface AttackResult {
  readonly attacks: number;
  readonly attack: Rate;
  readonly control: Rate;
}

/** So many successes in so many attacks, on either side. */
export function countedResult(inside: Counted, outside: Counted): AttackResult {
  return {
    attacks: inside.attacks,
    attack: successRate(inside.successes, inside.attacks),
    control: successRate(outside.successes, outside.attacks),
  };
}

export interface Counted {
  readonly attacks: number;
  readonly successes: number;
}

/** An attack that could be made, or why it could not. */
export type Attempt =
  { readonly result: AttackResult; readonly reason?: undefined } | { readonly result: null; readonly reason: string };

export function failed(reason: string): Attempt {
  return { result: null, reason };
}

/** Why no attack of any sort is possible, or null. */
export function whyNoAttack(released: number, training: number, control: number | null): string | null {
  if (control === null) return 'There are no held-out rows to compare with';
  return released === 0 || training === 0 || control === 0 ? 'There are no rows to attack' : null;
}
