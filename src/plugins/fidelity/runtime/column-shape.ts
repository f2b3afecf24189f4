/** 1 − sup |F − G| of two ascending samples, the complement of the Kolmogorov-Smirnov statistic. */
export function ksComplement(first: Float64Array, second: Float64Array): number {
  let i = 0;
  let j = 0;
  let gap = 0;
  while (i < first.length && j < second.length) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < first.length && first[i] === value) i++;
    while (j < second.length && second[j] === value) j++;
    gap = Math.max(gap, Math.abs(i / first.length - j / second.length));
  }
  return 1 - gap;
}

/** 1 − ½ Σ |f − g| of the shares of labels; code 0, missing, is left out. The shorter array lacks the labels that only the other has. */
export function labelOverlap(first: Int32Array, second: Int32Array): number {
  const firstTotal = sumOfLabels(first);
  const secondTotal = sumOfLabels(second);
  let distance = 0;
  for (let code = 1; code < Math.max(first.length, second.length); code++) {
    distance += Math.abs((first[code] ?? 0) / firstTotal - (second[code] ?? 0) / secondTotal);
  }
  return 1 - distance / 2;
}

function sumOfLabels(counts: Int32Array): number {
  let sum = 0;
  for (let code = 1; code < counts.length; code++) sum += counts[code]!;
  return sum;
}
