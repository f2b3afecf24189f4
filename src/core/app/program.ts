import { PluginLoadError } from '../plugin-host/index.js';
import { ConfigError } from './config.js';

interface Closable {
  close(): Promise<void>;
}

/** Nothing may keep a program alive for longer than this once it was told to end. */
const SHUTDOWN_MS = 4500;

const OLDEST_NODE = [22, 15] as const;

/** Starts a program, tells a failed start in one line, and ends on a signal: running jobs go on after the next start. */
export async function runProgram(start: () => Promise<Closable>): Promise<void> {
  if (!isRecentNode()) {
    process.stderr.write(`Node ${OLDEST_NODE.join('.')} or newer is needed; "npm start" brings its own\n`);
    process.exit(1);
  }
  let closing = false;
  let started: Closable | undefined;
  const end = (): void => {
    if (closing) return;
    closing = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    const closed = started === undefined ? Promise.resolve() : started.close();
    void closed.then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    started = await start();
  } catch (error) {
    const message = describe(error);
    if (message === null) throw error;
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
}

function isRecentNode(): boolean {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

/** Mistakes that the person who starts the program can mend need no stack. */
function describe(error: unknown): string | null {
  if (error instanceof ConfigError || error instanceof PluginLoadError) return error.message;
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code === 'EADDRINUSE') return `PORT: ${port} on ${address} is in use by another program`;
  if (code === 'EACCES' && port !== undefined) return `PORT: no permission to listen on ${port}`;
  return null;
}
