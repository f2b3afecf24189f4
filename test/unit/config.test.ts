import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONFIG_VARIABLES, ConfigError, readConfig } from '../../src/core/app/config.js';

describe('readConfig', () => {
  it('has the documented defaults', () => {
    expect(readConfig({})).toMatchObject({
      port: 8000,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      role: 'all',
      workerConcurrency: 1,
      accessTokenTtl: 30 * 60_000,
      refreshTokenTtl: 30 * 86_400_000,
      limits: {
        perMinute: 1000,
        perHour: 5000,
        uploadsPerMinute: 10,
        concurrentGenerations: 5,
        anonymousPerMinute: 60,
        loginsPerMinute: 10,
      },
      maxUploadBytes: 5 * 1024 ** 3,
      anonymousProgress: true,
      plugins: [],
    });
  });

  it('takes an empty variable for an unset one', () => {
    expect(readConfig({ ADMIN_EMAIL: '', PORT: '' })).toMatchObject({ admin: undefined, port: 8000 });
  });

  it.each([
    ['PORT', '70000'],
    ['JWT_SECRET', 'short'],
    ['ACCESS_TOKEN_TTL', '30 minutes'],
    ['MAX_UPLOAD_BYTES', '5 GB'],
    ['RATE_LIMIT_PER_MINUTE', 'many'],
    ['UPLOADS_PER_MINUTE', '-1'],
    ['COMPUTE', 'abacus'],
    ['STUDIO_SQLITE', 'mysql'],
    ['WS_ANONYMOUS_PROGRESS', 'perhaps'],
    ['ADMIN_EMAIL', 'admin@example.com'],
  ])('refuses a bad %s and names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value })).toThrow(name);
  });

  it('lists every variable with its default', () => {
    expect(CONFIG_VARIABLES).toContainEqual({ name: 'PORT', default: '8000', description: expect.stringMatching(/./) });
    expect(CONFIG_VARIABLES).toContainEqual(expect.objectContaining({ name: 'ACCESS_TOKEN_TTL', default: '30m' }));
  });

  it('refuses what it would have to pass over', () => {
    for (const name of ['DATABASE_URL', 'STORAGE_URL']) {
      expect(() => readConfig({ [name]: 'postgres://db/studio' })).toThrow(`${name}: everything is kept in DATA_DIR`);
    }
  });
});
