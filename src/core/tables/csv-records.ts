import { TableError } from './table-error.js';

export interface CsvRecord {
  readonly fields: readonly string[];
  /** Line on which the record starts, from 1. */
  readonly line: number;
}

/**
 * Splits delimited text into records (RFC 4180, and what is usual beyond it: any line break, blanks before a quote).
 * Text comes in pieces of any size. Line breaks inside quotes are counted, so that a record's line is the file's.
 */
export class CsvRecordReader {
  #state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  #fields: string[] = [];
  #field = '';
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  #afterReturn = false;
  readonly #delimiter: string;
  readonly #quote: string;
  readonly #onRecord: (record: CsvRecord) => void;

  constructor(delimiter: string, quote: string, onRecord: (record: CsvRecord) => void) {
    this.#delimiter = delimiter;
    this.#quote = quote;
    this.#onRecord = onRecord;
  }

  push(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      const isBreak = character === '\n' || character === '\r';
      if (isBreak && !(character === '\n' && this.#afterReturn)) this.#line++;
      const secondOfPair = character === '\n' && this.#afterReturn;
      this.#afterReturn = character === '\r';
      if (this.#state === 'quoted') {
        if (character !== this.#quote) continue;
        this.#field += text.slice(from, i);
        this.#state = 'closed';
      } else if (character === this.#delimiter) {
        this.#take(text.slice(from, i));
        this.#endField();
      } else if (isBreak) {
        if (!secondOfPair) {
          this.#take(text.slice(from, i));
          this.#endRecord();
        }
        this.#recordLine = this.#line;
      } else if (character === this.#quote && this.#opensQuote(text.slice(from, i))) {
        this.#quoteLine = this.#line;
      } else {
        if (this.#state === 'start') this.#state = 'bare';
        continue;
      }
      from = i + 1;
    }
    this.#take(text.slice(from));
  }

  /** Ends the text: the last record may lack its line break. */
  end(): void {
    if (this.#state === 'quoted') throw this.#brokenQuote('is never closed');
    if (this.#fields.length > 0 || this.#field !== '' || this.#state === 'closed') this.#endRecord();
  }

  #take(text: string): void {
    if (this.#state === 'closed') {
      if (text.trim() !== '') throw this.#brokenQuote('is followed by more text');
      return;
    }
    this.#field += text;
  }

  /** A quote opens a quoted field at its start, and stands for itself when doubled inside one. */
  #opensQuote(before: string): boolean {
    if (this.#state === 'closed') {
      if (before !== '') throw this.#brokenQuote('is followed by more text');
      this.#field += this.#quote;
    } else if ((this.#field + before).trim() === '') {
      this.#field = '';
    } else {
      return false;
    }
    this.#state = 'quoted';
    return true;
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  #endRecord(): void {
    this.#endField();
    this.#onRecord({ fields: this.#fields, line: this.#recordLine });
    this.#fields = [];
  }

  #brokenQuote(what: string): TableError {
    return new TableError('broken_quote', `The quote opened in line ${this.#quoteLine} ${what}`, {
      line: this.#quoteLine,
    });
  }
}
