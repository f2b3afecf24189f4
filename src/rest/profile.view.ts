import type { TableProfile } from '../core/tables/index.js';
import { COLUMN_KINDS } from '../core/plugin-api/index.js';
import { array, integer, nullable, number, object, oneOf, type Static, string } from './json-schema.js';

const numericView = object(
  {
    minimum: number(),
    lower_quartile: number(),
    median: number(),
    upper_quartile: number(),
    maximum: number(),
    mean: number(),
    standard_deviation: nullable(number({ description: 'Of the sample; null for a single value.' })),
  },
  {},
  { description: 'Of times in milliseconds since 1970, UTC.' },
);

const columnView = object({
  name: string(),
  kind: oneOf(COLUMN_KINDS),
  missing_fraction: number(),
  distinct_count: integer(),
  numeric: nullable(numericView),
  top_values: nullable(
    array(object({ value: string(), count: integer() }), { description: 'Values of at least ten rows.' }),
  ),
  personal_data: nullable(string({ description: 'What kind of personal data the values look like.' })),
});

export const profileView = object(
  {
    row_count: integer(),
    columns: array(columnView),
    correlations: object(
      { columns: array(string()), values: array(array(nullable(number()))) },
      {},
      { description: "Pearson's r over the rows where both are present; null where one does not vary." },
    ),
  },
  {},
  { title: 'Profile' },
);

export function toProfile({ rowCount, columns, correlations }: TableProfile): Static<typeof profileView> {
  return { row_count: rowCount, columns: columns.map(toColumn), correlations };
}

function toColumn(column: TableProfile['columns'][number]): Static<typeof columnView> {
  const { numeric, topValues, personalData } = column;
  return {
    name: column.name,
    kind: column.kind,
    missing_fraction: column.missingFraction,
    distinct_count: column.distinctCount,
    numeric:
      numeric === undefined
        ? null
        : {
            minimum: numeric.minimum,
            lower_quartile: numeric.lowerQuartile,
            median: numeric.median,
            upper_quartile: numeric.upperQuartile,
            maximum: numeric.maximum,
            mean: numeric.mean,
            standard_deviation: numeric.standardDeviation,
          },
    top_values: topValues ?? null,
    personal_data: personalData ?? null,
  };
}
