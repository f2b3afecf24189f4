import duckdb from '@duckdb/node-bindings';
import type { DuckDBDataChunk } from '@duckdb/node-api';

/**
 * Typed views of a chunk's columns. The client library hands out values one by one, which costs more than the query;
 * the binding below it gives the memory itself. A view is good only until the chunk is gone: copy.
 */
export function doublesOf(chunk: DuckDBDataChunk, column: number): Float64Array {
  const bytes = duckdb.vector_get_data(vectorOf(chunk, column), chunk.rowCount * 8);
  return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount);
}

export function integersOf(chunk: DuckDBDataChunk, column: number): Int32Array {
  const bytes = duckdb.vector_get_data(vectorOf(chunk, column), chunk.rowCount * 4);
  return new Int32Array(bytes.buffer, bytes.byteOffset, chunk.rowCount);
}

type Integers = Uint8Array | Uint16Array | Uint32Array;

/** Copies fixed-size values into a column of a chunk that is being filled. */
export function fillColumn(chunk: DuckDBDataChunk, column: number, values: Float64Array | Integers): void {
  const { buffer, byteOffset, byteLength } = values;
  duckdb.copy_data_to_vector(vectorOf(chunk, column), 0, buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Marks the rows whose bit is 0 (least significant first) as NULL. */
export function fillValidity(chunk: DuckDBDataChunk, column: number, bits: Uint8Array): void {
  const vector = vectorOf(chunk, column);
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, bits.buffer as ArrayBuffer, bits.byteOffset, bits.byteLength);
}

/** Sets text cells; null is NULL. */
export function fillText(chunk: DuckDBDataChunk, column: number, texts: readonly (string | null)[]): void {
  const vector = vectorOf(chunk, column);
  const bits = new Uint8Array(Math.ceil(texts.length / 64) * 8);
  for (const [row, text] of texts.entries()) {
    if (text === null) continue;
    bits[row >> 3]! |= 1 << (row & 7);
    duckdb.vector_assign_string_element(vector, row, text);
  }
  fillValidity(chunk, column, bits);
}

function vectorOf(chunk: DuckDBDataChunk, column: number): duckdb.Vector {
  return duckdb.data_chunk_get_vector(chunk.chunk, column);
}
