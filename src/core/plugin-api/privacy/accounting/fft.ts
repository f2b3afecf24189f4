/** In-place discrete Fourier transform of a power-of-two number of complex values; `inverse` includes the factor 1/n. */
export function fourierTransform(real: Float64Array, imaginary: Float64Array, inverse = false): void {
  const n = real.length;
  reverseBits(real, imaginary);
  const { cosines, sines } = rootsOfUnity(n);
  // The inverse transform is the forward one with the parts exchanged.
  const [re, im] = inverse ? [imaginary, real] : [real, imaginary];
  for (let half = 1; half < n; half *= 2) butterflies(re, im, cosines, sines, half);
  if (!inverse) return;
  for (let k = 0; k < n; k++) {
    real[k]! /= n;
    imaginary[k]! /= n;
  }
}

interface Roots {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

let lastRoots: Roots | null = null;

/** cos and sin of −2πk/n for k < n/2; those of the last n are kept. */
function rootsOfUnity(n: number): Roots {
  if (lastRoots?.cosines.length === n / 2) return lastRoots;
  const turn = (-2 * Math.PI) / n;
  const cosines = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos(turn * k));
  const sines = Float64Array.from({ length: n / 2 }, (_, k) => Math.sin(turn * k));
  lastRoots = { cosines, sines };
  return lastRoots;
}

function butterflies(
  real: Float64Array,
  imaginary: Float64Array,
  cosines: Float64Array,
  sines: Float64Array,
  half: number,
): void {
  const n = real.length;
  const stride = n / (2 * half);
  for (let start = 0; start < n; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const top = start + k;
      const bottom = top + half;
      const c = cosines[k * stride]!;
      const s = sines[k * stride]!;
      const re = real[bottom]! * c - imaginary[bottom]! * s;
      const im = real[bottom]! * s + imaginary[bottom]! * c;
      real[bottom] = real[top]! - re;
      imaginary[bottom] = imaginary[top]! - im;
      real[top]! += re;
      imaginary[top]! += im;
    }
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    const re = real[i]!;
    real[i] = real[j]!;
    real[j] = re;
    const im = imaginary[i]!;
    imaginary[i] = imaginary[j]!;
    imaginary[j] = im;
  }
}

/** Raises each complex value to a whole power, by repeated squaring. */
export function powerInPlace(real: Float64Array, imaginary: Float64Array, exponent: number): void {
  for (let k = 0; k < real.length; k++) {
    let baseRe = real[k]!;
    let baseIm = imaginary[k]!;
    let re = 1;
    let im = 0;
    for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
      if (left % 2 === 1) {
        const product = re * baseRe - im * baseIm;
        im = re * baseIm + im * baseRe;
        re = product;
      }
      const square = baseRe * baseRe - baseIm * baseIm;
      baseIm = 2 * baseRe * baseIm;
      baseRe = square;
    }
    real[k] = re;
    imaginary[k] = im;
  }
}
