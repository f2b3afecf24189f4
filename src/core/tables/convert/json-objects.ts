import { TableError } from '../table-error.js';

export interface JsonObjectText {
  readonly text: string;
  /** Line on which the object starts, from 1. */
  readonly line: number;
}

/** Cuts a JSON array of objects, or objects one after another (NDJSON), into the text of each object. */
export function* jsonObjects(pieces: Iterable<string>, layout: 'json' | 'ndjson'): Generator<JsonObjectText> {
  const cutter = new ObjectCutter(layout);
  for (const piece of pieces) yield* cutter.push(piece);
  cutter.end();
}

type Expect = 'open' | 'object' | 'object-or-close' | 'comma-or-close' | 'nothing';

class ObjectCutter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #object = '';
  #line = 1;
  #startLine = 1;
  #expect: Expect;
  readonly #array: boolean;

  constructor(layout: 'json' | 'ndjson') {
    this.#array = layout === 'json';
    this.#expect = this.#array ? 'open' : 'object-or-close';
  }

  *push(piece: string): Generator<JsonObjectText> {
    let from = 0;
    for (let i = 0; i < piece.length; i++) {
      const character = piece[i]!;
      if (character === '\n') this.#line++;
      if (this.#depth === 0) {
        this.#between(character);
        from = i;
      } else if (this.#inside(character)) {
        yield { text: this.#object + piece.slice(from, i + 1), line: this.#startLine };
        this.#object = '';
        this.#expect = this.#array ? 'comma-or-close' : 'object-or-close';
      }
    }
    if (this.#depth > 0) this.#object += piece.slice(from);
  }

  end(): void {
    if (this.#depth > 0) throw malformed(this.#startLine, 'an object is never closed');
    if (this.#array && this.#expect !== 'nothing') {
      throw malformed(this.#line, this.#expect === 'open' ? 'there is no array' : 'the array is never closed');
    }
  }

  /** True when the character closes the outermost object. */
  #inside(character: string): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (character === '\\') this.#escaped = true;
      else if (character === '"') this.#inString = false;
      return false;
    }
    if (character === '"') this.#inString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (character === '}' || character === ']') return --this.#depth === 0;
    return false;
  }

  #between(character: string): void {
    if (/\s/.test(character)) return;
    const expect = this.#expect;
    if (character === '{' && (expect === 'object' || expect === 'object-or-close')) {
      this.#depth = 1;
      this.#startLine = this.#line;
    } else if (character === '[' && expect === 'open') this.#expect = 'object-or-close';
    else if (character === ',' && expect === 'comma-or-close') this.#expect = 'object';
    else if (character === ']' && this.#array && (expect === 'object-or-close' || expect === 'comma-or-close')) {
      this.#expect = 'nothing';
    } else {
      const wanted = this.#array ? 'an array of flat objects' : 'one flat object a line';
      throw malformed(this.#line, `${JSON.stringify(character)} is out of place in ${wanted}`);
    }
  }
}

function malformed(line: number, what: string): TableError {
  return new TableError('malformed_json', `Line ${line}: ${what}`, { line });
}
