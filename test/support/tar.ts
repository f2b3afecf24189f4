export interface Member {
  readonly name: string;
  readonly content: Buffer;
  /** Of the entry: `0` is a plain file, `2` a link. */
  readonly type?: string;
  /** What the header tells, where that is a lie. */
  readonly size?: number;
}

/** A tar archive of any entries, as anybody could write one: apart from the studio's own writer. */
export function archive(list: readonly Member[]): Buffer {
  const blocks = list.flatMap(({ name, content, type = '0', size = content.length }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\u00000000000\u00000000000\u0000', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\u0000${'0'.repeat(11)}\u0000${' '.repeat(8)}${type}`, 124);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function members(file: Buffer): Member[] {
  const found: Member[] = [];
  for (let at = 0; file[at] !== 0;) {
    const header = file.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const name = header.toString('utf8', 0, header.indexOf(0));
    found.push({ name, content: file.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}
