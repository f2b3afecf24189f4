import { TableError } from '../table-error.js';
import type { JsonObjectText } from './json-objects.js';

const BLANKS = /[ \t\r\n]*/y;
/** JSON.parse refuses what may not stand in it. */
const STRING = /"(?:[^"\\]|\\.)*"/y;
/** NaN and the infinities are no JSON, but Python writes them. */
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|NaN|-?Infinity/y;

/** The members of a flat object in order, numbers as they are spelled. Throws {@link TableError} for nested values. */
export function jsonCells(object: JsonObjectText): Map<string, string | null> {
  return new FlatObjectParser(object).parse();
}

class FlatObjectParser {
  readonly #text: string;
  readonly #line: number;
  #at = 1;

  constructor(object: JsonObjectText) {
    this.#text = object.text;
    this.#line = object.line;
  }

  parse(): Map<string, string | null> {
    const cells = new Map<string, string | null>();
    if (this.#peek() === '}') return cells;
    for (;;) {
      const key = this.#string();
      this.#expect(':');
      cells.set(key, this.#value(key));
      if (this.#peek() === '}') break;
      this.#expect(',');
    }
    if (this.#at !== this.#text.length - 1) throw this.#malformed();
    return cells;
  }

  #value(key: string): string | null {
    const first = this.#peek();
    if (first === '"') return this.#string();
    if (first === '{' || first === '[') {
      const what = first === '{' ? 'an object' : 'an array';
      const message = `Line ${this.#line}: the value of "${key}" is ${what}; rows must be flat`;
      throw new TableError('nested_value', message, { line: this.#line, column: key });
    }
    const token = this.#match(SCALAR);
    return token === 'null' ? null : token;
  }

  #string(): string {
    this.#peek();
    const token = this.#match(STRING);
    try {
      return JSON.parse(token) as string;
    } catch {
      throw this.#malformed();
    }
  }

  #expect(character: string): void {
    if (this.#peek() !== character) throw this.#malformed();
    this.#at++;
  }

  /** The next character that is no blank. */
  #peek(): string {
    BLANKS.lastIndex = this.#at;
    BLANKS.exec(this.#text);
    this.#at = BLANKS.lastIndex;
    return this.#text[this.#at] ?? '';
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) throw this.#malformed();
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #malformed(): TableError {
    const before = this.#text.slice(0, this.#at);
    const line = this.#line + (before.match(/\n/g)?.length ?? 0);
    return new TableError('malformed_json', `Line ${line}: malformed JSON`, { line });
  }
}
