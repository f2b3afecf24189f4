import { Worker } from 'node:worker_threads';
import { TableError } from '../table-error.js';
import type { Conversion, ConversionRequest } from './conversion.js';
import type { ConversionAnswer } from './worker.js';

const WORKER_HEAP_MEGABYTES = 256;

/**
 * Rewrites a file as plain CSV in a thread of its own: parsing must not hold up the requests of others, and a file made
 * to eat memory ends its thread, not the server. Throws {@link TableError}.
 */
export async function convert(request: ConversionRequest, signal?: AbortSignal): Promise<Conversion> {
  signal?.throwIfAborted();
  const worker = startWorker(request);
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop);
  try {
    const answer = await new Promise<ConversionAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The conversion thread ended without an answer')));
    });
    if ('conversion' in answer) return answer.conversion;
    const { code, message, column, line } = answer.error;
    throw new TableError(code, message, {
      ...(column !== undefined && { column }),
      ...(line !== undefined && { line }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
      throw new TableError('too_large', `${request.filename} needs too much memory to be read`, {}, { cause: error });
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

function startWorker(request: ConversionRequest): Worker {
  const source = import.meta.url.endsWith('.ts');
  return new Worker(new URL(source ? './worker.ts' : './worker.js', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MEGABYTES },
    execArgv: source ? ['--import', SOURCE_IMPORTS] : [],
  });
}

/** Run from source (tests), Node strips the types, but `./x.js` must be told to mean `./x.ts`. */
const SOURCE_IMPORTS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error;
        return next(specifier.slice(0, -3) + '.ts', context);
      }
    },
  });
`)}`;
