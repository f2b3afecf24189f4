import { type ColumnKind, RandomStream } from '../../../core/plugin-api/index.js';
import { fitMixture, type Mixture } from './mixture.js';

/**
 * A column of numbers as CTGAN sees it: a component, and where in the component the value lies. Components are, in this
 * order, the spikes (values of many rows, kept exactly), the modes of a mixture, and, if any are, the missing values.
 */
export interface NumericEncoding {
  readonly type: 'numeric';
  readonly spikes: readonly number[];
  readonly modes: Mixture;
  readonly hasMissing: boolean;
  /** Of the values learned from: nothing beyond them comes out. Absent when all are missing. */
  readonly range: readonly [number, number] | null;
  /** Every value is a multiple of it, as far as the rows show. 0: no such step. */
  readonly quantum: number;
}

/** A value of so many standard deviations lies at ±1; what lies further is clipped. */
const DEVIATIONS = 4;
const CLIP = 0.99;
const SPIKE_SHARE = 0.03;
const SPIKE_ROWS = 10;
const MAX_SPIKES = 10;
const DATETIME_STEPS = [86_400_000, 3_600_000, 60_000, 1000];
const MAX_PLACES = 12;
const ROWS_BETWEEN_TICKS = 65_536;

export function fitNumeric(values: Float64Array, kind: ColumnKind, seed: number, purpose: string): NumericEncoding {
  const present = values.filter((value) => !Number.isNaN(value)).toSorted();
  const spikes = findSpikes(present);
  const isSpike = new Set(spikes);
  return {
    type: 'numeric',
    spikes,
    modes: fitMixture(
      present.filter((value) => !isSpike.has(value)),
      seed,
      purpose,
    ),
    hasMissing: present.length < values.length,
    range: present.length > 0 ? [present[0]!, present.at(-1)!] : null,
    quantum: findQuantum(present, kind),
  };
}

export function componentCount({ spikes, modes, hasMissing }: NumericEncoding): number {
  return spikes.length + modes.means.length + (hasMissing ? 1 : 0);
}

export interface EncodedNumbers {
  readonly components: Int32Array;
  readonly scalars: Float32Array;
}

/**
 * Each row's component, drawn from its posterior, and its place in it: (value − mean) / (4 standard deviations).
 * @param tick awaited every so many rows.
 */
export async function encodeNumeric(
  encoding: NumericEncoding,
  values: Float64Array,
  random: RandomStream,
  tick: () => Promise<void>,
): Promise<EncodedNumbers> {
  const out = { components: new Int32Array(values.length), scalars: new Float32Array(values.length) };
  const encodeRow = rowEncoder(encoding, out);
  for (let start = 0; start < values.length; start += ROWS_BETWEEN_TICKS) {
    await tick();
    const end = Math.min(start + ROWS_BETWEEN_TICKS, values.length);
    for (let row = start; row < end; row++) encodeRow(row, values[row]!, random.uniformAt(row));
  }
  return out;
}

function rowEncoder({ spikes, modes }: NumericEncoding, { components, scalars }: EncodedNumbers) {
  const spikeOf = new Map(spikes.map((value, i) => [value, i]));
  const draw = posteriorSampler(modes);
  return (row: number, value: number, uniform: number): void => {
    const spike = spikeOf.get(value);
    if (spike !== undefined) components[row] = spike;
    else if (Number.isNaN(value)) components[row] = spikes.length + modes.means.length;
    else {
      const mode = draw(value, uniform);
      components[row] = spikes.length + mode;
      const scale = DEVIATIONS * modes.deviations[mode]!;
      const scalar = scale > 0 ? (value - modes.means[mode]!) / scale : 0;
      scalars[row] = Math.min(Math.max(scalar, -CLIP), CLIP);
    }
  };
}

/** The number that a component and a place in it stand for; NaN is missing. */
export function decodeNumeric(encoding: NumericEncoding, component: number, scalar: number): number {
  const { spikes, modes, range, quantum } = encoding;
  if (component < spikes.length) return spikes[component]!;
  const mode = component - spikes.length;
  if (mode >= modes.means.length) return Number.NaN;
  const value = modes.means[mode]! + DEVIATIONS * modes.deviations[mode]! * scalar;
  return Math.min(Math.max(toQuantum(value, quantum), range![0]), range![1]);
}

/** Quanta below 1 are divided by, since 0.1 is no binary fraction but 10 is. */
function toQuantum(value: number, quantum: number): number {
  if (quantum === 0) return value;
  if (quantum >= 1) return Math.round(value / quantum) * quantum;
  const perUnit = Math.round(1 / quantum);
  return Math.round(value * perUnit) / perUnit;
}

/** Chooses a mode by its posterior probability at a value, from one uniform number. */
function posteriorSampler({ weights, means, deviations }: Mixture): (value: number, uniform: number) => number {
  const size = means.length;
  const factors = weights.map((weight, k) => Math.log(weight / deviations[k]!));
  const precisions = deviations.map((deviation) => 0.5 / (deviation * deviation));
  const masses = new Float64Array(size);
  return (value, uniform) => {
    let highest = -Infinity;
    for (let k = 0; k < size; k++) {
      masses[k] = factors[k]! - precisions[k]! * (value - means[k]!) ** 2;
      if (masses[k]! > highest) highest = masses[k]!;
    }
    let total = 0;
    for (let k = 0; k < size; k++) total += masses[k] = Math.exp(masses[k]! - highest);
    let rest = uniform * total;
    for (let k = 0; k < size - 1; k++) if ((rest -= masses[k]!) < 0) return k;
    return size - 1;
  };
}

/** Values of at least 3 % of the rows, most frequent first: a normal component would blur them. */
function findSpikes(sorted: Float64Array): number[] {
  const least = Math.max(SPIKE_ROWS, SPIKE_SHARE * sorted.length);
  const found: { value: number; count: number }[] = [];
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    if (end - start >= least) found.push({ value: sorted[start]!, count: end - start });
    start = end;
  }
  found.sort((a, b) => b.count - a.count || a.value - b.value);
  return found.slice(0, MAX_SPIKES).map(({ value }) => value);
}

function findQuantum(values: Float64Array, kind: ColumnKind): number {
  if (kind === 'integer') return 1;
  if (kind === 'datetime') return DATETIME_STEPS.find((step) => values.every((value) => value % step === 0)) ?? 1;
  const places = Math.max(0, ...placesOf(values));
  return places > MAX_PLACES ? 0 : 1 / 10 ** places;
}

/** Decimal places in use; stops at the first value that has too many to be a rounded one. */
function* placesOf(values: Float64Array): Generator<number> {
  let most = 0;
  for (const value of values) {
    while (most <= MAX_PLACES && Number(value.toFixed(most)) !== value) most++;
    if (most > MAX_PLACES) break;
  }
  yield most;
}
