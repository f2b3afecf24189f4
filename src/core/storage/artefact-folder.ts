import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtefactReader, ArtefactWriter } from '../plugin-api/index.js';

interface Manifest {
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
}

export interface ArtefactEntry {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

const MANIFEST = 'manifest.json';
const NAME = /^[a-z0-9][a-z0-9.-]*$/;

/** Writes a model's files and, last, the manifest of their checksums: a folder without one is unfinished. */
export async function writeArtefacts(folder: string, write: (writer: ArtefactWriter) => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files: Record<string, { sha256: string; bytes: number }> = {};
  const put = async (name: string, data: Uint8Array) => {
    if (!isArtefactName(name)) throw new Error(`Artefact name "${name}": use a-z, 0-9, "." and "-"`);
    await writeDurably(join(folder, name), data);
    files[name] = { sha256: digest(data), bytes: data.length };
  };
  await write({
    json: (name, value) => put(name, Buffer.from(JSON.stringify(value))),
    bytes: (name, value) => put(name, value),
  });
  await writeManifest(folder, files);
}

export function isArtefactName(name: string): boolean {
  return NAME.test(name) && name !== MANIFEST;
}

/** Makes a folder of artefacts of files that lie in it already. */
export async function sealArtefacts(folder: string, entries: readonly ArtefactEntry[]): Promise<void> {
  await writeManifest(folder, Object.fromEntries(entries.map(({ name, ...facts }) => [name, facts])));
}

/** What is in a folder of artefacts, by name. */
export async function listArtefacts(folder: string): Promise<ArtefactEntry[]> {
  const { files } = await readManifest(folder);
  return Object.entries(files)
    .map(([name, facts]) => ({ name, ...facts }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Each file is checked against the manifest when it is read. */
export async function readArtefacts(folder: string): Promise<ArtefactReader> {
  const { files } = await readManifest(folder);
  const get = async (name: string) => {
    const entry = Object.hasOwn(files, name) ? files[name] : undefined;
    if (entry === undefined) throw new Error(`The model has no artefact "${name}"`);
    const data = await readFile(join(folder, name));
    if (digest(data) !== entry.sha256) throw new Error(`The artefact "${name}" was altered after it was written`);
    return data;
  };
  return {
    json: async (name) => JSON.parse((await get(name)).toString('utf8')) as unknown,
    bytes: get,
  };
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as Manifest;
}

async function writeManifest(folder: string, files: Manifest['files']): Promise<void> {
  await writeDurably(join(folder, MANIFEST), Buffer.from(JSON.stringify({ files } satisfies Manifest)));
}

function digest(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

async function writeDurably(path: string, data: Uint8Array): Promise<void> {
  await using file = await open(path, 'w');
  await file.writeFile(data);
  await file.sync();
}
