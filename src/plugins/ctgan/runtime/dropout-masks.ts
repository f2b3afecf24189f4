import type { RandomStream } from '../../../core/plugin-api/index.js';

/** Kept activations are doubled, so that their mean stays the same: half are dropped, one random bit decides. */
const KEPT = 2;

/** Fills masks with 0 and 2, each from a bit of the stream, from word `firstWord` on. */
export function fillMasks(masks: readonly Float32Array[], stream: RandomStream, firstWord: number): void {
  const words = new Uint32Array(wordsOf(masks));
  stream.fillWords(words, firstWord);
  let next = 0;
  for (const mask of masks) next = fillMask(mask, words, next);
}

/** Words that {@link fillMasks} uses. */
export function wordsOf(masks: readonly Float32Array[]): number {
  return masks.reduce((sum, mask) => sum + Math.ceil(mask.length / 32), 0);
}

function fillMask(mask: Float32Array, words: Uint32Array, first: number): number {
  let next = first;
  for (let start = 0; start < mask.length; start += 32) {
    const bits = words[next++]!;
    const count = Math.min(32, mask.length - start);
    for (let i = 0; i < count; i++) mask[start + i] = ((bits >>> i) & 1) * KEPT;
  }
  return next;
}
