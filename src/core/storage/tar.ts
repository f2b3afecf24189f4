/** A tar archive of plain files alone, after POSIX.1-1988 (ustar): blocks of 512 bytes, two empty ones at the end. */
export const TAR_BLOCK = 512;
const NAME_BYTES = 100;
/** Eleven octal digits. */
const LARGEST_MEMBER = 8 ** 11 - 1;

export interface TarMember {
  readonly name: string;
  readonly size: number;
}

/** The one header that this studio writes for a member: no owner, no time, so that equal files make equal archives. */
export function tarHeader({ name, size }: TarMember): Buffer {
  if (Buffer.byteLength(name) >= NAME_BYTES || size > LARGEST_MEMBER)
    throw new Error(`"${name}" does not fit into tar`);
  const header = Buffer.alloc(TAR_BLOCK);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** What a header says, whoever wrote it; null where it is none. Compare with {@link tarHeader} before believing the rest. */
export function parseTarHeader(header: Buffer): TarMember | null {
  if (header.toString('latin1', 257, 262) !== 'ustar') return null;
  const size = /^([0-7]{11})\0$/.exec(header.toString('latin1', 124, 136))?.[1];
  if (size === undefined) return null;
  const end = header.subarray(0, NAME_BYTES).indexOf(0);
  return { name: header.toString('utf8', 0, end < 0 ? NAME_BYTES : end), size: Number.parseInt(size, 8) };
}

/** Zeros after a member's content, up to a whole block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);
