import { readFile } from 'node:fs/promises';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { previewRows } from '../../src/core/tables/index.js';
import { columnOf, lines, TableFiles } from '../fixtures/tables/table-files.js';

let files: TableFiles;
beforeAll(async () => void (files = await TableFiles.create()));
afterAll(() => files[Symbol.asyncDispose]());

async function rowsOf(content: string | Uint8Array, filename?: string) {
  const { directory, description } = await files.ingest(content, filename);
  return {
    names: description.columns.map(({ name }) => name),
    rows: await previewRows(directory, 0, 100),
    description,
  };
}

function utf16(text: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

describe('the same table in every dress', () => {
  const text = 'näme,word\n1,"a, ""b"""\n2,é\n';
  const expected = {
    names: ['näme', 'word'],
    rows: [
      [1, 'a, "b"'],
      [2, 'é'],
    ],
  };

  test.each([
    ['UTF-8', text],
    ['UTF-8 with a mark', `\ufeff${text}`],
    ['UTF-16 LE with a mark', utf16(`\ufeff${text}`, false)],
    ['UTF-16 BE with a mark', utf16(`\ufeff${text}`, true)],
    ['UTF-16 LE without a mark', utf16(text, false)],
    ['UTF-16 BE without a mark', utf16(text, true)],
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['CRLF', text.replaceAll('\n', '\r\n')],
    ['CR', text.replaceAll('\n', '\r')],
    ['mixed line breaks', text.replace('\n', '\r\n')],
    ['no last line break', text.trimEnd()],
    ['semicolons', text.replace('näme,', 'näme;').replace('1,', '1;').replace('2,', '2;')],
    ['bars', text.replace('näme,', 'näme|').replace('1,', '1|').replace('2,', '2|')],
    ['single quotes', "näme,word\n1,'a, \"b\"'\n2,'é'\n"],
    ['blank lines', text.replace('2,', '\n2,')],
    ['a delimiter at the end of a line', text.replace('é', 'é,')],
  ])('%s', async (_, content) => {
    expect(await rowsOf(content)).toMatchObject(expected);
  });

  test('tabs, named TSV', async () => {
    expect(await rowsOf('näme\tword\n1\t"a, ""b"""\n2\té\n', 'people.tsv')).toMatchObject(expected);
  });

  test('a JSON array', async () => {
    expect(
      await rowsOf('[{"näme": 1, "word": "a, \\"b\\""},\n {"word": "\\u00e9", "näme": 2}]', 'p.json'),
    ).toMatchObject(expected);
  });

  test('NDJSON', async () => {
    expect(await rowsOf('{"näme":1,"word":"a, \\"b\\""}\n{"näme":2,"word":"é"}\n', 'p.ndjson')).toMatchObject(expected);
  });

  test('XLSX', async () => {
    const workbook = new ExcelJS.Workbook();
    workbook.addWorksheet('people').addRows([
      ['näme', 'word'],
      [1, 'a, "b"'],
      [2, 'é'],
    ]);
    workbook.addWorksheet('other').addRows([['x'], [9]]);
    expect(await rowsOf(new Uint8Array(await workbook.xlsx.writeBuffer()), 'p.xlsx')).toMatchObject(expected);
  });

  test('Parquet', async () => {
    const { directory } = await files.ingest(text);
    const { exportTable } = await import('../../src/core/tables/index.js');
    await exportTable(directory, 'parquet', `${directory}/out.parquet`);
    expect(await rowsOf(await readFile(`${directory}/out.parquet`), 'p.parquet')).toMatchObject(expected);
  });
});

describe('types are decided by the whole column', () => {
  test('a word in the last row makes it text', async () => {
    const { description } = await files.ingest(`a,b\n${lines(5000, (i) => `${i % 7},x`)}many,x\n`);
    expect(columnOf(description, 'a')).toMatchObject({ storage: { type: 'text' }, kind: 'categorical' });
  });

  test('a fraction in the last row makes it a number with places', async () => {
    const { description } = await files.ingest(`a,b\n${lines(5000, (i) => `${i % 7},x`)}2.25,x\n`);
    expect(columnOf(description, 'a')).toMatchObject({
      storage: { type: 'double' },
      kind: 'continuous',
      decimalPlaces: 2,
    });
  });

  test.each([
    ['month first', '12/31/2020', '%m/%d/%Y', Date.UTC(2020, 11, 31)],
    ['day first', '31/12/2020', '%d/%m/%Y', Date.UTC(2020, 11, 31)],
  ])('days and months are told apart by the last row: %s', async (_, last, format, maximum) => {
    const { description } = await files.ingest(
      `a,b\n${lines(3000, (i) => `0${(i % 9) + 1}/0${(i % 8) + 1}/2019,x`)}${last},x\n`,
    );
    expect(columnOf(description, 'a')).toMatchObject({ storage: { type: 'date', format }, kind: 'datetime', maximum });
  });

  test.each([
    ['2020-02-29T13:05:07Z', '2021-01-01T00:00:00Z', 'timestamp'],
    ['2020-02-29 13:05:07.250', '2021-01-01 00:00:00.000', 'timestamp'],
    ['29.02.2020 13:05', '01.01.2021 00:00', 'timestamp'],
    ['Feb 29, 2020', 'Jan 1, 2021', 'date'],
    ['2/29/20', '1/1/21', 'date'],
  ])('%s is a point in time', async (first, second, type) => {
    const { directory, description } = await files.ingest(`a;b\n${first};x\n${second};x\n`);
    expect(columnOf(description, 'a')).toMatchObject({ storage: { type }, kind: 'datetime' });
    expect(columnOf(description, 'a').minimum).toBe(
      type === 'date' ? Date.UTC(2020, 1, 29) : Date.UTC(2020, 1, 29, 13, 5, ...secondsOf(first)),
    );
    expect(await files.export(directory, 'ndjson')).toContain(JSON.stringify(first));
  });

  test('a day that no calendar has makes text', async () => {
    const { description } = await files.ingest('a,b\n2020-02-28,1\n2020-02-31,2\n');
    expect(columnOf(description, 'a').storage.type).toBe('text');
  });

  test('booleans', async () => {
    const { description } = await files.ingest('a,b,c\nTrue,no,0\nFalse,yes,1\n,no,1\n');
    expect(columnOf(description, 'a')).toMatchObject({ kind: 'boolean', storage: { spelling: ['False', 'True'] } });
    expect(columnOf(description, 'b')).toMatchObject({ kind: 'boolean', storage: { spelling: ['no', 'yes'] } });
    expect(columnOf(description, 'c').kind).toBe('integer');
  });

  test.each([
    ['points', 'a,b\n-0.00,1\n1.25,2\n-3.50,3\n', false],
    ['commas', 'a;b\n-0,00;1\n1,25;2\n-3,50;3\n', true],
  ])('a number that was rounded to minus zero, with decimal %s', async (_, text, comma) => {
    const { directory, description } = await files.ingest(text);
    const storage = { type: 'decimal', places: 2, ...(comma && { comma: 'plain' }) };
    expect(columnOf(description, 'a')).toMatchObject({ kind: 'continuous', storage });
    expect(await files.export(directory, 'csv')).toBe(text);
    expect((await previewRows(directory, 0, 100)).map(([a]) => Number(a) + 0)).toEqual([0, 1.25, -3.5]);
  });

  test('missing cells in all spellings, blanks around them or not', async () => {
    const cells = ['1', '', 'NULL', 'NaN', 'NA', 'N/A', 'null', 'None', 'nan', ' NA ', '  ', '2'];
    const { description } = await files.ingest(`a,b\n${cells.map((cell) => `${cell},"${cell}x"\n`).join('')}`);
    expect(columnOf(description, 'a')).toMatchObject({ kind: 'integer', nullable: true, missingFraction: 10 / 12 });
  });

  test('missing cells with blanks around them among words', async () => {
    const { description } = await files.ingest(`a,b\n${lines(3000, () => 'word,1')} NA,1\n`);
    expect(columnOf(description, 'a')).toMatchObject({ distinctCount: 1, missingFraction: 1 - 3000 / 3001 });
  });

  test('infinities are no numbers to learn, but are kept', async () => {
    const { directory, description } = await files.ingest('a,b\n1.5,x\ninf,x\n-Infinity,x\n2.5,x\n');
    expect(columnOf(description, 'a')).toMatchObject({
      kind: 'continuous',
      minimum: 1.5,
      maximum: 2.5,
      missingFraction: 0.5,
    });
    expect(await files.export(directory, 'csv')).toBe('a,b\n1.5,x\ninf,x\n-Infinity,x\n2.5,x\n');
  });
});

describe('kinds', () => {
  test('the adult table', async () => {
    const { description } = await files.ingest(await readFile('assets/adult.csv'), 'adult.csv');
    const integers = ['age', 'fnlwgt', 'education-num', 'capital-gain', 'capital-loss', 'hours-per-week'];
    for (const { name, kind } of description.columns)
      expect([name, kind]).toEqual([name, integers.includes(name) ? 'integer' : 'categorical']);
    expect(columnOf(description, 'workclass')).toMatchObject({ nullable: false, distinctCount: 9 });
  });

  test.each([
    ['row numbers', (i: number) => `${i + 1}`, 'identifier'],
    ['shuffled keys', (i: number) => `${1000 + ((i * 37) % 100)}`, 'identifier'],
    ['integers beyond 2^53', (i: number) => `9007199254741${i * 7919}`.padEnd(19, '1'), 'identifier'],
    ['few integers beyond 2^53', (i: number) => `900719925474099${i % 10}3`, 'categorical'],
    ['codes with zeros', (i: number) => `0${i % 7}`, 'categorical'],
    ['unique codes with zeros', (i: number) => `0${1000 + i}`, 'identifier'],
    ['UUIDs', (i: number) => `0f9a1b2c-0000-4000-8000-${String(i).padStart(12, '0')}`, 'identifier'],
    ['sentences', (i: number) => `Patient ${i} came in with a cough`, 'text'],
    ['years', (i: number) => `${1900 + i}`, 'integer'],
    ['small counts', (i: number) => `${i % 3}`, 'integer'],
    ['amounts', (i: number) => `${(i * 7919) % 100_003}`, 'integer'],
  ])('%s', async (_, cell, kind) => {
    const { description } = await files.ingest(`x,other\n${lines(100, (i) => `${cell(i)},${i % 2}`)}`);
    expect(columnOf(description, 'x').kind).toBe(kind);
  });

  test('likely personal data', async () => {
    const { description } = await files.ingest(
      `mail,call,full_name,ssn,card,group\n${lines(50, (i) => `ann${i}@example.org,+49 30 ${100000 + i},Ann Example,123-45-${1000 + i},4111 1111 1111 1111,a${i % 3}`)}`,
    );
    const found = description.columns.map(({ personalData }) => personalData);
    expect(found).toEqual(['email', 'phone', 'name', 'national_id', 'payment_card', undefined]);
    expect(JSON.stringify(description)).not.toContain('ann');
  });
});

describe('odd shapes', () => {
  test('one column, with missing cells', async () => {
    const { directory, description } = await files.ingest('a\n1\n\n3\n');
    expect(description).toMatchObject({ rowCount: 3, columns: [{ missingFraction: 1 - 2 / 3 }] });
    expect(await files.export(directory, 'csv')).toBe('a\n1\n""\n3\n');
  });

  test('columns all missing and constant', async () => {
    const { description } = await files.ingest('a,b,c\n,x,1\n,x,1\n');
    expect(description.columns).toMatchObject([
      { distinctCount: 0, missingFraction: 1 },
      { distinctCount: 1, kind: 'categorical' },
      { distinctCount: 1, kind: 'integer', minimum: 1, maximum: 1 },
    ]);
  });

  test('names that are words of languages', async () => {
    const names = ['__proto__', 'select', 'a"b', '名前', 'with blanks', 'A', 'a', 'constructor', "o'clock"];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const { directory, description } = await files.ingest(`${header}\n${names.map((_, i) => i).join(',')}\n`);
    expect(description.columns.map(({ name }) => name)).toEqual(names);
    const [row] = JSON.parse(await files.export(directory, 'json')) as object[];
    expect(Object.entries(row!)).toEqual(names.map((name, i) => [name, i]));
    expect((await files.export(directory, 'csv')).split('\n')[1]).toBe('0,1,2,3,4,5,6,7,8');
  });

  // Neither so few that the base memory is enough, nor so many that one thread works alone.
  test.each([
    [100, 3000],
    [300, 100],
    [300, 3000],
  ])('%i columns of %i rows each', { timeout: 60_000 }, async (width, rowCount) => {
    const names = Array.from({ length: width }, (_, i) => `column ${i}`);
    const row = (k: number) =>
      names.map((_, i) => (i % 3 === 0 ? (i * k) % 97 : i % 3 === 1 ? k / 8 : `w${k}`)).join(',');
    const { description } = await files.ingest(`${names.join(',')}\n${lines(rowCount, row)}`);
    expect(description).toMatchObject({ rowCount, columns: { length: width } });
    expect(description.columns[1]).toMatchObject({ distinctCount: rowCount });
  });

  test.each([
    ['a missing cell with blanks around it', ' NA', null, (i: number, k: number) => (i % 2 ? `w${k}` : k)],
    ['a cell that is spelled in its own way', ' 12', 12, (i: number, k: number) => (i % 2 ? k + 1.5 : k)],
  ])('600 columns, each with %s', { timeout: 60_000 }, async (_what, odd, read, value) => {
    const names = Array.from({ length: 600 }, (_, i) => `column ${i}`);
    const row = (k: number) => names.map((_, i) => (k === 99 ? odd : value(i, k))).join(',');
    const { directory, description } = await files.ingest(`${names.join(',')}\n${lines(100, row)}`);
    expect(description.columns.filter(({ nullable }) => nullable)).toHaveLength(read === null ? 600 : 0);
    expect(await previewRows(directory, 98, 2)).toEqual([names.map((_, i) => value(i, 98)), names.map(() => read)]);
    if (read !== null) expect((await files.export(directory, 'csv')).trimEnd().endsWith(odd)).toBe(true);
  });

  test('5,000 columns', { timeout: 180_000 }, async () => {
    const names = Array.from({ length: 5000 }, (_, i) => `column ${i}`);
    const row = (k: number) => names.map((_, i) => (i % 2 ? `w${k % 3}` : i + k)).join(',');
    const { directory, description } = await files.ingest(`${names.join(',')}\n${lines(100, row)}`);
    expect(description).toMatchObject({ rowCount: 100, columns: { length: 5000 } });
    expect(await previewRows(directory, 99, 1)).toEqual([names.map((_, i) => (i % 2 ? 'w0' : i + 99))]);
  });
});

function secondsOf(text: string): [number, number] {
  const [, seconds, fraction] = /:\d\d:(\d\d)(?:\.(\d{3}))?/.exec(text) ?? [];
  return [Number(seconds ?? 0), Number(fraction ?? 0)];
}
