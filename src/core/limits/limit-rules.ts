const MINUTE = 60_000;
const HOUR = 3_600_000;

/** The figures of the configuration; 0 turns one off. */
export interface LimitFigures {
  readonly perMinute: number;
  readonly perHour: number;
  readonly uploadsPerMinute: number;
  readonly concurrentGenerations: number;
  readonly anonymousPerMinute: number;
  readonly loginsPerMinute: number;
}

export interface LimitRule {
  /** Begins the key under which the counts are kept. */
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
  /** As in "1000 requests a minute". */
  readonly what: string;
}

/** Which windows a request is counted in: those of a user, of an address, and of what is dear. */
export function limitRules(figures: LimitFigures) {
  return {
    user: [
      ...rule('minute', figures.perMinute, MINUTE, 'requests a minute'),
      ...rule('hour', figures.perHour, HOUR, 'requests an hour'),
    ],
    upload: rule('upload', figures.uploadsPerMinute, MINUTE, 'uploads a minute'),
    anonymous: rule('anonymous', figures.anonymousPerMinute, MINUTE, 'requests a minute without a login'),
    login: rule('login', figures.loginsPerMinute, MINUTE, 'logins a minute'),
  } as const;
}

export type LimitKind = keyof ReturnType<typeof limitRules>;

function rule(name: string, limit: number, windowMs: number, what: string): LimitRule[] {
  return limit === 0 ? [] : [{ name, limit, windowMs, what }];
}
