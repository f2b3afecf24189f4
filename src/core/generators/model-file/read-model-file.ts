import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid, StudioError } from '../../errors/index.js';
import { type ArtefactEntry, isArtefactName } from '../../storage/artefact-folder.js';
import { ByteReader, EarlyEnd } from '../../storage/byte-reader.js';
import { parseTarHeader, TAR_BLOCK, TAR_END, tarHeader, type TarMember, tarPadding } from '../../storage/tar.js';
import { ARTEFACTS, CHECKSUMS, MANIFEST } from './manifest.js';

/** Held in memory while they are read; far beyond what any table or model needs. */
const LARGEST_MANIFEST = 16 * 1024 ** 2;
const LARGEST_CHECKSUMS = 1024 ** 2;

export interface ReadModelFile {
  readonly artefacts: readonly ArtefactEntry[];
}

/**
 * Takes a model file apart as it comes in. Its artefacts go to `folder`; nothing is unpacked that was not asked for, and
 * a file with one byte changed anywhere is refused. `onManifest` may refuse before the rest is read.
 * @throws StudioError `unsupported_format` for what is no model file, `validation_error` for one that was altered.
 */
export async function readModelFile(
  source: AsyncIterable<Buffer>,
  folder: string,
  onManifest: (text: string) => void,
): Promise<ReadModelFile> {
  await mkdir(folder, { recursive: true });
  try {
    return await new ModelFileReader(new ByteReader(source), folder).read(onManifest);
  } catch (error) {
    throw error instanceof EarlyEnd ? altered(error.message) : error;
  }
}

class ModelFileReader {
  readonly #sums = new Map<string, string>();

  constructor(
    private readonly bytes: ByteReader,
    private readonly folder: string,
  ) {}

  async read(onManifest: (text: string) => void): Promise<ReadModelFile> {
    onManifest((await this.#readManifest()).toString('utf8'));
    const artefacts: ArtefactEntry[] = [];
    for (;;) {
      const member = await this.#nextMember();
      if (member.name === CHECKSUMS) {
        await this.#checkSums(member);
        break;
      }
      artefacts.push(await this.#saveArtefact(member));
    }
    const end = await this.bytes.exactly(TAR_END.length);
    if (!end.equals(TAR_END) || !(await this.bytes.isAtEnd())) throw altered('Something follows after its end');
    return { artefacts };
  }

  async #readManifest(): Promise<Buffer> {
    const header = await this.bytes.exactly(TAR_BLOCK).catch((error: unknown) => {
      throw error instanceof EarlyEnd ? notAModel() : error;
    });
    if (parseTarHeader(header)?.name !== MANIFEST) throw notAModel();
    return this.#content(checkHeader(header), LARGEST_MANIFEST);
  }

  async #nextMember(): Promise<TarMember> {
    return checkHeader(await this.bytes.exactly(TAR_BLOCK));
  }

  /** The whole of a small member. */
  async #content(member: TarMember, largest: number): Promise<Buffer> {
    if (member.size > largest) throw altered(`"${member.name}" is larger than ${largest} bytes`);
    const content = await this.bytes.exactly(member.size);
    await this.#skipPadding(member);
    this.#sums.set(member.name, createHash('sha256').update(content).digest('hex'));
    return content;
  }

  async #saveArtefact(member: TarMember): Promise<ArtefactEntry> {
    if (this.#sums.has(member.name)) throw altered(`It has "${member.name}" twice`);
    const name = member.name.slice(ARTEFACTS.length);
    const hash = createHash('sha256');
    {
      await using file = await open(join(this.folder, name), 'wx');
      for await (const part of this.bytes.parts(member.size)) {
        hash.update(part);
        await file.writeFile(part);
      }
      await file.sync();
    }
    await this.#skipPadding(member);
    const sha256 = hash.digest('hex');
    this.#sums.set(member.name, sha256);
    return { name, sha256, bytes: member.size };
  }

  async #checkSums(member: TarMember): Promise<void> {
    const found = [...this.#sums].map(([name, sha256]) => `${sha256}  ${name}`);
    const told = (await this.#content(member, LARGEST_CHECKSUMS)).toString('latin1').split('\n');
    if (told.pop() !== '' || told.length !== found.length) throw altered('Its list of checksums is not whole');
    const wrong = found.findIndex((line, i) => line !== told[i]);
    if (wrong >= 0) throw altered(`"${found[wrong]!.slice(66)}" does not have the checksum that ${CHECKSUMS} tells`);
  }

  async #skipPadding({ name, size }: TarMember): Promise<void> {
    const padding = await this.bytes.exactly(tarPadding(size));
    if (padding.some((byte) => byte !== 0)) throw altered(`Something is hidden after "${name}"`);
  }
}

/** Links, devices, owners, long names: whatever the studio does not write itself is refused. */
function checkHeader(header: Buffer): TarMember {
  const member = parseTarHeader(header);
  if (member === null) throw altered('It is cut off, or an entry is no tar entry');
  const { name } = member;
  const isArtefact = name.startsWith(ARTEFACTS) && isArtefactName(name.slice(ARTEFACTS.length));
  if (!isArtefact && name !== MANIFEST && name !== CHECKSUMS) throw altered(`"${name}" is no name of a model's file`);
  if (!header.equals(tarHeader(member))) throw altered(`The entry "${name}" is not as a studio writes it`);
  return member;
}

function notAModel(): StudioError {
  return new StudioError(
    'unsupported_format',
    `The file is not a model of a studio: it does not begin with ${MANIFEST}`,
  );
}

function altered(what: string): StudioError {
  const message = `The model was altered or damaged: ${what}`;
  return invalid({ field: 'file', message, code: 'invalid_format' });
}
