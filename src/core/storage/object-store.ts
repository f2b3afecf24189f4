import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, Lifecycle, scoped } from 'tsyringe';
import type { StudioConfig } from '../app/config.js';
import { CONFIG } from '../app/tokens.js';

export type ObjectFolder = 'datasets' | 'models' | 'evaluations';
export type ScratchUse = 'upload' | 'run';
const FOLDERS: readonly ObjectFolder[] = ['datasets', 'models', 'evaluations'];

/**
 * Folders of files that appear as a whole or not at all: written in a scratch folder, then renamed into place.
 * A folder is named by the id of the row that it belongs to.
 */
@scoped(Lifecycle.ContainerScoped)
export class ObjectStore {
  readonly #objects: string;
  readonly #scratch: string;

  constructor(@inject(CONFIG) config: StudioConfig) {
    this.#objects = join(config.dataDir, 'objects');
    this.#scratch = join(config.dataDir, 'scratch');
  }

  async open(): Promise<void> {
    for (const folder of FOLDERS) await mkdir(join(this.#objects, folder), { recursive: true });
    await mkdir(this.#scratch, { recursive: true });
  }

  /** A new empty folder, on the same file system as the store: for an upload, or for one attempt of a job. */
  async createScratch(use: ScratchUse): Promise<string> {
    const path = join(this.#scratch, `${use}-${randomUUID()}`);
    await mkdir(path);
    return path;
  }

  /** A scratch folder that outlives the attempt: the checkpoints of one job. */
  async jobFolder(jobId: string): Promise<string> {
    const path = join(this.#scratch, `job-${jobId}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Writes `content` where everything that is kept goes, and reads it back; throws where that cannot be done. */
  async probe(content: string): Promise<void> {
    const path = join(this.#objects, `.probe-${randomUUID()}`);
    try {
      await writeFile(path, content);
      if ((await readFile(path, 'utf8')) !== content) throw new Error('A file that was written is not as it was');
    } finally {
      await rm(path, { force: true });
    }
  }

  path(folder: ObjectFolder, id: string): string {
    return join(this.#objects, folder, id);
  }

  /** Moves a scratch folder into place; what stood there before goes. */
  async publish(scratch: string, folder: ObjectFolder, id: string): Promise<void> {
    const target = this.path(folder, id);
    await rm(target, { recursive: true, force: true });
    await rename(scratch, target);
  }

  async remove(folder: ObjectFolder, id: string): Promise<void> {
    await rm(this.path(folder, id), { recursive: true, force: true });
  }

  async discard(scratch: string): Promise<void> {
    await rm(scratch, { recursive: true, force: true });
  }

  /** Removes what a killed process left of its uploads, or of its runs but those of the given jobs. Before any work starts. */
  async sweepScratch(use: ScratchUse, activeJobIds: ReadonlySet<string> = new Set()): Promise<void> {
    for (const name of await readdir(this.#scratch)) {
      const ended = name.startsWith('job-') && use === 'run' && !activeJobIds.has(name.slice('job-'.length));
      if (ended || name.startsWith(`${use}-`)) await this.discard(join(this.#scratch, name));
    }
  }

  /** Removes the objects without a row: a process was killed between the two. Before any work starts. */
  async sweepObjects(kept: Readonly<Record<ObjectFolder, ReadonlySet<string>>>): Promise<void> {
    for (const folder of FOLDERS) {
      for (const id of await readdir(join(this.#objects, folder))) {
        if (!kept[folder].has(id)) await this.remove(folder, id);
      }
    }
  }
}
