import { decimalCommaOf, type StoredColumn } from './description.js';
import { spellPlainSql, spellSql } from './spelling.js';
import { cell, literal, spelledCell } from './sql.js';

/** The cell as it was spelled in the file; NULL where it is missing. */
export function textSql(column: StoredColumn, index: number): string {
  const spelled = spellSql(column.storage, cell(index));
  return column.keepsSpelling ? spelledCell(index) : spelled;
}

const JSON_NUMBER = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?';

/** The cell as a JSON value: numbers with all their digits, `null` where it is missing (or infinite). */
export function jsonSql(column: StoredColumn, index: number): string {
  const value = cell(index);
  switch (column.storage.type) {
    case 'integer':
    case 'decimal':
    case 'double': {
      const plain = spellPlainSql(column.storage, value);
      const text =
        column.keepsSpelling && decimalCommaOf(column.storage) === null
          ? `CASE WHEN regexp_full_match(${spelledCell(index)}, ${literal(JSON_NUMBER)}) THEN ${spelledCell(index)} ELSE ${plain} END`
          : plain;
      return `coalesce(${text}, 'null')`;
    }
    case 'boolean':
      return `CASE WHEN ${value} THEN 'true' WHEN NOT ${value} THEN 'false' ELSE 'null' END`;
    default:
      return `coalesce(CAST(to_json(${textSql(column, index)}) AS VARCHAR), 'null')`;
  }
}
