/** Models are JSON and bytes under names of `[a-z0-9.-]+`, never code. The host keeps a manifest with a checksum of each. */
export interface ArtefactWriter {
  json(name: string, value: unknown): Promise<void>;
  bytes(name: string, value: Uint8Array): Promise<void>;
}

/** Reads back what an {@link ArtefactWriter} wrote; an unknown name or an altered file throws. */
export interface ArtefactReader {
  json(name: string): Promise<unknown>;
  bytes(name: string): Promise<Uint8Array>;
}
