/** Bits for each value: one false alarm in about seven, which costs no more than a skipped value. */
const BITS_PER_VALUE = 4;
const PROBES = 3;

/** Remembers values without keeping them (Bloom, CACM 13(7), 1970): it may know a value it never met, but never misses one. */
export class ValueFilter {
  private constructor(private readonly bits: Uint8Array) {}

  static forCount(count: number): ValueFilter {
    return new ValueFilter(new Uint8Array(Math.max(8, Math.ceil((count * BITS_PER_VALUE) / 8))));
  }

  static decode(text: string): ValueFilter {
    return new ValueFilter(Buffer.from(text, 'base64'));
  }

  encode(): string {
    return Buffer.from(this.bits).toString('base64');
  }

  add(value: string): void {
    this.probe(value, (byte, bit) => {
      this.bits[byte]! |= bit;
      return true;
    });
  }

  has(value: string): boolean {
    return this.probe(value, (byte, bit) => (this.bits[byte]! & bit) !== 0);
  }

  /** Double hashing: probe i looks at h1 + i·h2 (Kirsch, Mitzenmacher 2006). */
  private probe(value: string, look: (byte: number, bit: number) => boolean): boolean {
    const size = this.bits.length * 8;
    const h1 = hash(value, 0x811c9dc5);
    const h2 = hash(value, 0x9747b28c) | 1;
    for (let i = 0; i < PROBES; i++) {
      const at = ((h1 + Math.imul(i, h2)) >>> 0) % size;
      if (!look(at >>> 3, 1 << (at & 7))) return false;
    }
    return true;
  }
}

/** FNV-1a over UTF-16 units, then the finaliser of MurmurHash3. */
function hash(value: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < value.length; i++) h = Math.imul(h ^ value.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
