import { GraphQLError, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { isoTime } from '../core/app/iso-time.js';
import type { Builder } from './builder.js';
import type { Cell } from './shapes.js';

/** A file of a multipart request, as it comes in: its rows have not been read. */
export class UploadedFile {
  #stream: Readable;

  constructor(
    readonly filename: string,
    content: Readable,
  ) {
    this.#stream = content;
  }

  get stream(): Readable {
    return this.#stream;
  }

  /** From now on `digest` takes in what is read. */
  digestTo(digest: Hash): void {
    this.#stream = Readable.from(digested(this.#stream, digest), { objectMode: false });
  }

  /** Reads away what nobody has read. */
  async finish(): Promise<void> {
    if (!this.#stream.destroyed) await finished(this.#stream.resume());
  }
}

async function* digested(content: AsyncIterable<Buffer>, digest: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    digest.update(chunk);
    yield chunk;
  }
}

export function addScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description: 'A time in ISO 8601, UTC: `2026-01-31T12:00:00.000Z`.',
    serialize: isoTime,
    parseValue: parseTime,
    parseLiteral: (node) => parseTime(literal(node)),
  });
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    serialize: (value) => value,
  });
  builder.scalarType('Cell', {
    description: 'One cell of a table: a string, a number, a boolean, or null where the value is missing.',
    serialize: (value) => value,
    parseValue: parseCell,
    parseLiteral: (node) => parseCell(valueFromASTUntyped(node)),
  });
  builder.scalarType('SafeInt', {
    description: 'A whole number of up to 53 bits: counts and sizes may exceed an `Int`.',
    serialize: (value) => value,
    parseValue: parseInteger,
    parseLiteral: (node) => parseInteger(literal(node)),
  });
  builder.scalarType('File', {
    description:
      'A file, sent beside the operation: https://github.com/jaydenseric/graphql-multipart-request-spec. One in each request.',
    parseValue: (value) => {
      if (value instanceof UploadedFile) return value;
      throw new GraphQLError('A File is a variable of a multipart request, in which "map" names it');
    },
    parseLiteral: () => {
      throw new GraphQLError('A File can only be given as a variable');
    },
  });
}

function literal(node: ValueNode): unknown {
  return node.kind === Kind.INT ? Number(node.value) : valueFromASTUntyped(node);
}

function parseTime(value: unknown): Date {
  const time = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? new Date(value) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) throw new GraphQLError('A DateTime is a time in ISO 8601');
  return time;
}

function parseCell(value: unknown): Cell {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Cell;
  throw new GraphQLError('A Cell is a string, a number, a boolean or null');
}

function parseInteger(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError('A SafeInt is a whole number of up to 53 bits');
}
