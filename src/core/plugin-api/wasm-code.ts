/**
 * WebAssembly written instruction by instruction: opcodes are those of the core specification 2.0. Code is a list of
 * bytes; what computes a value leaves it on the stack.
 */
export type Code = readonly number[];

export const I32 = 0x7f;
export const V128 = 0x7b;
export const OP = {
  get: 0x20,
  set: 0x21,
  constant: 0x41,
  add: 0x6a,
  lessUnsigned: 0x49,
  loop: 0x03,
  branchIf: 0x0d,
  end: 0x0b,
};
export const SIMD = {
  store: 11,
  constant: 12,
  shuffle: 13,
  splat: 17,
  and: 78,
  or: 80,
  xor: 81,
  select: 82,
  nearest: 106,
  shiftLeft: 171,
  shiftRightSigned: 172,
  shiftRight: 173,
  add: 174,
  subtract: 177,
  floatRoot: 227,
  floatAdd: 228,
  floatSubtract: 229,
  floatMultiply: 230,
  floatDivide: 231,
  /** Of numbers alone: one instruction, where those that heed NaN are eight. */
  floatMinimum: 234,
  floatMaximum: 235,
  toInteger: 248,
  toFloat: 250,
  toFloatUnsigned: 251,
};

/** Magic number and version. */
export const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** `operation(a, b, …)`, whose operands lie on the stack in that order. */
export function apply(operation: number, ...operands: readonly Code[]): number[] {
  return [...operands.flat(), ...simd(operation)];
}
/** `operation(a, by)`: all lanes shifted by so many bits. */
export function shift(operation: number, a: Code, by: number): number[] {
  return [...a, OP.constant, ...signed(by), ...simd(operation)];
}
/** The same float32 in all lanes. */
export function floats(value: number): number[] {
  return lanes(Float32Array.of(value, value, value, value));
}
/** The same 32 bits in all lanes. */
export function integers(value: number): number[] {
  return lanes(Int32Array.of(value, value, value, value));
}
export function lanes(values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): number[] {
  return [...simd(SIMD.constant), ...new Uint8Array(values.buffer)];
}
export function get(local: number): number[] {
  return [OP.get, ...unsigned(local)];
}
export function set(local: number, value: Code): number[] {
  return [...value, OP.set, ...unsigned(local)];
}
export function simd(opcode: number): number[] {
  return [0xfd, ...unsigned(opcode)];
}
export function section(id: number, content: Code): number[] {
  return [id, ...unsigned(content.length), ...content];
}
export function vector(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}
export function text(name: string): number[] {
  const bytes = new TextEncoder().encode(name);
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128 of a number below 2^32. */
export function unsigned(value: number): number[] {
  const rest = value >>> 7;
  return rest === 0 ? [value] : [(value & 127) | 128, ...unsigned(rest)];
}

/** Signed LEB128 of the 32-bit integer that `value` is, 2^31 and more as its negative twin. */
export function signed(value: number): number[] {
  const rest = (value | 0) >> 6;
  return rest === 0 || rest === -1 ? [value & 127] : [(value & 127) | 128, ...signed((value | 0) >> 7)];
}
