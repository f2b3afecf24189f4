import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import type { TextEncoding } from './description.js';

export interface TextScan {
  readonly encoding: TextEncoding;
  readonly byteOrderMark: boolean;
  /** A zero byte where text has none: the file is not text. */
  readonly binary: boolean;
}

const CHUNK = 1 << 20;

/** Reads the whole file once for its encoding: one stray byte at the end of a gigabyte is found here, not halfway through the parse. */
export async function scanText(path: string, signal?: AbortSignal): Promise<TextScan> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(CHUNK + 3);
  let carried = 0;
  let position = 0;
  let validUtf8 = true;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, carried, CHUNK, position);
    const bytes = buffer.subarray(0, carried + bytesRead);
    if (position === 0) {
      const wide = detectUtf16(bytes);
      if (wide) return wide;
    }
    if (bytes.includes(0)) return { encoding: 'utf-8', byteOrderMark: false, binary: true };
    const end = bytesRead === 0 ? bytes.length : completeLength(bytes);
    validUtf8 &&= isUtf8(bytes.subarray(0, end));
    if (bytesRead === 0) break;
    position += bytesRead;
    carried = bytes.length - end;
    bytes.copy(buffer, 0, end);
  }
  return { encoding: validUtf8 ? 'utf-8' : 'windows-1252', byteOrderMark: await hasUtf8Mark(path), binary: false };
}

function detectUtf16(head: Buffer): TextScan | null {
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', byteOrderMark: true, binary: false };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', byteOrderMark: true, binary: false };
  const pairs = Math.min(head.length >> 1, 2000);
  if (pairs < 2) return null;
  let evenZeros = 0;
  let oddZeros = 0;
  for (let i = 0; i < pairs; i++) {
    if (head[2 * i] === 0) evenZeros++;
    if (head[2 * i + 1] === 0) oddZeros++;
  }
  // Latin letters, digits and delimiters have a zero as their high byte, and none as their low byte.
  if (oddZeros > pairs / 2 && evenZeros === 0) return { encoding: 'utf-16le', byteOrderMark: false, binary: false };
  if (evenZeros > pairs / 2 && oddZeros === 0) return { encoding: 'utf-16be', byteOrderMark: false, binary: false };
  return null;
}

/** Length without a UTF-8 sequence that the end of the chunk cuts in two. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

async function hasUtf8Mark(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0);
  return bytesRead === 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf;
}
