import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { TABLE_FORMATS, type TableFormat } from './description.js';
import { TableError } from './table-error.js';

/** Leading bytes of the usual files that are no tables, and of the two binary ones that are. */
const SIGNATURES: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: 'Parquet', bytes: [0x50, 0x41, 0x52, 0x31] },
  { name: 'ZIP', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'ZIP', bytes: [0x50, 0x4b, 0x05, 0x06] },
  { name: 'PDF', bytes: [0x25, 0x50, 0x44, 0x46] },
  { name: 'PNG', bytes: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'JPEG', bytes: [0xff, 0xd8, 0xff] },
  { name: 'GIF', bytes: [0x47, 0x49, 0x46, 0x38] },
  { name: 'GZIP', bytes: [0x1f, 0x8b] },
  { name: 'Zstandard', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { name: 'old Excel (.xls)', bytes: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: '7-Zip', bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: 'ELF', bytes: [0x7f, 0x45, 0x4c, 0x46] },
];

const EXTENSIONS: Readonly<Record<string, TableFormat>> = {
  '.csv': 'csv',
  '.txt': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.xlsx': 'xlsx',
};

/** The format by the file's content, which must fit its name. Throws {@link TableError}. */
export async function detectFormat(path: string, filename: string): Promise<TableFormat> {
  const head = await readHead(path);
  if (head.length === 0) throw new TableError('empty_file', `${filename} is empty`);
  const named = Object.hasOwn(EXTENSIONS, extname(filename).toLowerCase())
    ? EXTENSIONS[extname(filename).toLowerCase()]
    : undefined;
  const signature = SIGNATURES.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (named === undefined && extname(filename) !== '' && !signature) {
    throw new TableError(
      'unsupported_format',
      `${filename} has the extension ${extname(filename)}; the formats are ${TABLE_FORMATS.join(', ')}`,
    );
  }
  const found = signature ? binaryFormat(signature.name) : textFormat(head, named);
  if (found === null || (named !== undefined && named !== found)) {
    throw new TableError('unsupported_format', mismatch(filename, named, signature?.name ?? 'text'));
  }
  return found;
}

function binaryFormat(signature: string): TableFormat | null {
  return signature === 'Parquet' ? 'parquet' : signature === 'ZIP' ? 'xlsx' : null;
}

function textFormat(head: Buffer, named: TableFormat | undefined): TableFormat | null {
  if (named === 'parquet' || named === 'xlsx') return null;
  if (named !== undefined) return named;
  const first = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart()[0];
  return first === '[' ? 'json' : first === '{' ? 'ndjson' : 'csv';
}

function mismatch(filename: string, named: TableFormat | undefined, found: string): string {
  return named === undefined
    ? `${filename} is a ${found} file, not a table`
    : `${filename} is named as ${named} but its content is ${found}`;
}

async function readHead(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  return buffer.subarray(0, bytesRead);
}
