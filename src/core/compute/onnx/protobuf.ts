const encoder = new TextEncoder();

/** Writes a protocol buffer message field by field (protobuf.dev, "Encoding"): only the wire types that ONNX needs. */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  int(field: number, value: number): this {
    return this.#tag(field, 0).#varint(value);
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#tag(field, 5).#append(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, 2).#varint(value.length).#append(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: MessageWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }

  #tag(field: number, wireType: number): this {
    return this.#varint((field << 3) | wireType);
  }

  #varint(value: number): this {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const more = rest > 127n;
      bytes.push(Number(rest & 127n) | (more ? 128 : 0));
      rest >>= 7n;
    } while (rest > 0n);
    return this.#append(Uint8Array.from(bytes));
  }

  #append(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
