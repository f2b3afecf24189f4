import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode, Value } from '../../src/core/compute/recording/graph.js';
import { joinSlices } from '../../src/core/compute/recording/join-slices.js';

const X: Value = { id: 0, shape: [4, 6], dtype: 'float32' };

function graphOf(...slices: readonly (readonly [begin: readonly number[], size: readonly number[]])[]): Graph {
  const nodes = slices.map(([begin, size], i): GraphNode => {
    const output: Value = { id: i + 1, shape: size, dtype: 'float32' };
    return { kernel: 'Slice', inputs: [X], outputs: [output], attributes: { begin, size } };
  });
  return { inputs: { x: X }, constants: [], nodes, outputs: {} };
}

describe('slices of one tensor', () => {
  it('that make it up become one split, in the order of their places', () => {
    const graph = graphOf(
      [
        [0, 4],
        [4, 2],
      ],
      [
        [0, 0],
        [4, 1],
      ],
      [
        [0, 1],
        [4, 3],
      ],
    );
    const { nodes } = joinSlices(graph);
    expect(nodes.map(({ kernel, attributes }) => [kernel, attributes['axis']])).toEqual([['SplitV', 1]]);
    expect(nodes[0]!.outputs.map(({ id }) => id)).toEqual([2, 3, 1]);
  });

  it.each([
    [
      'leave a gap',
      graphOf(
        [
          [0, 0],
          [4, 2],
        ],
        [
          [0, 3],
          [4, 3],
        ],
      ),
    ],
    [
      'overlap',
      graphOf(
        [
          [0, 0],
          [4, 4],
        ],
        [
          [0, 3],
          [4, 3],
        ],
      ),
    ],
    [
      'are cut along two axes',
      graphOf(
        [
          [0, 0],
          [2, 6],
        ],
        [
          [2, 0],
          [2, 3],
        ],
      ),
    ],
    [
      'are one alone',
      graphOf([
        [0, 0],
        [4, 6],
      ]),
    ],
  ])('that %s stay', (_, graph) => {
    expect(joinSlices(graph).nodes).toEqual(graph.nodes);
  });
});
