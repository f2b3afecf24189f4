import type { NoiseSource } from '../noise/noise-source.js';
import type { PrivacyConfig } from './config-keys.js';
import type { PreparedTable } from './prepare.js';
import { expectedCountError, USEFUL_SHARE } from './usefulness.js';

/** Sentences without which the claim of a model that was made from such a table would mislead. */
export function privacyCaveats(
  { secret }: NoiseSource,
  { rowCount, codings }: PreparedTable,
  { epsilon, encoding_share: share }: PrivacyConfig,
): string[] {
  const caveats: string[] = [];
  if (!secret) {
    caveats.push(
      'Not private: the noise was drawn from a seed that was given, and who knows the seed can take the noise away.',
    );
  }
  const error = expectedCountError(epsilon * share, rowCount, codings.length);
  if (error > USEFUL_SHARE * rowCount) {
    caveats.push(
      `Hardly useful: with epsilon ${epsilon} and about ${rowCount} rows, noise moves each count by about ${Math.round(error)} rows.`,
    );
  }
  return caveats;
}
