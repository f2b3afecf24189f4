import { createSocket, type Socket } from 'node:dgram';

const TYPE_A = 1;
const HEADER_BYTES = 12;

/** A name server of the tests' own: knows IPv4 addresses of any name, and nothing else. RFC 1035, section 4. */
export class NameServer implements AsyncDisposable {
  /** What is answered, one after the other; the last one stays. */
  answers: (readonly string[])[] = [];
  asked = 0;

  private constructor(private readonly socket: Socket) {}

  static async open(): Promise<NameServer> {
    const socket = createSocket('udp4');
    const server = new NameServer(socket);
    socket.on('message', (query, { port, address }) => socket.send(server.#answer(query), port, address));
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((done) => this.socket.close(done));
  }

  #answer(query: Buffer): Buffer {
    // The name ends with an empty label; its type and class follow.
    const end = query.indexOf(0, HEADER_BYTES) + 5;
    const isAddress = query.readUInt16BE(end - 4) === TYPE_A;
    const found = isAddress ? this.#next() : [];
    const header = Buffer.from(query.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(found.length, 6);
    header.writeUInt32BE(0, 8);
    const records = found.map((address) =>
      Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    return Buffer.concat([header, query.subarray(HEADER_BYTES, end), ...records]);
  }

  #next(): readonly string[] {
    this.asked++;
    return (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? [];
  }
}
