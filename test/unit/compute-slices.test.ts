import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode, Value } from '../../src/core/compute/recording/graph.js';
import { joinSlices } from '../../src/core/compute/recording/join-slices.js';

const X: Value = { id: 0, shape: [4, 6], dtype: 'float32' };

/** Slices of X, each told as its first row and column and its rows and columns. */
function graphOf(...slices: readonly string[]): Graph {
  const nodes = slices.map((slice, i): GraphNode => {
    const numbers = slice.split(' ').map(Number);
    const [begin, size] = [numbers.slice(0, 2), numbers.slice(2)];
    const output: Value = { id: i + 1, shape: size, dtype: 'float32' };
    return { kernel: 'Slice', inputs: [X], outputs: [output], attributes: { begin, size } };
  });
  return { inputs: { x: X }, constants: [], nodes, outputs: {} };
}

describe('slices of one tensor', () => {
  it('that make it up become one split, in the order of their places', () => {
    const { nodes } = joinSlices(graphOf('0 4 4 2', '0 0 4 1', '0 1 4 3'));
    expect(nodes.map(({ kernel, attributes }) => [kernel, attributes['axis']])).toEqual([['SplitV', 1]]);
    expect(nodes[0]!.outputs.map(({ id }) => id)).toEqual([2, 3, 1]);
  });

  it.each([
    ['leave a gap', ['0 0 4 2', '0 3 4 3']],
    ['overlap', ['0 0 4 4', '0 3 4 3']],
    ['are not of whole rows', ['0 0 2 6', '2 0 2 3']],
    ['are one alone', ['0 0 4 6']],
  ])('that %s stay', (_, slices) => {
    const graph = graphOf(...slices);
    expect(joinSlices(graph).nodes).toEqual(graph.nodes);
  });
});
