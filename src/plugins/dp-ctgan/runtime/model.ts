import type { ArtefactReader, ArtefactWriter, ColumnCoding, FitSummary } from '../../../core/plugin-api/index.js';
import type { Networks } from './programs.js';

/** A trained model: plain data, all of it released by mechanisms or made from what they released. */
export interface DpCtganModel {
  readonly codings: readonly ColumnCoding[];
  readonly networks: Networks;
  readonly generator: Float32Array;
  readonly summary: FitSummary;
}

export async function saveModel(writer: ArtefactWriter, { generator, ...facts }: DpCtganModel): Promise<void> {
  await writer.json('model.json', facts);
  await writer.bytes('generator.bin', new Uint8Array(generator.buffer, generator.byteOffset, generator.byteLength));
}

export async function loadModel(reader: ArtefactReader): Promise<DpCtganModel> {
  const facts = (await reader.json('model.json')) as Omit<DpCtganModel, 'generator'>;
  const bytes = await reader.bytes('generator.bin');
  return { ...facts, generator: new Float32Array(Uint8Array.from(bytes).buffer) };
}
