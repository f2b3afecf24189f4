import { describe, expect, it } from 'vitest';
import { RandomStream, threefry4x32 } from '../../src/core/plugin-api/random.js';
import { normalCdf } from '../../src/core/plugin-api/statistics/normal.js';

describe('threefry4x32', () => {
  // The known answers published with the Random123 library (kat_vectors, threefry 4 32, 20 rounds).
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89],
      [0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84],
    ],
  ])('encrypts %j under %j as the published vectors say', (counter, key, expected) => {
    expect([...threefry4x32(new Uint32Array(counter), new Uint32Array(key), new Uint32Array(4))]).toEqual(expected);
  });
});

describe('RandomStream', () => {
  it('gives the same value at an index whatever was read before', () => {
    const inOrder = new RandomStream(7, 'test');
    const values = Array.from({ length: 50 }, (_, i) => inOrder.uniformAt(i));
    const backwards = new RandomStream(7, 'test');
    for (let i = 49; i >= 0; i--) expect(backwards.uniformAt(i)).toBe(values[i]);
  });

  it('separates streams by purpose and by seed', () => {
    const first = new RandomStream(7, 'fit.noise').next();
    expect(new RandomStream(7, 'fit.order').next()).not.toBe(first);
    expect(new RandomStream(8, 'fit.noise').next()).not.toBe(first);
  });

  it('is uniform: chi-squared over 256 cells of 2^18 draws stays below the 1 - 1e-6 quantile', () => {
    const stream = new RandomStream(1, 'uniformity');
    const cells = new Float64Array(256);
    const draws = 2 ** 18;
    for (let i = 0; i < draws; i++) cells[Math.floor(stream.next() * 256)]!++;
    const expected = draws / 256;
    const chiSquared = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(372);
  });
});

describe('filled arrays', () => {
  it.each([0, 1, 7, 16, 4 * 2 ** 32 - 5])('hold the same words as reading one by one, from word %d on', (offset) => {
    const stream = new RandomStream(3, 'fill');
    const words = new Uint32Array(40_003);
    stream.fillWords(words, offset);
    expect(words).toEqual(Uint32Array.from(words, (_, i) => stream.word(offset + i)));
    const uniforms = new Float64Array(37);
    stream.fillUniform(uniforms, offset);
    expect(uniforms).toEqual(Float64Array.from(uniforms, (_, i) => stream.uniformAt(offset + i)));
    stream.fillPrecise(uniforms, offset);
    expect(uniforms).toEqual(Float64Array.from(uniforms, (_, i) => stream.preciseUniformAt(offset + i)));
  });

  it('are uniform to float32 accuracy, and never 0 or 1', () => {
    const stream = new RandomStream(3, 'float32');
    const filled = new Float32Array(1 << 20);
    stream.fillUniform(filled, 5);
    const farthest = filled.reduce((most, value, i) => Math.max(most, Math.abs(value - stream.uniformAt(5 + i))), 0);
    expect(farthest).toBeLessThanOrEqual(2 ** -24);
    expect(filled.reduce((a, b) => Math.max(a, b))).toBeLessThan(1);
    expect(filled.reduce((a, b) => Math.min(a, b))).toBeGreaterThan(0);
  });

  it.each([0, 1, 6, 4 * 2 ** 32 - 5])('are normal as Box and Muller make them of the words, from %d on', (offset) => {
    const stream = new RandomStream(3, 'normal');
    const filled = new Float32Array(40_003);
    stream.fillNormal(filled, offset);
    const first = offset - (offset % 2);
    const uniforms = new Float32Array(filled.length + 2);
    stream.fillUniform(uniforms, first);
    const expected = filled.map((_, i) => {
      const pair = i + offset - first - ((i + offset) % 2);
      const angle = 2 * Math.PI * uniforms[pair + 1]!;
      return Math.sqrt(-2 * Math.log(uniforms[pair]!)) * ((i + offset) % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    });
    const farthest = filled.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
    expect(farthest).toBeLessThan(2e-6);
  });

  it('are standard normal: chi-squared over 256 cells of 2^20 draws stays below the 1 - 1e-6 quantile', () => {
    const draws = new Float32Array(2 ** 20);
    new RandomStream(1, 'normality').fillNormal(draws, 0);
    const cells = new Float64Array(256);
    for (const draw of draws) cells[Math.floor(normalCdf(draw) * 256)]!++;
    const expected = draws.length / 256;
    expect(cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(372);
    // The two of a pair, and neighbours of two pairs, have nothing to do with one another: six standard errors.
    for (const lag of [1, 2]) {
      const products = draws.reduce((sum, draw, i) => sum + draw * (draws[i + lag] ?? 0), 0);
      expect(Math.abs(products / draws.length)).toBeLessThan(6 / Math.sqrt(draws.length));
    }
  });
});
