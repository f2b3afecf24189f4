import { CsvRecordReader, type CsvRecord } from '../csv-records.js';
import type { CsvDialect } from '../description.js';
import { TableError } from '../table-error.js';
import { CellWriter } from './cell-writer.js';
import type { Conversion } from './conversion.js';
import { decodedText } from './decoded-text.js';

/** Rewrites delimited text of any dialect; finds the line of whatever is wrong with it. */
export function convertCsv(path: string, target: string, dialect: CsvDialect): Conversion {
  const writer = new CellWriter(target);
  let names: readonly string[] | null = null;
  const onRecord = (record: CsvRecord) => {
    if (names === null) names = record.fields;
    else if (names.length === 1 || record.fields.length > 1 || record.fields[0] !== '') {
      writer.writeRow(fitted(record, names.length));
    }
  };
  try {
    const reader = new CsvRecordReader(dialect.delimiter, dialect.quote, onRecord);
    for (const text of decodedText(path, dialect.encoding)) reader.push(text);
    reader.end();
  } finally {
    writer.close();
  }
  return { names: names ?? [], rowCount: writer.rowCount };
}

function fitted(record: CsvRecord, width: number): readonly string[] {
  const { fields, line } = record;
  if (fields.length === width) return fields;
  // A delimiter at the end of the line is a habit of some programs, not a cell.
  if (fields.length === width + 1 && fields[width] === '') return fields.slice(0, width);
  throw new TableError('ragged_row', `Line ${line} has ${fields.length} fields where the header has ${width}`, {
    line,
  });
}
