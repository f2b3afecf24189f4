import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRestClient, ended, logIn, type RestClient, upload } from '../support/rest.js';
import { startStudio, type TestStudio } from '../support/studio.js';

let studio: TestStudio;
let call: RestClient;
let token: string;

beforeAll(async () => {
  studio = await startStudio();
  call = createRestClient(studio);
  token = await logIn(call, 'owner@example.com');
});
afterAll(() => studio?.close());

async function uploaded(content: string, filename = 'umsatz.csv') {
  const answer = await upload(call, token, content, filename);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

const get = async (path: string) => (await call('GET', path, { token })).body;
const rowsOf = async (id: string) => (await get(`/datasets/${id}/rows`)).rows;
const textOf = async (path: string) => (await call('GET', path, { token })).text;
const kindsOf = ({ columns }: { columns: { kind: string }[] }) => columns.map(({ kind }) => kind);
/** The cells of one column, by the kind that the upload gives to it. */
const kindOf = async (cells: readonly string[], more: readonly string[] = []) => {
  const rows = cells.map((cell, i) => `${cell};${more[i] ?? 'x'}`);
  return kindsOf(await uploaded(`betrag;mehr\n${rows.join('\n')}\n`))[0];
};

describe('a file with decimal commas', () => {
  const table = [
    'betrag;temperatur;ort',
    '1.234,56;3,5;"Bonn; Süd"',
    '0,50;-12,25;Köln',
    '-98.765.432,10;1e3;Ulm',
    ';7;Ulm',
  ].join('\n');

  it('is read as numbers, which preview and profile show', async () => {
    const dataset = await uploaded(`${table}\n`);
    expect(kindsOf(dataset)).toEqual(['continuous', 'continuous', 'categorical']);
    expect(await rowsOf(dataset.id)).toEqual([
      [1234.56, 3.5, 'Bonn; Süd'],
      [0.5, -12.25, 'Köln'],
      [-98765432.1, 1000, 'Ulm'],
      [null, 7, 'Ulm'],
    ]);
    const [betrag] = (await get(`/datasets/${dataset.id}/profile`)).columns;
    expect(betrag.numeric).toMatchObject({ minimum: -98765432.1, maximum: 1234.56 });
  });

  it('has JSON numbers in its other formats, with all their places', async () => {
    const { id } = await uploaded(`${table}\n`);
    expect(await textOf(`/datasets/${id}/download?format=ndjson`)).toBe(
      [
        '{"betrag":1234.56,"temperatur":3.5,"ort":"Bonn; Süd"}',
        '{"betrag":0.50,"temperatur":-12.25,"ort":"Köln"}',
        '{"betrag":-98765432.10,"temperatur":1000,"ort":"Ulm"}',
        '{"betrag":null,"temperatur":7,"ort":"Ulm"}',
        '',
      ].join('\n'),
    );
  });

  it('gives synthetic rows that are written in the same way, and are read again', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => {
      const [thousands, rest] = [1 + (i % 7), String((i * 37) % 1000).padStart(3, '0')];
      return `${thousands}.${rest},${String(i % 100).padStart(2, '0')};${i % 10},${(i * 3) % 10}`;
    });
    const { id } = await uploaded(`betrag;menge\n${rows.join('\n')}\n`);
    const { body } = await call('POST', `/generators/dataset/${id}/generate`, {
      token,
      json: { generator_type: 'gaussian-copula', num_rows: 200, seed: 3 },
    });
    const { output_dataset_id: output } = await ended(call, token, `/generators/${body.id}`);
    const csv = await textOf(`/datasets/${output}/download`);
    const [header, ...lines] = csv.trimEnd().split('\n');
    expect(header).toBe('betrag;menge');
    expect(lines).toHaveLength(200);
    for (const line of lines) expect(line).toMatch(/^-?\d{1,3}(\.\d{3})*,\d{2};-?\d+,\d$/);
    const again = await uploaded(csv);
    expect(kindsOf(again)).toEqual(['continuous', 'continuous']);
    expect(await rowsOf(again.id)).toEqual(await rowsOf(output));
  });

  it.each(['\t', '|'])('may have %j between its cells', async (delimiter) => {
    expect(kindsOf(await uploaded(`a${delimiter}b\n3,14${delimiter}x\n2,5${delimiter}y\n`))).toEqual([
      'continuous',
      'categorical',
    ]);
  });
});

describe('a comma', () => {
  it('between thousands, or between decimals for all that one column shows, is no number by itself', async () => {
    expect(await kindOf(['1,234', '12,345', '999,000'])).toBe('categorical');
    expect(await kindOf(['1,234,567', '2,345,678'])).toBe('categorical');
    expect(await kindOf(['1,234.56', '3,500.00'])).toBe('categorical');
  });

  it('is a decimal one where another column of the file proves it', async () => {
    expect(await kindOf(['1,234', '12,345'], ['3,14', '2,5'])).toBe('continuous');
    expect(await kindOf(['1,234', '12,345'], ['3,14', '2.5'])).toBe('categorical');
  });

  it('proves nothing in a file that also writes decimal points', async () => {
    const dataset = await uploaded('a;b;c\n1,234;3,14;2.5\n12,345;2,5;3.25\n');
    expect(kindsOf(dataset)).toEqual(['categorical', 'continuous', 'continuous']);
  });

  it('is a decimal one by a cell far behind the first', async () => {
    const cells = Array.from({ length: 5000 }, (_, i) => `${1 + (i % 9)},${100 + (i % 800)}`);
    expect(await kindOf(cells)).not.toBe('continuous');
    expect(await kindOf([...cells, '0,5'])).toBe('continuous');
  });

  it('among points and words leaves text', async () => {
    expect(await kindOf(['3,14', '2.5'])).toBe('categorical');
    expect(await kindOf(['3,14', '0.125'])).toBe('categorical');
    expect(await kindOf(['3,14', '12.34,5'])).toBe('categorical');
    expect(await kindOf(['3,14', 'drei'])).toBe('categorical');
    expect(await kindOf(['1,5,2', '2,5'])).toBe('categorical');
  });

  it('in a file with commas between its cells stays text', async () => {
    expect(kindsOf(await uploaded('a,b\n"3,14",x\n"2,5",y\n'))).toEqual(['categorical', 'categorical']);
  });
});
