import { open } from 'node:fs/promises';
import { CsvRecordReader, type CsvRecord } from './csv-records.js';
import type { CsvDialect, TableFormat } from './description.js';
import type { TextScan } from './text-scan.js';

const DELIMITERS = [',', ';', '\t', '|', '^', '~'] as const;
const HEAD_BYTES = 1 << 16;

/** A dialect, and what it makes of the file's head. */
export interface CsvHead {
  readonly dialect: CsvDialect;
  readonly names: readonly string[];
  /** DuckDB reads this dialect as it is; any other is rewritten first. */
  readonly plain: boolean;
}

/** Finds the delimiter and the quote by which the head of the file makes the most even table. */
export async function detectDialect(path: string, format: TableFormat, scan: TextScan): Promise<CsvHead> {
  const { text, whole } = await readHead(path, scan);
  const delimiters = format === 'tsv' && firstLine(text).includes('\t') ? ['\t'] : DELIMITERS;
  let best: Candidate | null = null;
  for (const delimiter of delimiters) {
    for (const quote of ['"', "'"] as const) {
      const candidate = judge(text, whole, delimiter, quote);
      if (!best || candidate.score > best.score) best = candidate;
    }
  }
  const { delimiter, quote, header } = best!;
  return {
    dialect: { delimiter, quote, encoding: scan.encoding },
    names: header,
    plain: quote === '"' && scan.encoding === 'utf-8' && hasPlainBreaks(text) && !/[\r\n]/.test(header.join('')),
  };
}

interface Candidate {
  readonly delimiter: string;
  readonly quote: '"' | "'";
  readonly header: readonly string[];
  readonly score: number;
}

function judge(text: string, whole: boolean, delimiter: string, quote: '"' | "'"): Candidate {
  const { records, broken } = headRecords(text, whole, delimiter, quote);
  const header = records[0]?.fields ?? [''];
  const rows = records.slice(1).filter((record) => record.fields.length > 1 || record.fields[0] !== '');
  const even = rows.filter((record) => record.fields.length === header.length).length;
  const evenness = (rows.length === 0 ? 1 : even / rows.length) * (broken ? 0.5 : 1);
  // A header of one field splits nothing; among those that split, evenness counts first and then the width.
  const width = header.length > 1 ? 1 + evenness + header.length / 1e6 : evenness / 2;
  // The double quote is the rule; the single one must show itself around whole fields.
  const penalty = quote === "'" && !quotesFields(text, delimiter) ? 2 : quote === "'" ? 1e-7 : 0;
  const foreign = quote === '"' && !text.includes('"') && quotesFields(text, delimiter) ? 1e-3 : 0;
  return { delimiter, quote, header, score: width - penalty - foreign };
}

/** Records of the head; a fault ends them, and the last one may be cut off. */
function headRecords(text: string, whole: boolean, delimiter: string, quote: string) {
  const records: CsvRecord[] = [];
  const reader = new CsvRecordReader(delimiter, quote, (record) => records.push(record));
  try {
    reader.push(text);
    if (whole) reader.end();
    return { records, broken: false };
  } catch {
    // The whole file's reader reports the fault with its line.
    return { records, broken: true };
  }
}

/** Several whole fields stand in single quotes. */
function quotesFields(text: string, delimiter: string): boolean {
  const end = `[\\r\\n${delimiter === '^' ? '\\^' : delimiter}]`;
  return (text.match(new RegExp(`(?<=^|${end})'[^']*'(?=$|${end})`, 'g'))?.length ?? 0) >= 2;
}

/** One kind of line break throughout, and not the carriage return alone. */
function hasPlainBreaks(text: string): boolean {
  const pairs = text.match(/\r\n/g)?.length ?? 0;
  const returns = text.match(/\r/g)?.length ?? 0;
  const feeds = text.match(/\n/g)?.length ?? 0;
  return returns === 0 || (returns === pairs && feeds === pairs);
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]!;
}

async function readHead(path: string, scan: TextScan): Promise<{ text: string; whole: boolean }> {
  await using file = await open(path);
  const { size } = await file.stat();
  let length = HEAD_BYTES;
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(length, size)), 0, Math.min(length, size), 0);
    const text = new TextDecoder(scan.encoding).decode(buffer.subarray(0, bytesRead), { stream: bytesRead < size });
    // A wide table's header and first rows must fit.
    if (bytesRead === size || text.split('\n', 4).length > 3 || length >= 64 * HEAD_BYTES) {
      return { text, whole: bytesRead === size };
    }
    length *= 4;
  }
}
