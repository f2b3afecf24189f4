import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * What Node compiles of whatever is imported from here on is kept for the next start: a fifth of the time of one. Beside the
 * packages, since whoever can write there can change the code anyway. Node 20 has no such cache, and a folder that can't
 * be written is passed over.
 */
export function keepCompiledCode(): void {
  nodeModule.enableCompileCache?.(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
}
