import {
  loadMarginals,
  packDoubles,
  saveMarginals,
  unpackDoubles,
  type ArtefactReader,
  type ArtefactWriter,
  type ColumnMarginal,
} from '../../../core/plugin-api/index.js';
import { latentDimensionsOf, type LatentDimension } from './latent-dimension.js';
import { PackedMatrix } from './packed-matrix.js';

/** All that a fitted copula is. */
export interface CopulaModel {
  readonly marginals: readonly ColumnMarginal[];
  readonly dimensions: readonly LatentDimension[];
  readonly correlation: PackedMatrix;
  /** Cholesky factor of the correlation. */
  readonly factor: PackedMatrix;
  readonly metrics: Readonly<Record<string, number>>;
}

export async function saveModel(model: CopulaModel, writer: ArtefactWriter): Promise<void> {
  await saveMarginals(writer, model.marginals);
  await writer.json('summary.json', { dimensions: model.dimensions.length, metrics: model.metrics });
  await writer.bytes('correlation.bin', packDoubles([model.correlation.data, model.factor.data]));
}

export async function loadModel(reader: ArtefactReader): Promise<CopulaModel> {
  const marginals = await loadMarginals(reader);
  const { dimensions: size, metrics } = (await reader.json('summary.json')) as {
    dimensions: number;
    metrics: Record<string, number>;
  };
  const numbers = unpackDoubles(await reader.bytes('correlation.bin'));
  const half = (size * (size + 1)) / 2;
  return {
    marginals,
    dimensions: latentDimensionsOf(marginals),
    correlation: new PackedMatrix(size, numbers.subarray(0, half)),
    factor: new PackedMatrix(size, numbers.subarray(half)),
    metrics,
  };
}
