import type { ArtefactReader, ArtefactWriter } from '../artefacts.js';
import type { ColumnMarginal } from './column-marginal.js';
import type { QuantilePieces } from './quantile-pieces.js';

type StoredMarginal = Omit<ColumnMarginal, 'pieces' | 'minimum' | 'maximum'> & {
  readonly pieceCount: number;
  /** Null when all cells are missing. */
  readonly range: readonly [number, number] | null;
};

/** Writes `marginals.json` and `marginals.bin` (little-endian doubles). */
export async function saveMarginals(writer: ArtefactWriter, marginals: readonly ColumnMarginal[]): Promise<void> {
  const stored = marginals.map(({ pieces, minimum, maximum, ...rest }): StoredMarginal => {
    return { ...rest, pieceCount: pieces.starts.length, range: pieces.starts.length ? [minimum, maximum] : null };
  });
  await writer.json('marginals.json', stored);
  const numbers = marginals.flatMap(({ pieces }) => [pieces.probabilities, pieces.starts, pieces.ends]);
  await writer.bytes('marginals.bin', packDoubles(numbers));
}

/** Reads what {@link saveMarginals} wrote. */
export async function loadMarginals(reader: ArtefactReader): Promise<ColumnMarginal[]> {
  const stored = (await reader.json('marginals.json')) as StoredMarginal[];
  const numbers = unpackDoubles(await reader.bytes('marginals.bin'));
  let offset = 0;
  const take = (count: number) => numbers.slice(offset, (offset += count));
  return stored.map(({ pieceCount, range, ...rest }) => {
    const pieces: QuantilePieces = {
      probabilities: take(pieceCount + 1),
      starts: take(pieceCount),
      ends: take(pieceCount),
    };
    return { ...rest, pieces, minimum: range?.[0] ?? NaN, maximum: range?.[1] ?? NaN };
  });
}

/** Doubles one after the other, little-endian. */
export function packDoubles(arrays: readonly Float64Array[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
  let offset = 0;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += array.byteLength;
  }
  return bytes;
}

/** The inverse of {@link packDoubles}, for bytes at any alignment. */
export function unpackDoubles(bytes: Uint8Array): Float64Array<ArrayBuffer> {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}
