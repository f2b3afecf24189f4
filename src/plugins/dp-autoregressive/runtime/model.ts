import type { ArtefactReader, ArtefactWriter, ColumnCoding, FitSummary } from '../../../core/plugin-api/index.js';
import { featuresOf, type ColumnFeatures } from './column-features.js';
import type { ColumnNetwork } from './column-network.js';

/** A fitted model: plain data, all of it released by mechanisms or made from what they released. */
export interface DpAutoregressiveModel {
  readonly codings: readonly ColumnCoding[];
  readonly harmonics: number;
  readonly networks: readonly ColumnNetwork[];
  readonly summary: FitSummary;
}

type Facts = Omit<DpAutoregressiveModel, 'networks'>;

export function modelFeatures({ codings, harmonics }: Facts): ColumnFeatures[] {
  return codings.map((coding) => featuresOf(coding, harmonics));
}

export async function saveModel(writer: ArtefactWriter, { networks, ...facts }: DpAutoregressiveModel): Promise<void> {
  await writer.json('model.json', facts);
  const parameters = Float64Array.from(
    networks.flatMap(({ bias, weights }) => [bias, ...weights].flatMap((part) => [...part])),
  );
  await writer.bytes('networks.bin', new Uint8Array(parameters.buffer));
}

export async function loadModel(reader: ArtefactReader): Promise<DpAutoregressiveModel> {
  const facts = (await reader.json('model.json')) as Facts;
  const parameters = new Float64Array(Uint8Array.from(await reader.bytes('networks.bin')).buffer);
  let at = 0;
  const take = (length: number): Float64Array => parameters.slice(at, (at += length));
  const features = modelFeatures(facts);
  const networks = features.map(({ codes, size }, c) => {
    return { bias: take(codes), weights: features.slice(0, c).map((earlier) => take(earlier.size * size)) };
  });
  if (at !== parameters.length) throw new Error(`The networks are ${parameters.length} numbers, expected ${at}`);
  return { ...facts, networks };
}
