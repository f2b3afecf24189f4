/** The stream ended within what was to be read. */
export class EarlyEnd extends Error {
  override readonly name = 'EarlyEnd';
}

/** Takes a stream of chunks by numbers of bytes, holding no more than one chunk. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** For small numbers: the bytes in one piece. */
  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.parts(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next bytes as they come. Throws {@link EarlyEnd}. */
  async *parts(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#held.length === 0 && !(await this.#fill())) throw new EarlyEnd('The file ends too early');
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async isAtEnd(): Promise<boolean> {
    return this.#held.length === 0 && !(await this.#fill());
  }

  async #fill(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return false;
      if (value.length > 0) {
        this.#held = value;
        return true;
      }
    }
  }
}
