/** Numbers; NaN is missing. */
export interface NumberFeature {
  readonly values: Float64Array;
}

/** Codes 0 … `categoryCount` − 1; a negative code is missing. */
export interface CategoryFeature {
  readonly codes: Int32Array;
  readonly categoryCount: number;
}

export type Feature = NumberFeature | CategoryFeature;

/** What a model learns from, column by column: arrays as long as the table has rows. */
export interface FeatureTable {
  readonly rowCount: number;
  readonly features: readonly Feature[];
}

export function isCategory(feature: Feature): feature is CategoryFeature {
  return 'codes' in feature;
}

/** The named rows, in the order given. */
export function takeRows({ features }: FeatureTable, rows: Uint32Array): FeatureTable {
  return { rowCount: rows.length, features: features.map((feature) => takeCells(feature, rows)) };
}

function takeCells(feature: Feature, rows: Uint32Array): Feature {
  if (isCategory(feature)) {
    const { codes, categoryCount } = feature;
    return { codes: Int32Array.from(rows, (row) => codes[row]!), categoryCount };
  }
  return { values: Float64Array.from(rows, (row) => feature.values[row]!) };
}

/** Rows of the second table after those of the first; both have the same features. */
export function stackTables(first: FeatureTable, second: FeatureTable): FeatureTable {
  const features = first.features.map((feature, index) => stackCells(feature, second.features[index]!));
  return { rowCount: first.rowCount + second.rowCount, features };
}

function stackCells(first: Feature, second: Feature): Feature {
  if (isCategory(first) && isCategory(second)) {
    const codes = new Int32Array(first.codes.length + second.codes.length);
    codes.set(first.codes);
    codes.set(second.codes, first.codes.length);
    return { codes, categoryCount: Math.max(first.categoryCount, second.categoryCount) };
  }
  if (isCategory(first) || isCategory(second)) throw new TypeError('A feature is of two kinds');
  const values = new Float64Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { values };
}
