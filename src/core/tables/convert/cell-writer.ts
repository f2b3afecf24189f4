import { closeSync, openSync, writeSync } from 'node:fs';

const FLUSH_LENGTH = 1 << 20;

/** Writes rows as plain CSV (UTF-8, comma, line feed, no header), for DuckDB to read without guessing. Null is an empty field. */
export class CellWriter {
  readonly #file: number;
  #pending = '';
  rowCount = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  writeRow(cells: readonly (string | null | undefined)[]): void {
    let row = '';
    for (let i = 0; i < cells.length; i++) row += (i === 0 ? '' : ',') + encode(cells[i]);
    this.#pending += `${row}\n`;
    this.rowCount++;
    if (this.#pending.length > FLUSH_LENGTH) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#pending);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    this.#pending = '';
  }
}

function encode(cell: string | null | undefined): string {
  if (cell === null || cell === undefined) return '';
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
