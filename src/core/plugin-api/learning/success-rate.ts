/** z of a two-sided 95 % interval. */
const Z = 1.959963984540054;

/** A rate, and half the width of its 95 % interval. */
export interface Rate {
  readonly value: number;
  readonly error: number;
}

/**
 * How often something succeeds, from so many successes in so many attempts, at least one: the centre and half width of
 * Wilson's interval ("Probable inference", 1927), which stays within 0 to 1 and is not certain after few attempts.
 */
export function successRate(successes: number, attempts: number, z = Z): Rate {
  const weight = attempts + z * z;
  const value = (successes + (z * z) / 2) / weight;
  const error = (z / weight) * Math.sqrt((successes * (attempts - successes)) / attempts + (z * z) / 4);
  return { value, error };
}

/** 0 to 1, with its 95 % interval. */
export interface Risk {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * What an attack gains over the same attack on people who were not in the data: (attack − control) / (1 − control), below 0
 * where it gains nothing (Giomi et al., "A unified framework for quantifying privacy risk in synthetic data", PoPETS
 * 2023). The error carries those of both rates, to first order.
 */
export function attackGain(attack: Rate, control: Rate): Rate {
  const room = 1 - control.value;
  const byAttack = attack.error / room;
  const byControl = ((attack.value - 1) * control.error) / room ** 2;
  return { value: (attack.value - control.value) / room, error: Math.hypot(byAttack, byControl) };
}

/** A gain as a risk: cut to 0 to 1, with the ends of its interval. */
export function toRisk({ value, error }: Rate): Risk {
  return { value: clamp(value), low: clamp(value - error), high: clamp(value + error) };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
