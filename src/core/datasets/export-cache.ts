import { randomUUID } from 'node:crypto';
import { access, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Lifecycle, scoped } from 'tsyringe';
import { exportTable, type ExportFormat } from '../tables/index.js';

/** Exports of a dataset beside its rows: made when first asked for, then sent as files, resumable like any other. */
@scoped(Lifecycle.ContainerScoped)
export class ExportCache {
  readonly #underWay = new Map<string, Promise<string>>();

  async file(id: string, folder: string, format: ExportFormat, signal?: AbortSignal): Promise<string> {
    const path = join(folder, `export.${format}`);
    if (await exists(path)) return path;
    const key = `${id}/${format}`;
    // One export at a time for each file, whoever asks; a caller who goes away does not end it for the others.
    let made = this.#underWay.get(key);
    if (made === undefined) {
      made = this.#make(folder, format, path).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, made);
    }
    await made;
    signal?.throwIfAborted();
    return path;
  }

  /** Waits for exports of a dataset that is about to go. */
  async forget(id: string): Promise<void> {
    const exports = [...this.#underWay].filter(([key]) => key.startsWith(`${id}/`)).map(([, made]) => made);
    await Promise.allSettled(exports);
  }

  /** Removes the halves that a killed process left in the folders of the given datasets. */
  async sweep(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      for (const name of await readdir(folder).catch(() => [])) {
        if (name.startsWith('partial-')) await rm(join(folder, name), { force: true });
      }
    }
  }

  async #make(folder: string, format: ExportFormat, path: string): Promise<string> {
    const partial = join(folder, `partial-${randomUUID()}.${format}`);
    try {
      await exportTable(folder, format, partial);
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
    return path;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
