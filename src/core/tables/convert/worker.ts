import { parentPort, workerData } from 'node:worker_threads';
import { TableError } from '../table-error.js';
import type { Conversion, ConversionRequest } from './conversion.js';
import { convertCsv } from './csv-to-plain.js';
import { convertJson } from './json-to-plain.js';
import { convertXlsx } from './xlsx-to-plain.js';

/** What the worker answers: errors cross the thread border as data, since their class does not. */
export type ConversionAnswer =
  | { readonly conversion: Conversion }
  | {
      readonly error: Pick<TableError, 'code' | 'message' | 'column' | 'line'>;
    };

async function convert(request: ConversionRequest): Promise<Conversion> {
  switch (request.kind) {
    case 'csv':
      return convertCsv(request.path, request.target, request.dialect);
    case 'json':
    case 'ndjson':
      return convertJson(request.path, request.target, request.kind, request.encoding);
    case 'xlsx':
      return convertXlsx(request.path, request.filename, request.target, request);
  }
}

async function answer(request: ConversionRequest): Promise<ConversionAnswer> {
  try {
    return { conversion: await convert(request) };
  } catch (error) {
    if (error instanceof TableError) {
      return { error: { code: error.code, message: error.message, column: error.column, line: error.line } };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return {
      error: { code: 'unreadable_file', message: `${request.filename}: ${reason}`, column: undefined, line: undefined },
    };
  }
}

// The rule means windows, not threads.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort!.postMessage(await answer(workerData as ConversionRequest));
