import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { StudioError } from '../errors/index.js';

/** Streams an upload to a file, through to the disk, hashing on the way. */
export async function receiveUpload(
  stream: Readable,
  path: string,
  maximumBytes: number,
): Promise<{ sizeBytes: number; checksum: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  await using file = await open(path, 'wx');
  for await (const chunk of limitUpload(stream, maximumBytes)) {
    sizeBytes += chunk.length;
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  await file.sync();
  return { sizeBytes, checksum: `sha256:${hash.digest('hex')}` };
}

/** The chunks of an upload, up to the one that makes it too large. Throws `payload_too_large`. */
export async function* limitUpload(stream: Readable, maximumBytes: number): AsyncGenerator<Buffer> {
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maximumBytes) {
      throw new StudioError('payload_too_large', `The file is larger than ${maximumBytes} bytes`);
    }
    yield chunk;
  }
}
