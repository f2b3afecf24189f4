import { z } from 'zod';
import type { FitSummary } from '../../plugin-api/index.js';
import { portableTableSchema } from '../../tables/index.js';

/** Raised when a file that this studio writes could not be read by an older one. */
export const FILE_VERSION = 1;
export const FILE_FORMAT = 'synthetic-data-studio/model';

/** Names of what is in the file beside the artefacts, and the order: first, last. */
export const MANIFEST = 'manifest.json';
export const CHECKSUMS = 'SHA256SUMS';
export const ARTEFACTS = 'artefacts/';

const finite = z.number();
const spent = { epsilon: finite.min(0), delta: finite.min(0).max(1) };
const sentence = z.string().max(10_000);

const summary: z.ZodType<FitSummary> = z.strictObject({
  metrics: z.record(z.string(), finite),
  privacySpent: z.strictObject(spent).nullable(),
  privacyLedger: z.array(z.strictObject({ mechanism: sentence, reads: sentence, ...spent })).exactOptional(),
  privacyCaveats: z.array(sentence).exactOptional(),
  history: z.record(z.string(), z.array(finite)).exactOptional(),
});

/** Where a model comes from, and all that is needed to sample from it but the plugin's own artefacts. */
export const manifestSchema = z.strictObject({
  format: z.literal(FILE_FORMAT),
  formatVersion: z.literal(FILE_VERSION),
  name: z.string().max(200).nullable(),
  plugin: z.strictObject({ id: z.string(), version: z.string(), artefactVersion: z.number().int().min(1) }),
  config: z.record(z.string(), z.unknown()),
  table: portableTableSchema,
  summary,
  /** Null where it was read from rows that a privacy claim protects, or would undo the claim. */
  training: z.strictObject({
    datasetId: z.string().max(36),
    datasetChecksum: z.string().max(100).nullable(),
    seed: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .nullable(),
    holdoutFraction: finite.min(0).max(1).nullable(),
    trainedAt: z.iso.datetime(),
  }),
});

export type ModelManifest = z.infer<typeof manifestSchema>;
