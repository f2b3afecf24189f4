import { Writable } from 'node:stream';
import { styleText } from 'node:util';
import { type DestinationStream, levels, type Logger, pino, stdSerializers } from 'pino';
import type { StudioConfig } from './config.js';

/** Never written, wherever they stand. */
const SECRETS = [
  'password',
  'secret',
  'token',
  'accessToken',
  'refreshToken',
  'access_token',
  'refresh_token',
  'jwtSecret',
  'authorization',
  'cookie',
  'secret',
];
const REDACTED = [
  ...SECRETS.flatMap((key) => [key, `*.${key}`, `*.headers.${key}`, `headers.${key}`]),
  'headers["x-api-key"]',
  '*.headers["x-api-key"]',
];

export interface LoggerOutput {
  readonly stream: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** JSON lines; on a terminal one readable line each. Everything goes to stderr, so that stdout stays the program's own. */
export function createLogger(
  config: Pick<StudioConfig, 'logLevel'>,
  { stream }: LoggerOutput = { stream: process.stderr },
): Logger {
  const destination = (stream.isTTY === true ? prettyLines(stream) : stream) as DestinationStream;
  return pino(
    {
      level: config.logLevel,
      base: null,
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: { error: stdSerializers.err, err: stdSerializers.err },
    },
    destination,
  );
}

function prettyLines(stream: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      stream.write(`${prettyLine(chunk)}\n`);
      done();
    },
  });
}

const COLOURS = { fatal: 'red', error: 'red', warn: 'yellow', info: 'green', debug: 'blue', trace: 'gray' } as const;

/** `12:00:01 info  message key=value`, and below it the stack of an error. */
function prettyLine(json: string): string {
  const { level, time, msg, err, error, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const name = levels.labels[Number(level)] ?? 'info';
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const label = styleText(COLOURS[name as keyof typeof COLOURS] ?? 'white', name.padEnd(5), { validateStream: false });
  const details = Object.entries(fields).map(([key, value]) =>
    styleText('dim', `${key}=${inline(value)}`, { validateStream: false }),
  );
  const stack = ((err ?? error) as { stack?: string } | undefined)?.stack;
  return [
    `${styleText('dim', clock, { validateStream: false })} ${label} ${[String(msg ?? ''), ...details].join(' ')}`,
    ...(stack === undefined ? [] : [stack]),
  ].join('\n');
}

function inline(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
