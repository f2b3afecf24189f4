import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 18;

/** The file's text in pieces, decoded; a byte order mark is left out. Synchronous: for worker threads only. */
export function* decodedText(path: string, encoding: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder(encoding);
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const length = readSync(file, buffer, 0, CHUNK, null);
      if (length === 0) break;
      yield decoder.decode(buffer.subarray(0, length), { stream: true });
    }
    yield decoder.decode();
  } finally {
    closeSync(file);
  }
}
