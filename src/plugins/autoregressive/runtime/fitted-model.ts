import {
  type ArtefactReader,
  type ArtefactWriter,
  type ColumnSchema,
  type Feed,
  type FitSummary,
  type FittedModel,
  type ImputeRequest,
  loadMarginals,
  packTensors,
  type ProgramSet,
  type RunContext,
  type SampleRequest,
  saveMarginals,
  type TableBatch,
  unpackTensors,
} from '../../../core/plugin-api/index.js';
import type { Field } from './coding/field.js';
import { forbiddenTokens, withoutForbidden } from './network/forbidden.js';
import { type Layout, layoutOf, type NetworkForm } from './network/layout.js';
import { networkShapes } from './network/network.js';
import { GapFiller } from './sampling/gap-filler.js';
import { resolveConditions } from './sampling/restrictions.js';
import { RowDecoder } from './sampling/row-decoder.js';
import { compileSampling, type SamplingEntry } from './sampling/sampling-program.js';
import { conditionedTokens, freeTokens, type TokenSource } from './sampling/token-source.js';

/** A trained model. */
export interface Model {
  readonly schemas: readonly ColumnSchema[];
  readonly fields: readonly Field[];
  /** Hidden units asked for: the layout may have fewer. */
  readonly hiddenUnits: number;
  /** Of a model that went on from another: the first one's. */
  readonly form?: NetworkForm | undefined;
  readonly weights: Feed;
  readonly summary: FitSummary;
}

type StoredField = Omit<Field, 'marginal' | 'cuts'> & { readonly cuts: readonly number[] };

/** Of everything but marginals and weights, as saved. */
interface ModelFile {
  readonly schemas: readonly ColumnSchema[];
  readonly fields: readonly StoredField[];
  readonly hiddenUnits: number;
  readonly form?: NetworkForm | undefined;
  readonly summary: FitSummary;
}

export function createModel(model: Model): FittedModel {
  const layout = layoutOf(model.fields, model.hiddenUnits, model.form);
  const forbidden = forbiddenTokens(layout, model.fields, model.schemas);
  const weights = { ...model.weights, base: withoutForbidden(model.weights['base']!, forbidden) };
  const sampler = new Sampler({ ...model, weights }, layout);
  return {
    summary: model.summary,
    sample: (request, context) => sampler.sample(request, context),
    impute: (request, context) => sampler.impute(request, context),
    save: (writer) => saveModel(model, layout, writer),
    dispose: () => sampler.dispose(),
  };
}

/** Compiles what a model is sampled by when it is first asked to, and keeps it. */
class Sampler {
  readonly #programs = new Map<SamplingEntry, ProgramSet<'draw'>>();

  constructor(
    private readonly model: Model,
    private readonly layout: Layout,
  ) {}

  async *sample(
    { rowCount, batchSize, conditions = [] }: SampleRequest,
    context: RunContext,
  ): AsyncGenerator<TableBatch> {
    const { schemas, fields } = this.model;
    const { layout } = this;
    const restrictions = resolveConditions(conditions, schemas, fields);
    const source =
      restrictions.shares.size === 0
        ? freeTokens(await this.#program('free', context), layout, context.seed)
        : await conditionedTokens(
            await this.#program('conditioned', context),
            layout,
            context.seed,
            restrictions,
            schemas,
          );
    const decoder = new RowDecoder(schemas, fields, restrictions, context.seed, source.rowsPerPass);
    yield* batchesOf(source, decoder, rowCount, batchSize, context);
  }

  async *impute({ source }: ImputeRequest, context: RunContext): AsyncGenerator<TableBatch> {
    const { schemas, fields } = this.model;
    const program = await this.#program('filling', context);
    yield* new GapFiller(program, this.layout, schemas, fields, context.seed).fill(source, context);
  }

  dispose(): void {
    for (const program of this.#programs.values()) program.dispose();
    this.#programs.clear();
  }

  async #program(entry: SamplingEntry, { compute }: RunContext): Promise<ProgramSet<'draw'>> {
    const found = this.#programs.get(entry);
    if (found !== undefined) return found;
    const program = await compileSampling(compute, this.layout, this.model.weights, entry);
    this.#programs.set(entry, program);
    return program;
  }
}

async function* batchesOf(
  source: TokenSource,
  decoder: RowDecoder,
  rowCount: number,
  batchSize: number,
  context: RunContext,
): AsyncGenerator<TableBatch> {
  let columns = decoder.blank(Math.min(batchSize, rowCount));
  let filled = 0;
  for (let done = 0; done < rowCount;) {
    await context.tick();
    const pass = done / source.rowsPerPass;
    const tokens = await source.draw(pass);
    const end = Math.min(rowCount, done + source.rowsPerPass);
    for (let from = done; from < end;) {
      const size = Math.min(batchSize, rowCount - (from - filled));
      const count = Math.min(end - from, size - filled);
      const place = from - pass * source.rowsPerPass;
      decoder.decode(
        tokens.map((own) => own.subarray(place, place + count)),
        from,
        count,
        columns,
        filled,
      );
      from += count;
      filled += count;
      if (filled < size) continue;
      yield { rowCount: size, columns };
      columns = decoder.blank(Math.min(batchSize, rowCount - from));
      filled = 0;
    }
    done = end;
    context.report({ phase: 'sample', completed: done, total: rowCount });
  }
}

async function saveModel(model: Model, layout: Layout, writer: ArtefactWriter): Promise<void> {
  const { schemas, fields, hiddenUnits, form, summary } = model;
  const stored = fields.map(({ column, part, missing, rare, size, cuts }) => {
    return { column, part, missing, rare, size, cuts: [...cuts] };
  });
  await writer.json('model.json', { schemas, fields: stored, hiddenUnits, form, summary } satisfies ModelFile);
  await saveMarginals(
    writer,
    fields.map(({ marginal }) => marginal),
  );
  await writer.bytes('weights.bin', packTensors(networkShapes(layout), model.weights));
}

export async function restoreModel(reader: ArtefactReader): Promise<FittedModel> {
  return createModel(await readModel(reader));
}

export async function readModel(reader: ArtefactReader): Promise<Model> {
  const file = (await reader.json('model.json')) as ModelFile;
  const marginals = await loadMarginals(reader);
  const fields = file.fields.map(({ cuts, ...rest }, f): Field => {
    return { ...rest, cuts: Float64Array.from(cuts), marginal: marginals[f]! };
  });
  const shapes = networkShapes(layoutOf(fields, file.hiddenUnits, file.form));
  return { ...file, fields, weights: unpackTensors(shapes, await reader.bytes('weights.bin')) };
}
