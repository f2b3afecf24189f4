import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CsvRecordReader } from '../../src/core/tables/csv-records.js';
import { TableFiles } from '../fixtures/tables/table-files.js';

let files: TableFiles;
beforeAll(async () => void (files = await TableFiles.create()));
afterAll(() => files[Symbol.asyncDispose]());

const MISSING = new Set(['', 'NULL', 'NaN', 'NA', 'N/A', 'null', 'None', 'nan']);

function parse(text: string, delimiter = ','): string[][] {
  const records: string[][] = [];
  const reader = new CsvRecordReader(delimiter, '"', ({ fields }) => records.push([...fields]));
  reader.push(text);
  reader.end();
  return records;
}

const quote = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
const present = (cell: string) => (MISSING.has(cell.trim()) ? '' : cell);

const word = fc.string({
  unit: fc.constantFrom('a', 'B', '0', '1', '.', '-', ' ', ',', '"', "'", '\n', ';', 'é', '名', '😀'),
  maxLength: 8,
});
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String),
  fc.double({ noNaN: true }).map(String),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat(99)).map(([a, b]) => `${a}.${String(b).padStart(2, '0')}`),
  fc.constantFrom('007', '+5', '1e5', '.5', '5.', '-0', '0.0', '12.50', 'inf', ' 7', '1_000', '0x1F'),
);
const date = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .chain((day) =>
    fc.constantFrom(
      day.toISOString(),
      day.toISOString().slice(0, 10),
      `${day.getUTCDate()}/${day.getUTCMonth() + 1}/${day.getUTCFullYear()}`,
    ),
  );
const truth = fc.constantFrom('true', 'false', 'True', 'yes', 'no', '');
const column = (rows: number) =>
  fc.oneof(
    ...[word, number, date, truth, fc.oneof(number, word), fc.oneof(date, fc.constant('NA'))].map((cell) =>
      fc.array(cell, { minLength: rows, maxLength: rows }),
    ),
  );
const table = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 2, max: 5 }))
  .chain(([rows, columns]) => fc.array(column(rows), { minLength: columns, maxLength: columns }));

test('every cell comes out as it went in, and a missing one empty', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(table, async (columns) => {
      const rows = columns[0]!.map((_, row) => columns.map((cells) => cells[row]!));
      const header = columns.map((_, i) => `column ${i}`);
      const text = [header, ...rows].map((row) => row.map(quote).join(',')).join('\n');
      const { directory } = await files.ingest(text);
      expect(parse(await files.export(directory, 'csv'))).toEqual([header, ...rows.map((row) => row.map(present))]);
      const objects = JSON.parse(await files.export(directory, 'json')) as unknown[];
      expect(objects).toHaveLength(rows.length);
    }),
    { numRuns: 40, seed: 20_240_611 },
  );
});

const wholeNumber = fc.oneof(fc.nat(2e6).map(String), fc.bigInt({ min: 0n, max: 10n ** 24n }).map(String));
const pointed = (digits: string) => digits.replace(/\B(?=(\d{3})+$)/g, '.');
const commaNumber = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    fc.oneof(wholeNumber, wholeNumber.map(pointed)),
    fc.constantFrom('', ',5', ',05', ',125', ',5e-3'),
  )
  .map((parts) => parts.join(''));
const evenCommaNumber = fc
  .tuple(fc.constantFrom('', '-'), fc.nat(2e9), fc.integer({ min: 10, max: 99 }))
  .map(([sign, amount, rest]) => `${sign}${pointed(String(amount))},${rest}`);
const commaTable = fc
  .tuple(fc.constantFrom(';', '\t', '|', '^', '~'), fc.integer({ min: 1, max: 12 }))
  .chain(([delimiter, rows]) => {
    const columnOf = (cell: fc.Arbitrary<string>) => fc.array(cell, { minLength: rows, maxLength: rows });
    const cells = [evenCommaNumber, commaNumber, fc.oneof(commaNumber, fc.constant('')), fc.oneof(commaNumber, date)];
    return fc.record({ delimiter: fc.constant(delimiter), columns: fc.tuple(...cells.map(columnOf)) });
  });

test('numbers with decimal commas come out as they went in, and in JSON as numbers', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(commaTable, async ({ delimiter, columns }) => {
      const rows = columns[0]!.map((_, row) => columns.map((cells) => cells[row]!));
      const header = columns.map((_, i) => `column ${i}`);
      const text = [header, ...rows].map((row) => row.map(quote).join(delimiter)).join('\n');
      const { directory } = await files.ingest(text);
      const records = parse(await files.export(directory, 'csv'), delimiter);
      expect(records).toEqual([header, ...rows.map((row) => row.map(present))]);
      const objects = JSON.parse(await files.export(directory, 'json')) as Record<string, unknown>[];
      expect(objects.map((object) => object['column 0'])).toEqual(
        columns[0]!.map((cell) => Number(cell.replaceAll('.', '').replace(',', '.'))),
      );
    }),
    { numRuns: 60, seed: 20_261_129 },
  );
});

test('numbers keep every digit in JSON', async () => {
  const { directory } = await files.ingest('a,b,c\n9007199254740993,12.50,123456789012345678901234567890\n1,0.05,2\n');
  expect(await files.export(directory, 'ndjson')).toBe(
    '{"a":9007199254740993,"b":12.50,"c":123456789012345678901234567890}\n{"a":1,"b":0.05,"c":2}\n',
  );
});

test('the record reader makes the same of any pieces', () => {
  const text = 'a,"b ""c""\r\nd"\r\n , "e" ,\nf\r"",g';
  const whole = parse(text);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const places = [0, ...cuts.toSorted((x, y) => x - y), text.length];
      const records: string[][] = [];
      const reader = new CsvRecordReader(',', '"', ({ fields }) => records.push([...fields]));
      for (let i = 1; i < places.length; i++) reader.push(text.slice(places[i - 1], places[i]));
      reader.end();
      expect(records).toEqual(whole);
    }),
    { seed: 7 },
  );
  expect(whole).toEqual([['a', 'b "c"\r\nd'], [' ', 'e', ''], ['f'], ['', 'g']]);
});
