import {
  type ColumnSchema,
  ConditionError,
  type Feed,
  type ProgramSet,
  RandomStream,
} from '../../../../core/plugin-api/index.js';
import type { Layout } from '../network/layout.js';
import type { Restrictions } from './restrictions.js';
import { chooseCandidates, effectiveShare } from './resample.js';
import { rowsPerPass } from './sampling-program.js';
import type { ValueChoice } from './value-choice.js';

/** Draws rows of tokens in passes of a fixed number of rows. */
export interface TokenSource {
  readonly rowsPerPass: number;
  /** Rows `pass · rowsPerPass` and on: by field. The arrays are filled anew by the next call. */
  draw(pass: number): Promise<readonly Uint16Array[]>;
}

/** No conditions: each row straight from the network. */
export function freeTokens(program: ProgramSet<'draw'>, layout: Layout, seed: number): TokenSource {
  const rows = rowsPerPass(layout);
  const stream = new RandomStream(seed, 'autoregressive.rows');
  const uniforms = new Float32Array(rows * layout.fields);
  const tokens = new Float32Array(uniforms.length);
  const columns = layout.sizes.map(() => new Uint16Array(rows));
  return {
    rowsPerPass: rows,
    async draw(pass) {
      stream.fillUniform(uniforms, pass * uniforms.length);
      await program.run('draw', { uniforms }, { tokens });
      columns.forEach((column, f) => {
        for (let i = 0; i < rows; i++) column[i] = tokens[i * layout.fields + f]!;
      });
      return columns;
    },
  };
}

/** Log weight of a token that must not come out: its share underflows to zero. */
export const FORBIDDEN = -1e4;
/** Equally weighted candidates that a row should be chosen from. */
const WANTED_CANDIDATES = 8;
const MOST_CANDIDATES = 128;
const ALL_ALIKE = 0.999;

/** Passes in which some row has no candidate that holds a listed moment, before the list counts as too rare. */
const MOST_ATTEMPTS = 64;

/**
 * Rows under conditions, by sampling-importance resampling (Rubin 1988): several candidates for each row from a proposal
 * that meets the conditions, of which one is chosen in proportion to what it is worth. The more the worths differ, the
 * more candidates: a trial pass tells.
 * @throws ConditionError where next to no candidate holds one of the moments that a column of several fields lists.
 */
export async function conditionedTokens(
  program: ProgramSet<'draw'>,
  layout: Layout,
  seed: number,
  restrictions: Restrictions,
  schemas: readonly ColumnSchema[],
): Promise<TokenSource> {
  const proposal = new Proposal(program, layout, restrictions, seed);
  const candidates = candidatesFor((await proposal.draw('trial', 0)).weights);
  const rows = rowsPerPass(layout) / candidates;
  const choice = new RandomStream(seed, 'autoregressive.choice');
  const columns = layout.sizes.map(() => new Uint16Array(rows));
  return {
    rowsPerPass: rows,
    async draw(pass) {
      let pending = Array.from({ length: rows }, (_, i) => i);
      for (let attempt = 0; pending.length > 0; attempt++) {
        if (attempt === MOST_ATTEMPTS) throw tooRare(restrictions, schemas);
        const { tokens, weights } = await proposal.draw(attempt === 0 ? 'rows' : `rows.${attempt}`, pass);
        const chosen = chooseCandidates(weights, candidates, (i) => choice.uniformAt(pass * rows + i));
        columns.forEach((column, f) => {
          for (const i of pending) if (chosen[i]! >= 0) column[i] = tokens[chosen[i]! * layout.fields + f]!;
        });
        pending = pending.filter((i) => chosen[i]! < 0);
      }
      return columns;
    },
  };
}

/** Candidates are worth nothing only where the parts of moments that are listed go together in none of these. */
function tooRare({ choices }: Restrictions, schemas: readonly ColumnSchema[]): ConditionError {
  const [column] = [...choices].find(([, { fields }]) => fields.length > 1)!;
  const { name } = schemas[column]!;
  return new ConditionError(
    name,
    `The moments that are listed for the column "${name}" are too rare in what was learned`,
  );
}

/** A power of two, 1 where all candidates are worth the same. */
function candidatesFor(logWeights: Float32Array): number {
  const share = effectiveShare(logWeights);
  if (share > ALL_ALIKE) return 1;
  const most = Math.min(MOST_CANDIDATES, logWeights.length);
  return Math.min(most, 2 ** Math.ceil(Math.log2(WANTED_CANDIDATES / share)));
}

class Proposal {
  readonly #streams = new Map<string, RandomStream>();
  readonly #uniforms: Float32Array;
  readonly #tokens: Float32Array;
  readonly #feed: Feed;
  /** Those whose tokens can come from different values. */
  readonly #choices: readonly ValueChoice[];

  constructor(
    private readonly program: ProgramSet<'draw'>,
    private readonly layout: Layout,
    restrictions: Restrictions,
    private readonly seed: number,
  ) {
    this.#uniforms = new Float32Array(rowsPerPass(layout) * layout.fields);
    this.#tokens = new Float32Array(this.#uniforms.length);
    this.#feed = proposalFeed(layout, restrictions);
    this.#choices = [...restrictions.choices.values()].filter(({ fields }) => fields.length > 1);
  }

  /** Tokens are filled anew by the next call. @param purpose names the random numbers. */
  async draw(purpose: string, pass: number): Promise<{ tokens: Float32Array; weights: Float32Array }> {
    const stream = this.#streams.get(purpose) ?? new RandomStream(this.seed, `autoregressive.${purpose}`);
    this.#streams.set(purpose, stream);
    stream.fillUniform(this.#uniforms, pass * this.#uniforms.length);
    const feed = { uniforms: this.#uniforms, ...this.#feed };
    const tokens = this.#tokens;
    const weights = (await this.program.run('draw', feed, { tokens }))['weights']!;
    return {
      tokens,
      weights: this.#choices.length === 0 ? weights : weights.map((w, i) => w + this.#worth(tokens, i)),
    };
  }

  #worth(tokens: Float32Array, row: number): number {
    const tokenOf = (f: number) => tokens[row * this.layout.fields + f]!;
    return this.#choices.reduce((sum, choice) => sum + choice.logWorth(tokenOf), 0);
  }
}

/** Fields of which one token is left are given to the proposal; of the others, tokens are allowed by their shares. */
function proposalFeed(layout: Layout, restrictions: Restrictions): Feed {
  const allowed = new Float32Array(layout.width);
  const given = new Float32Array(layout.width);
  const known = new Float32Array(layout.fields);
  for (const [f, shares] of restrictions.shares) {
    const most = shares.reduce((a, b) => Math.max(a, b), 0);
    const left = [...shares.keys()].filter((t) => shares[t]! > 0);
    shares.forEach((share, t) => {
      allowed[layout.offsets[f]! + t] = share > 0 ? Math.max(FORBIDDEN / 2, Math.log(share / most)) : FORBIDDEN;
    });
    if (left.length !== 1) continue;
    given[layout.offsets[f]! + left[0]!] = 1;
    known[f] = 1;
  }
  return { allowed, given, known };
}
