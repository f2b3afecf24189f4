import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { listArtefacts } from '../../storage/artefact-folder.js';
import { TAR_END, tarHeader, tarPadding } from '../../storage/tar.js';
import { ARTEFACTS, CHECKSUMS, MANIFEST, type ModelManifest } from './manifest.js';

/**
 * Writes a model as one file: a tar archive of the manifest, the plugin's artefacts, and the SHA-256 of each
 * (`sha256sum -c SHA256SUMS` checks them). The same model makes the same bytes; memory does not grow with it.
 */
export async function writeModelFile(path: string, manifest: ModelManifest, artefactFolder: string): Promise<void> {
  await using file = await open(path, 'wx');
  const archive = new ArchiveWriter(file);
  await archive.add(MANIFEST, Buffer.from(JSON.stringify(manifest)));
  for (const { name, bytes } of await listArtefacts(artefactFolder)) {
    await archive.addStream(`${ARTEFACTS}${name}`, bytes, createReadStream(join(artefactFolder, name)));
  }
  await archive.finish();
}

class ArchiveWriter {
  readonly #sums: string[] = [];

  constructor(private readonly file: FileHandle) {}

  async add(name: string, content: Buffer): Promise<void> {
    await this.addStream(name, content.length, [content]);
  }

  async addStream(name: string, size: number, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const digest = await this.#write(name, size, content, createHash('sha256'));
    this.#sums.push(`${digest.digest('hex')}  ${name}\n`);
  }

  async finish(): Promise<void> {
    const sums = Buffer.from(this.#sums.join(''));
    await this.#write(CHECKSUMS, sums.length, [sums], createHash('sha256'));
    await this.file.writeFile(TAR_END);
    await this.file.sync();
  }

  async #write(name: string, size: number, content: AsyncIterable<Buffer> | Iterable<Buffer>, digest: Hash) {
    await this.file.writeFile(tarHeader({ name, size }));
    let written = 0;
    for await (const part of content) {
      digest.update(part);
      await this.file.writeFile(part);
      written += part.length;
    }
    if (written !== size) throw new Error(`"${name}" has ${written} bytes where its manifest says ${size}`);
    await this.file.writeFile(Buffer.alloc(tarPadding(size)));
    return digest;
  }
}
