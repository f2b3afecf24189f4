import {
  ConditionError,
  type Program,
  RandomStream,
  type RunContext,
  type SampleRequest,
  type TableBatch,
} from '../../../core/plugin-api/index.js';
import type { CtganConfig } from '../config.js';
import { ConditionSampler } from './condition-sampler.js';
import { type ConditionPlan, planConditions } from './conditions.js';
import type { Layout } from './layout.js';
import { blankColumns, type DecodedColumns, decodeRows, meets, meetsOne, toColumns } from './row-decoder.js';
import { rowsPerPass } from './sampling-program.js';
import type { TableEncoding } from './table-encoding.js';

export interface SamplingModel {
  readonly encoding: TableEncoding;
  readonly layout: Layout;
  readonly config: CtganConfig;
  readonly program: Program;
}

/** Candidates that one row may cost before the condition counts as one that the model cannot meet. */
const MAX_ATTEMPTS = 250;
/** After so many without a single hit in a pass's rows it is given up at once. */
const HOPELESS_ATTEMPTS = 50;

/**
 * Draws rows. Row r comes from numbers that depend on the seed, r and its attempt alone, so that batch sizes and row
 * counts change nothing. Rows that miss a condition are drawn again.
 */
export async function* sampleRows(
  model: SamplingModel,
  request: SampleRequest,
  context: RunContext,
): AsyncGenerator<TableBatch> {
  const plan = planConditions(request.conditions ?? [], model.encoding, model.layout);
  const sampler = new Sampler(model, plan, context);
  const pass = rowsPerPass(model.layout);
  for (let start = 0; start < request.rowCount; start += pass) {
    const rows = Math.min(pass, request.rowCount - start);
    const decoded = await sampler.rows(start, rows);
    for (let from = 0; from < rows; from += request.batchSize) {
      const to = Math.min(from + request.batchSize, rows);
      yield { rowCount: to - from, columns: toColumns(model.encoding, decoded, from, to) };
    }
    context.report({ phase: 'sample', completed: start + rows, total: request.rowCount });
  }
  sampler.tellWhatWasSet();
}

class Sampler {
  readonly #pass: number;
  readonly #noise: Float32Array;
  readonly #condition: Float32Array;
  readonly #choices: Float32Array;
  readonly #noisePerRow: number;
  /** Uniform numbers of a row beside its noise: one for each segment, two for its condition. */
  readonly #choicesPerRow: number;
  readonly #conditions: ConditionSampler;
  readonly #candidates: DecodedColumns;
  /** What a pass gives back: each row's scalars and component weights. */
  readonly #distribution: Float32Array;
  #setRows = 0;

  constructor(
    private readonly model: SamplingModel,
    private readonly plan: ConditionPlan,
    private readonly context: RunContext,
  ) {
    const { layout, encoding, config } = model;
    this.#pass = rowsPerPass(layout);
    this.#noisePerRow = config.embedding_dim;
    this.#choicesPerRow = layout.segments.length + 2;
    this.#noise = new Float32Array(this.#pass * this.#noisePerRow);
    this.#condition = new Float32Array(this.#pass);
    this.#choices = new Float32Array(this.#pass * this.#choicesPerRow);
    this.#conditions = new ConditionSampler(layout, encoding, (count) => count);
    this.#candidates = blankColumns(encoding, this.#pass);
    this.#distribution = new Float32Array(this.#pass * layout.width);
  }

