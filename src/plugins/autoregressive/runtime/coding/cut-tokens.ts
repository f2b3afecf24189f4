import type { QuantilePieces } from '../../../../core/plugin-api/index.js';

export interface CutOptions {
  /** Share of the rows at which a stretch is full. */
  readonly fullAt: number;
  /** Whether piece `j`, a single value of probability `mass`, is a token by itself. */
  readonly standsAlone: (j: number, mass: number) => boolean;
}

/** A piece's share may fall short of a full stretch by rounding. */
const NEARLY = 0.99;

/**
 * Joins the pieces of a quantile function into stretches, and cuts long pieces into several: bounds on its axis of
 * probabilities.
 */
export function cutIntoTokens({ probabilities, starts, ends }: QuantilePieces, options: CutOptions): Float64Array {
  const cuts = [0];
  // Where the last stretch that may take up more pieces began; −1 when the last one stands alone.
  let open = -1;
  for (let j = 0; j < starts.length; j++) {
    const from = probabilities[j]!;
    const to = probabilities[j + 1]!;
    if (starts[j] === ends[j] && options.standsAlone(j, to - from)) {
      cuts.push(to);
      open = -1;
      continue;
    }
    const parts = Math.round((to - from) / options.fullAt);
    if (parts > 1 && starts[j] !== ends[j]) {
      for (let part = 1; part <= parts; part++) cuts.push(part === parts ? to : from + ((to - from) * part) / parts);
      open = -1;
      continue;
    }
    const isOpen = open >= 0 && to - open <= options.fullAt / NEARLY;
    if (isOpen) cuts.pop();
    else open = from;
    cuts.push(to);
  }
  return Float64Array.from(cuts);
}
