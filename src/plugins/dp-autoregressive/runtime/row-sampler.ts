import { RandomStream } from '../../../core/plugin-api/index.js';
import { ColumnPredictor, effectsOf } from './column-network.js';
import { pick } from './fit-network.js';
import { modelFeatures, type DpAutoregressiveModel } from './model.js';

/** Draws candidates for rows, column after column. Candidate i depends on the model, the seed, the purpose and i alone. */
export class RowSampler {
  readonly #predictors: readonly ColumnPredictor[];
  readonly #shares: readonly Float64Array[];
  readonly #codes: readonly Uint16Array[];
  readonly #random: RandomStream;

  /** @param allowed by column: the part of each code that may be drawn; null where all of it may. */
  constructor(
    model: DpAutoregressiveModel,
    private readonly allowed: readonly (Float64Array | null)[],
    seed: number,
    purpose: string,
  ) {
    const features = modelFeatures(model);
    this.#predictors = features.map((own, c) => {
      const { bias, weights } = model.networks[c]!;
      const effects = weights.map((part, e) =>
        effectsOf(features[e]!, own.size, part, new Float64Array(features[e]!.codes * own.size)),
      );
      return new ColumnPredictor(own, bias, effects);
    });
    this.#shares = features.map(({ codes }) => new Float64Array(codes));
    this.#codes = features.map(() => new Uint16Array(1));
    this.#random = new RandomStream(seed, `dp-autoregressive.${purpose}`);
  }

  /**
   * Draws candidate `index`, whose codes {@link code} then tells.
   * @returns the logarithm of the probability that the model, drawing in the same order, would have kept to what is allowed.
   */
  draw(index: number): number {
    let logWeight = 0;
    this.#predictors.forEach((predictor, c) => {
      const shares = this.#shares[c]!;
      predictor.predict(this.#codes, 0, shares);
      const allowed = this.allowed[c];
      if (allowed) {
        let sum = 0;
        for (let code = 0; code < shares.length; code++) sum += shares[code]! *= allowed[code]!;
        logWeight += Math.log(sum);
        // Where the model rules out all that is allowed, what is allowed is drawn evenly, and counts for nothing.
        if (sum === 0) shares.set(allowed);
      }
      this.#codes[c]![0] = pick(shares, this.#random.preciseUniformAt(index * this.#predictors.length + c));
    });
    return logWeight;
  }

  code(column: number): number {
    return this.#codes[column]![0]!;
  }
}
