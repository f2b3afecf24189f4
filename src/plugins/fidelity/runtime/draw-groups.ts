import { RandomStream } from '../../../core/plugin-api/index.js';

/** Ascending column positions of a pair or a triple. */
export type Group = readonly number[];

export interface DrawnGroups {
  readonly groups: readonly Group[];
  /** How many there are in all. */
  readonly total: number;
}

/** All groups of `size` columns in order, or, when there are more than `limit`, so many of them, drawn by the seed. */
export function drawGroups(columnCount: number, size: 2 | 3, limit: number, seed: number): DrawnGroups {
  const total = size === 2 ? choose2(columnCount) : (choose2(columnCount) * (columnCount - 2)) / 3;
  if (total <= limit) return { groups: allGroups(columnCount, size), total: Math.max(0, total) };
  const stream = new RandomStream(seed, `fidelity.groups.${size}`);
  const drawn = new Map<string, Group>();
  while (drawn.size < limit) {
    const group = drawGroup(stream, columnCount, size);
    drawn.set(group.join(), group);
  }
  return { groups: [...drawn.values()].toSorted(byPosition), total };
}

function choose2(n: number): number {
  return (n * (n - 1)) / 2;
}

function allGroups(columnCount: number, size: number, start = 0): Group[] {
  if (size === 0) return [[]];
  const groups: Group[] = [];
  for (let first = start; first <= columnCount - size; first++) {
    for (const rest of allGroups(columnCount, size - 1, first + 1)) groups.push([first, ...rest]);
  }
  return groups;
}

function drawGroup(stream: RandomStream, columnCount: number, size: number): Group {
  const members = new Set<number>();
  while (members.size < size) members.add(stream.nextInteger(columnCount));
  return [...members].toSorted((a, b) => a - b);
}

function byPosition(one: Group, two: Group): number {
  return one[0]! - two[0]! || one[1]! - two[1]! || (one[2] ?? 0) - (two[2] ?? 0);
}
