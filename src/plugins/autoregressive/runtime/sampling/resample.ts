/** Kish's effective sample size over the number of draws: 1 where all weigh the same, 1/n where one outweighs all, 0 where none has weight. */
export function effectiveShare(logWeights: Float32Array): number {
  const most = logWeights.reduce((a, b) => Math.max(a, b), -Infinity);
  if (most === -Infinity) return 0;
  let sum = 0;
  let squares = 0;
  for (const logWeight of logWeights) {
    const weight = Math.exp(logWeight - most);
    sum += weight;
    squares += weight * weight;
  }
  return (sum * sum) / (squares * logWeights.length);
}

/**
 * Of each `size` neighbouring draws one, in proportion to their weights.
 * @returns by group: the place of its draw, −1 where none has weight. @param uniform a number in (0, 1) for each group.
 */
export function chooseCandidates(
  logWeights: Float32Array,
  size: number,
  uniform: (group: number) => number,
): Int32Array {
  return Int32Array.from({ length: logWeights.length / size }, (_, group) => {
    const draws = logWeights.subarray(group * size, (group + 1) * size);
    const most = draws.reduce((a, b) => Math.max(a, b), -Infinity);
    if (most === -Infinity) return -1;
    const weights = draws.map((logWeight) => Math.exp(logWeight - most));
    let rest = uniform(group) * weights.reduce((a, b) => a + b, 0);
    let place = 0;
    while (place < size - 1 && rest >= weights[place]!) rest -= weights[place++]!;
    return group * size + place;
  });
}
