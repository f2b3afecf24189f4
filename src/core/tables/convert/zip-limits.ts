import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { createInflateRaw } from 'node:zlib';
import { TableError } from '../table-error.js';

export interface InflationLimits {
  readonly maxInflatedBytes: number;
  readonly maxInflationRatio: number;
}

interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  readonly inflated: number;
  readonly headerOffset: number;
}

/** Small archives may be dense without harm. */
const RATIO_MATTERS_FROM = 16 << 20;

/**
 * Refuses an archive that would blow up: by what its directory says, then by inflating every entry to nowhere and
 * counting, since the directory may lie. Returns the names of its entries. Throws {@link TableError}.
 * Format: APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.12, 4.3.16.
 */
export async function checkArchive(path: string, filename: string, limits: InflationLimits): Promise<string[]> {
  const entries = readDirectory(path, filename);
  let total = 0;
  for (const entry of entries) refuseBomb((total += entry.inflated), entry, filename, limits);
  total = 0;
  for (const entry of entries) {
    if (entry.method !== 8) continue;
    for await (const size of inflatedSizes(path, entry, filename)) {
      total += size.chunk;
      refuseBomb(total, { ...entry, inflated: size.total }, filename, limits);
    }
  }
  return entries.map((entry) => entry.name);
}

function refuseBomb(total: number, entry: ZipEntry, filename: string, limits: InflationLimits): void {
  const dense = entry.inflated > RATIO_MATTERS_FROM && entry.inflated > entry.compressed * limits.maxInflationRatio;
  if (total > limits.maxInflatedBytes || dense) {
    const size = `more than ${Math.floor(Math.min(total, limits.maxInflatedBytes) / 2 ** 20)} MiB`;
    throw new TableError('too_large', `${filename} unpacks to ${size} (${entry.name}): refused as a zip bomb`);
  }
}

async function* inflatedSizes(path: string, entry: ZipEntry, filename: string) {
  const header = readAt(path, entry.headerOffset, 30);
  const start = entry.headerOffset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const source = createReadStream(path, { start, end: Math.max(start, start + entry.compressed - 1) });
  const inflater = createInflateRaw();
  source.on('error', (error) => inflater.destroy(error));
  let total = 0;
  try {
    for await (const chunk of source.pipe(inflater) as AsyncIterable<Buffer>) {
      total += chunk.length;
      yield { chunk: chunk.length, total };
    }
  } catch (error) {
    throw damaged(filename, error);
  } finally {
    source.destroy();
  }
}

function readDirectory(path: string, filename: string): ZipEntry[] {
  const size = fileSize(path);
  const tail = readAt(path, Math.max(0, size - 65_557), Math.min(size, 65_557));
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0) throw damaged(filename);
  const count = tail.readUInt16LE(end + 10);
  const directory = readAt(path, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged(filename);
    const nameLength = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      inflated: directory.readUInt32LE(at + 24),
      headerOffset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function damaged(filename: string, cause?: unknown): TableError {
  return new TableError('unreadable_file', `${filename} is a damaged ZIP archive`, {}, { cause });
}

function fileSize(path: string): number {
  const file = openSync(path, 'r');
  try {
    return fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

function readAt(path: string, position: number, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(length, 64 << 20));
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, position));
  } finally {
    closeSync(file);
  }
}
