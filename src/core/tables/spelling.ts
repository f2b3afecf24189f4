import { decimalCommaSql, decimalPointSql } from './decimal-comma.js';
import { type ColumnStorage, decimalCommaOf } from './description.js';
import { literal } from './sql.js';

/** The SQL type in which a column is kept. */
export function sqlType(storage: ColumnStorage): string {
  switch (storage.type) {
    case 'integer':
      return storage.wide ? 'DECIMAL(38, 0)' : 'BIGINT';
    case 'decimal':
      return `DECIMAL(${storage.wide ? 38 : 18}, ${storage.places})`;
    case 'double':
      return 'DOUBLE';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'text':
      return 'VARCHAR';
  }
}

/** Text (an SQL expression) to the stored type; NULL where it is not one. */
export function parseSql(storage: ColumnStorage, text: string): string {
  return parsePlain(storage, decimalCommaOf(storage) === null ? text : decimalPointSql(text));
}

function parsePlain(storage: ColumnStorage, text: string): string {
  switch (storage.type) {
    case 'text':
      return text;
    case 'boolean':
      return `CASE ${text} WHEN ${literal(storage.spelling[1])} THEN true WHEN ${literal(storage.spelling[0])} THEN false END`;
    case 'date':
    case 'timestamp':
      return `TRY_CAST(try_strptime(${text}, ${literal(storage.format)}) AS ${sqlType(storage)})`;
    case 'double':
      return finiteSql(`TRY_CAST(${text} AS DOUBLE)`);
    default:
      return `TRY_CAST(${text} AS ${sqlType(storage)})`;
  }
}

/** The stored type (an SQL expression) back to text: the inverse of {@link parseSql} for cells spelled as the type spells them. */
export function spellSql(storage: ColumnStorage, value: string): string {
  const comma = decimalCommaOf(storage);
  const plain = spellPlainSql(storage, value);
  return comma === null ? plain : decimalCommaSql(plain, comma);
}

/** {@link spellSql}, but for a number that programs read: with a decimal point, whatever the file wrote. */
export function spellPlainSql(storage: ColumnStorage, value: string): string {
  switch (storage.type) {
    case 'text':
      return value;
    case 'boolean':
      return `CASE WHEN ${value} THEN ${literal(storage.spelling[1])} WHEN NOT ${value} THEN ${literal(storage.spelling[0])} END`;
    case 'date':
    case 'timestamp':
      return `strftime(${value}, ${literal(storage.format)})`;
    case 'double':
      // 2.0 is how DuckDB writes the double 2; people write 2.
      return `regexp_replace(CAST(${value} AS VARCHAR), '\\.0$', '')`;
    default:
      return `CAST(${value} AS VARCHAR)`;
  }
}

function finiteSql(expression: string): string {
  return `CASE WHEN isfinite(${expression}) THEN ${expression} END`;
}
