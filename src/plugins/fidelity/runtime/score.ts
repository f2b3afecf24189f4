/** A finite number, or the reason why there is none. */
export type Score =
  { readonly value: number; readonly reason?: undefined } | { readonly value: null; readonly reason: string };

export function known(value: number): Score {
  return Number.isFinite(value) ? { value } : unknown('The arithmetic overflowed');
}

export function unknown(reason: string): Score {
  return { value: null, reason };
}

/** The mean of the scores that could be computed. */
export function meanScore(scores: readonly Score[], whenNone: string): Score {
  let sum = 0;
  let count = 0;
  for (const { value } of scores) {
    if (value === null) continue;
    sum += value;
    count++;
  }
  return count === 0 ? unknown(whenNone) : known(sum / count);
}
