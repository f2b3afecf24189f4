import {
  type ArtefactReader,
  type ArtefactWriter,
  type Feed,
  type FitSummary,
  type FittedModel,
  packTensors,
  type RunContext,
  unpackTensors,
} from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { layoutOf } from './layout.js';
import { sampleRows, type SamplingModel } from './sampler.js';
import { compileSampling, modelShapes } from './sampling-program.js';
import type { TableEncoding } from './table-encoding.js';

/** Everything of a model but its weights, as saved. */
interface ModelFile {
  readonly config: CtganConfig;
  readonly encoding: TableEncoding;
  readonly summary: FitSummary;
}

export async function createModel(file: ModelFile, weights: Feed, context: RunContext): Promise<FittedModel> {
  const layout = layoutOf(file.encoding);
  const program = await compileSampling(context.compute, layout, file.config, weights);
  const model: SamplingModel = { ...file, layout, program };
  return {
    summary: file.summary,
    sample: (request, sampling) => sampleRows(model, request, sampling),
    async save(writer: ArtefactWriter) {
      await writer.json('model.json', file);
      await writer.bytes('weights.bin', packTensors(modelShapes(layout, file.config), weights));
    },
    dispose: () => program.dispose(),
  };
}

export async function restoreModel(reader: ArtefactReader, context: RunContext): Promise<FittedModel> {
  const file = (await reader.json('model.json')) as ModelFile;
  const shapes = modelShapes(layoutOf(file.encoding), file.config);
  return createModel(file, unpackTensors(shapes, await reader.bytes('weights.bin')), context);
}
