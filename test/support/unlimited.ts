/** A test asks more in a second than people do in minutes; those of the limits set their own. */
export const UNLIMITED = Object.fromEntries(
  [
    'RATE_LIMIT_PER_MINUTE',
    'RATE_LIMIT_PER_HOUR',
    'UPLOADS_PER_MINUTE',
    'CONCURRENT_GENERATIONS',
    'ANONYMOUS_PER_MINUTE',
    'LOGINS_PER_MINUTE',
  ].map((name) => [name, '0']),
);
