import { randomUUID } from 'node:crypto';
import { access, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Lifecycle, scoped } from 'tsyringe';
import { TableWork } from './table-work.js';

/** What follows from a dataset's rows, in files beside them: made when first asked for, since rows never change. */
@scoped(Lifecycle.ContainerScoped)
export class DerivedFiles {
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(private readonly work: TableWork) {}

  /** The path of the file `name` in the dataset's folder; `make` writes one that is not there yet. */
  async file(
    id: string,
    folder: string,
    name: string,
    make: (path: string) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<string> {
    const path = join(folder, name);
    if (await exists(path)) return path;
    const key = `${id}/${name}`;
    // One at a time for each file, whoever asks; a caller who goes away does not end it for the others.
    let made = this.#underWay.get(key);
    if (made === undefined) {
      made = this.work.run(() => this.#make(path, make)).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, made);
    }
    await made;
    signal?.throwIfAborted();
    return path;
  }

  /** Waits for files of a dataset that is about to go. */
  async forget(id: string): Promise<void> {
    const files = [...this.#underWay].filter(([key]) => key.startsWith(`${id}/`)).map(([, made]) => made);
    await Promise.allSettled(files);
  }

  /** Removes the halves that a killed process left in the folders of the given datasets. */
  async sweep(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (name.startsWith('partial-')) await rm(join(folder, name), { force: true });
      }
    }
  }

  async #make(path: string, make: (path: string) => Promise<void>): Promise<void> {
    const partial = join(dirname(path), `partial-${randomUUID()}-${basename(path)}`);
    try {
      await make(partial);
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
