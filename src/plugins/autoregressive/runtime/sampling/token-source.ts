import { type Feed, type ProgramSet, RandomStream } from '../../../../core/plugin-api/index.js';
import type { Field } from '../coding/field.js';
import type { Layout } from '../network/layout.js';
import { allowedShares, type Restrictions } from './restrictions.js';
import { chooseCandidates, effectiveShare } from './resample.js';
import { rowsPerPass } from './sampling-program.js';

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
  const columns = layout.sizes.map(() => new Uint16Array(rows));
  return {
    rowsPerPass: rows,
    async draw(pass) {
      stream.fillUniform(uniforms, pass * uniforms.length);
      const { tokens } = await program.run('draw', { uniforms });
      columns.forEach((column, f) => {
        for (let i = 0; i < rows; i++) column[i] = tokens![i * layout.fields + f]!;
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

/**
 * Rows under conditions, by sampling-importance resampling (Rubin 1988): several candidates for each row from a proposal
 * that meets the conditions, of which one is chosen in proportion to what it is worth. The more the worths differ, the
 * more candidates: a trial pass tells.
 */
export async function conditionedTokens(
  program: ProgramSet<'draw'>,
  layout: Layout,
  seed: number,
  fields: readonly Field[],
  restrictions: Restrictions,
): Promise<TokenSource> {
  const proposal = new Proposal(program, layout, proposalFeed(layout, fields, restrictions), seed);
  const candidates = candidatesFor((await proposal.draw('trial', 0)).weights);
  const rows = rowsPerPass(layout) / candidates;
  const choice = new RandomStream(seed, 'autoregressive.choice');
  const columns = layout.sizes.map(() => new Uint16Array(rows));
  return {
    rowsPerPass: rows,
    async draw(pass) {
      const { tokens, weights } = await proposal.draw('rows', pass);
      const chosen = chooseCandidates(weights, candidates, (i) => choice.uniformAt(pass * rows + i));
      columns.forEach((column, f) => {
        for (let i = 0; i < rows; i++) column[i] = tokens[chosen[i]! * layout.fields + f]!;
      });
      return columns;
    },
  };
}

/** A power of two, 1 where all candidates are worth the same. */
function candidatesFor(logWeights: Float32Array): number {
  const share = effectiveShare(logWeights);
  if (share > ALL_ALIKE) return 1;
  const most = Math.min(MOST_CANDIDATES, logWeights.length);
  return Math.min(most, 2 ** Math.ceil(Math.log2(WANTED_CANDIDATES / share)));
}

class Proposal {
  readonly #streams: Readonly<Record<'trial' | 'rows', RandomStream>>;
  readonly #uniforms: Float32Array;

  constructor(
    private readonly program: ProgramSet<'draw'>,
    layout: Layout,
    private readonly feed: Feed,
    seed: number,
  ) {
    this.#streams = {
      trial: new RandomStream(seed, 'autoregressive.trial'),
      rows: new RandomStream(seed, 'autoregressive.rows'),
    };
    this.#uniforms = new Float32Array(rowsPerPass(layout) * layout.fields);
  }

  async draw(purpose: 'trial' | 'rows', pass: number): Promise<{ tokens: Float32Array; weights: Float32Array }> {
    this.#streams[purpose].fillUniform(this.#uniforms, pass * this.#uniforms.length);
    const { tokens, weights } = await this.program.run('draw', { uniforms: this.#uniforms, ...this.feed });
    return { tokens: tokens!, weights: weights! };
  }
}

/** Fields of which one token is left are given to the proposal; of the others, tokens are allowed by their shares. */
function proposalFeed(layout: Layout, fields: readonly Field[], restrictions: Restrictions): Feed {
  const allowed = new Float32Array(layout.width);
  const given = new Float32Array(layout.width);
  const known = new Float32Array(layout.fields);
  for (const [f, restriction] of restrictions.fields) {
    const shares = allowedShares(fields[f]!, restriction);
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
