import type { CsvDialect } from '../description.js';

/** What a conversion reads; it always writes plain CSV without a header to `target`. */
export type ConversionRequest = {
  readonly path: string;
  readonly filename: string;
  readonly target: string;
} & (
  | { readonly kind: 'csv'; readonly dialect: CsvDialect }
  | { readonly kind: 'json' | 'ndjson'; readonly encoding: string }
  | { readonly kind: 'xlsx'; readonly maxInflatedBytes: number; readonly maxInflationRatio: number }
);

export interface Conversion {
  readonly names: readonly string[];
  readonly rowCount: number;
}
