import { apply, type Code, floats, get, integers, set, shift, SIMD } from './wasm-code.js';

/** Locals that the code below works with; their own values are lost. */
const NUMBER = 0;
const SQUARE = 1;
const RADIUS = 2;
const SINE = 3;
const COSINE = 4;
const QUARTERS = 5;
export const SCRATCH_LOCALS = 6;

/** The bits of √½ as a float32. */
const ROOT_OF_HALF = 0x3f3504f3;
const MANTISSA_BITS = 23;
/** ln((1 + s) / (1 − s)) / s in powers of s², for |s| ≤ 0.172: what is left out is below 2^-29. */
const LOGARITHM = [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9];
/** sin(a) / a and cos(a) in powers of a², for |a| ≤ π/4: what is left out is below 2^-25. */
const SINES = [1, -1 / 6, 1 / 120, -1 / 5040, 1 / 362_880];
const COSINES = [1, -1 / 2, 1 / 24, -1 / 720, 1 / 40_320];

/**
 * Makes of the uniform numbers in two locals two independent standard normal ones (Box and Muller 1958), in float32:
 * √(−2 ln u) · cos 2πv and √(−2 ln u) · sin 2πv.
 * @param scratch the first of {@link SCRATCH_LOCALS} vectors.
 */
export function boxMuller(u: number, v: number, scratch: number): number[] {
  const local = (which: number) => get(scratch + which);
  const put = (which: number, value: Code) => set(scratch + which, value);
  const withSign = (value: Code, sign: Code) => times(local(RADIUS), apply(SIMD.xor, value, sign));
  const isOdd = shift(SIMD.shiftRightSigned, shift(SIMD.shiftLeft, local(QUARTERS), 31), 31);
  return [
    ...put(RADIUS, apply(SIMD.floatRoot, times(logarithm(u, put, local), floats(-2)))),
    // Whole quarters of a turn, and what is left of the angle, between −π/4 and π/4.
    ...put(QUARTERS, apply(SIMD.nearest, times(get(v), floats(4)))),
    ...put(
      NUMBER,
      times(apply(SIMD.floatSubtract, get(v), times(local(QUARTERS), floats(1 / 4))), floats(2 * Math.PI)),
    ),
    ...put(SQUARE, times(local(NUMBER), local(NUMBER))),
    ...put(SINE, times(local(NUMBER), polynomial(SINES, local(SQUARE)))),
    ...put(COSINE, polynomial(COSINES, local(SQUARE))),
    ...put(QUARTERS, apply(SIMD.toInteger, local(QUARTERS))),
    ...set(
      u,
      withSign(
        apply(SIMD.select, local(SINE), local(COSINE), isOdd),
        signOf(apply(SIMD.add, local(QUARTERS), integers(1))),
      ),
    ),
    ...set(v, withSign(apply(SIMD.select, local(COSINE), local(SINE), isOdd), signOf(local(QUARTERS)))),
  ];
}

/** The sign bit of a float32, set where the number of quarters leaves 2 or 3 when divided by 4. */
function signOf(quarters: Code): number[] {
  return shift(SIMD.shiftLeft, apply(SIMD.and, quarters, integers(2)), 30);
}

/** ln x as e · ln 2 + ln m, where x = m · 2^e and m lies between √½ and √2. */
function logarithm(
  x: number,
  put: (which: number, value: Code) => number[],
  local: (which: number) => number[],
): number[] {
  const fromRoot = apply(SIMD.subtract, get(x), integers(ROOT_OF_HALF));
  const mantissa = apply(SIMD.subtract, get(x), shift(SIMD.shiftLeft, local(QUARTERS), MANTISSA_BITS));
  const ratio = apply(
    SIMD.floatDivide,
    apply(SIMD.floatSubtract, local(NUMBER), floats(1)),
    plus(local(NUMBER), floats(1)),
  );
  return [
    ...put(QUARTERS, shift(SIMD.shiftRightSigned, fromRoot, MANTISSA_BITS)),
    ...put(NUMBER, mantissa),
    ...put(NUMBER, ratio),
    ...put(SQUARE, times(local(NUMBER), local(NUMBER))),
    ...plus(
      times(apply(SIMD.toFloat, local(QUARTERS)), floats(Math.LN2)),
      times(local(NUMBER), polynomial(LOGARITHM, local(SQUARE))),
    ),
  ];
}

/** Horner's scheme, from the constant on. */
function polynomial(coefficients: readonly number[], x: Code): number[] {
  return coefficients.reduceRight<number[]>(
    (value, coefficient) => (value.length === 0 ? floats(coefficient) : plus(times(value, x), floats(coefficient))),
    [],
  );
}

function plus(a: Code, b: Code): number[] {
  return apply(SIMD.floatAdd, a, b);
}
function times(a: Code, b: Code): number[] {
  return apply(SIMD.floatMultiply, a, b);
}
