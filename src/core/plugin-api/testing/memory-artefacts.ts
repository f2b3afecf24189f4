import type { ArtefactReader, ArtefactWriter } from '../artefacts.js';

/** What was written, as stored: JSON as text, so that a value that does not survive JSON is found out. */
export type StoredArtefacts = Map<string, string | Uint8Array>;

export interface MemoryArtefacts extends ArtefactWriter, ArtefactReader {
  json(name: string, value: unknown): Promise<void>;
  json(name: string): Promise<unknown>;
  bytes(name: string, value: Uint8Array): Promise<void>;
  bytes(name: string): Promise<Uint8Array>;
  readonly stored: StoredArtefacts;
}

const NAME = /^[a-z0-9.-]+$/;

/** Writes to and reads from memory, under the host's rules: a bad name, a name written twice and an unknown name throw. */
export function memoryArtefacts(stored: StoredArtefacts = new Map()): MemoryArtefacts {
  const write = (name: string, value: string | Uint8Array): void => {
    if (!NAME.test(name)) throw new Error(`The artefact name "${name}" is not of the form [a-z0-9.-]+`);
    if (stored.has(name)) throw new Error(`The artefact "${name}" was written twice`);
    stored.set(name, value);
  };
  const read = (name: string): string | Uint8Array => {
    const value = stored.get(name);
    if (value === undefined) throw new Error(`There is no artefact "${name}"`);
    return value;
  };
  async function json(...[name, ...value]: [string] | [string, unknown]): Promise<unknown> {
    if (value.length === 1) return write(name, JSON.stringify(value[0]));
    return JSON.parse(read(name) as string);
  }
  async function bytes(name: string, value?: Uint8Array): Promise<void | Uint8Array> {
    if (value) return write(name, Uint8Array.from(value));
    return Uint8Array.from(read(name) as Uint8Array);
  }
  return { stored, json, bytes } as MemoryArtefacts;
}