  /** Rows start … start + count − 1, all meeting the conditions. */
  async rows(start: number, count: number): Promise<DecodedColumns> {
    const result = blankColumns(this.model.encoding, count);
    let pending = Array.from({ length: count }, (_, i) => i);
    let attempt = 0;
    while (pending.length > 0 && attempt < MAX_ATTEMPTS) {
      if (attempt >= HOPELESS_ATTEMPTS && pending.length === count) break;
      const tries = Math.min(Math.max(Math.floor(this.#pass / pending.length), 1), MAX_ATTEMPTS - attempt);
      pending = await this.#attempt(start, pending, attempt, tries, result);
      attempt += tries;
    }
    if (pending.length > 0) this.#setCells(start, pending, count, result);
    return result;
  }

  /** Says so when rows had to be set to the asked category. */
  tellWhatWasSet(): void {
    if (this.#setRows === 0) return;
    this.context.logger.warn(
      `${this.#setRows} rows did not come out with the asked category in ${MAX_ATTEMPTS} attempts each: the cell was set, the rest of the row does not follow it`,
    );
  }

  /** Gives each pending row `tries` more candidates; a row takes its first that meets all. Returns those still without. */
  async #attempt(start: number, pending: number[], attempt: number, tries: number, result: DecodedColumns) {
    await this.context.tick();
    const slots = pending.length * tries;
    for (let t = 0; t < tries; t++) this.#fill(start, pending, attempt + t, t * pending.length);
    const feed = { noise: this.#noise, ...(this.model.layout.conditions > 0 && { condition: this.#condition }) };
    await this.model.program.run(feed, { rows: this.#distribution });
    const { encoding, layout } = this.model;
    const choices = { values: this.#choices, perRow: this.#choicesPerRow };
    if (this.plan.requirements.length === 0) {
      decodeRows(encoding, layout, this.#distribution, choices, slots, result);
      return [];
    }
    decodeRows(encoding, layout, this.#distribution, choices, slots, this.#candidates);
    return pending.filter((row, i) => {
      for (let slot = i; slot < slots; slot += pending.length) {
        result.forEach((column, c) => (column[row] = this.#candidates[c]![slot]!));
        if (meets(this.plan.requirements, this.#candidates, slot)) return false;
      }
      return true;
    });
  }

  #fill(start: number, rows: readonly number[], attempt: number, firstSlot: number): void {
    const noise = new RandomStream(this.context.seed, `ctgan.sample.noise.${attempt}`);
    const choices = new RandomStream(this.context.seed, `ctgan.sample.choices.${attempt}`);
    // Neighbouring rows have neighbouring numbers: filled together.
    for (let i = 0; i < rows.length;) {
      let end = i + 1;
      while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++;
      const [row, from, to] = [start + rows[i]!, firstSlot + i, firstSlot + end];
      noise.fillNormal(part(this.#noise, this.#noisePerRow, from, to), row * this.#noisePerRow);
      choices.fillUniform(part(this.#choices, this.#choicesPerRow, from, to), row * this.#choicesPerRow);
      i = end;
    }
    if (this.model.layout.conditions > 0) this.#chooseConditions(firstSlot, firstSlot + rows.length);
  }

  #chooseConditions(from: number, to: number): void {
    for (let slot = from; slot < to; slot++) {
      const end = (slot + 1) * this.#choicesPerRow;
      const [column, category] = [this.#choices[end - 2]!, this.#choices[end - 1]!];
      this.#condition[slot] = this.plan.given?.pick(category) ?? this.#conditions.pick(column, category);
    }
  }

  /** The last resort for categories; a number out of its bounds is refused instead. */
  #setCells(start: number, pending: readonly number[], count: number, result: DecodedColumns): void {
    const choice = new RandomStream(this.context.seed, 'ctgan.sample.set');
    for (const row of pending) {
      for (const requirement of this.plan.requirements) {
        const column = result[requirement.column]!;
        if (meetsOne(requirement, column[row]!)) continue;
        if (requirement.type !== 'components') this.#refuse(requirement.column, count - pending.length, count);
        column[row] = requirement.components.pick(choice.uniformAt(start + row));
      }
    }
    this.#setRows += pending.length;
  }

  #refuse(column: number, met: number, asked: number): never {
    const { name } = this.model.encoding.schemas[column]!;
    throw new ConditionError(
      name,
      `the model makes too few rows that meet the condition on "${name}": ${met} of ${asked} came out in ${MAX_ATTEMPTS} attempts each`,
    );
  }
}

function part(array: Float32Array, perRow: number, from: number, to: number): Float32Array {
  return array.subarray(from * perRow, to * perRow);
}
