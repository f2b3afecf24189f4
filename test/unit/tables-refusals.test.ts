import { deflateRawSync } from 'node:zlib';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zipOf } from '../fixtures/tables/zip.js';
import { lines, TableFiles } from '../fixtures/tables/table-files.js';

let files: TableFiles;
beforeAll(async () => void (files = await TableFiles.create()));
afterAll(() => files[Symbol.asyncDispose]());

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe('a file is refused by name', () => {
  test.each([
    ['an empty file', '', 'people.csv', 'empty_file'],
    ['a header alone', 'a,b\n', 'people.csv', 'no_rows'],
    ['a header alone without a line break', 'a,b', 'people.csv', 'no_rows'],
    ['blank lines alone', '\n\n\n', 'people.csv', 'empty_file'],
    ['an empty JSON array', '[]', 'people.json', 'empty_file'],
    ['a PDF named CSV', '%PDF-1.7\n1,2\n', 'people.csv', 'unsupported_format'],
    ['a PNG named CSV', PNG, 'people.csv', 'unsupported_format'],
    ['a ZIP named CSV', zipOf({ 'a.txt': 'a' }), 'people.csv', 'unsupported_format'],
    ['a ZIP named XLSX', zipOf({ 'a.txt': 'a' }), 'people.xlsx', 'unsupported_format'],
    ['text named Parquet', 'a,b\n1,2\n', 'people.parquet', 'unsupported_format'],
    ['text named XLSX', 'a,b\n1,2\n', 'people.xlsx', 'unsupported_format'],
    ['binary data named CSV', Buffer.from([97, 44, 98, 10, 0, 1, 2, 3, 10]), 'people.csv', 'unsupported_format'],
    ['an unknown extension', 'a,b\n1,2\n', 'people.docx', 'unsupported_format'],
    ['a broken Parquet file', 'PAR1 and no more of it', 'people.parquet', 'unreadable_file'],
    ['a broken XLSX file', 'PK\u0003\u0004 and no more of it', 'people.xlsx', 'unreadable_file'],
  ])('%s', async (_, content, filename, code) => {
    const error = await files.refusal(content, filename);
    expect(error.code).toBe(code);
    expect(error.message).toContain(filename);
  });
});

describe('column names', () => {
  test('a blank one is named by its position', async () => {
    const error = await files.refusal('a,,c\n1,2,3\n');
    expect(error).toMatchObject({ code: 'blank_column_name', message: expect.stringContaining('Column 2') });
  });

  test('two of the same are named', async () => {
    const error = await files.refusal('id,age,id\n1,2,3\n');
    expect(error).toMatchObject({ code: 'duplicate_column_name', column: 'id' });
  });
});

describe('a row is refused by its line', () => {
  test.each([
    ['too short', 'a,b\n1,x\n2\n', 3],
    ['too long', 'a,b\n1,x\n2,y,z\n', 3],
    ['too short after quoted line breaks', 'a,b\n1,"x\ny\nz"\n2,w\n3\n', 6],
    ['too long after quoted line breaks of two characters', 'a,b\r\n1,"x\r\ny"\r\n2,w,v\r\n', 4],
    ['too short behind a header with a line break', '"a\nb",c\n1,2\n3\n', 4],
    ['far down', `a,b\n${lines(50_000, (i) => `${i},x`)}7\n`, 50_002],
  ])('%s', async (_, content, line) => {
    expect(await files.refusal(content)).toMatchObject({ code: 'ragged_row', line });
  });

  test.each([
    ['never closed', 'a,b\n1,x\n2,"y\n3,z\n', 3],
    ['closed before the field ends', 'a,b\n1,x\n2,"y"z\n', 3],
    ['never closed, far down', `a,b\n${lines(50_000, (i) => `${i},x`)}7,"y\n`, 50_002],
  ])('a quote that is %s', async (_, content, line) => {
    expect(await files.refusal(content)).toMatchObject({ code: 'broken_quote', line });
  });
});

describe('JSON', () => {
  test.each([
    ['cut off', '[{"a": 1}, {"a": ', 'people.json', 'malformed_json', 1],
    ['without an array', '{"a": 1}', 'people.json', 'malformed_json', 1],
    ['an array of numbers', '[1, 2]', 'people.json', 'malformed_json', 1],
    ['a missing comma', '[{"a": 1}\n{"a": 2}]', 'people.json', 'malformed_json', 2],
    ['a bad number', '[{"a": 1},\n{"a": 01}]', 'people.json', 'malformed_json', 2],
    ['text behind the array', '[{"a": 1}]\nx', 'people.json', 'malformed_json', 2],
    ['an object in a row', '[{"a": 1},\n{"a": {"b": 1}}]', 'people.json', 'nested_value', 2],
    ['an array in a row', '{"a": 1}\n{"a": [1]}', 'people.ndjson', 'nested_value', 2],
    ['a bad line', '{"a": 1}\nnothing', 'people.ndjson', 'malformed_json', 2],
  ])('%s', async (_, content, filename, code, line) => {
    expect(await files.refusal(content, filename)).toMatchObject({ code, line });
  });
});

describe('XLSX', () => {
  test('a bomb that its directory admits', async () => {
    const zip = zipOf({ 'xl/workbook.xml': Buffer.alloc(40 << 20) });
    expect(await files.refusal(zip, 'people.xlsx')).toMatchObject({ code: 'too_large' });
  });

  test('a bomb whose directory lies', async () => {
    const data = deflateRawSync(Buffer.alloc(40 << 20));
    const zip = zipOf({ 'xl/workbook.xml': { deflated: data, claimedSize: 1000 } });
    expect(await files.refusal(zip, 'people.xlsx')).toMatchObject({ code: 'too_large' });
  });

  test('a row longer than the header', async () => {
    const workbook = new ExcelJS.Workbook();
    workbook.addWorksheet('people').addRows([
      ['a', 'b'],
      [1, 2],
      [1, 2, 3],
    ]);
    const content = new Uint8Array(await workbook.xlsx.writeBuffer());
    expect(await files.refusal(content, 'people.xlsx')).toMatchObject({ code: 'ragged_row', line: 3 });
  });
});
