import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStudio, type TestStudio } from '../support/studio.js';

const ORIGIN = 'https://app.example.com';

function preflight(studio: TestStudio, origin: string) {
  return studio.app.inject({
    method: 'OPTIONS',
    url: '/datasets/1',
    headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' },
  });
}

describe('headers for browsers', () => {
  let studio: TestStudio;
  beforeAll(async () => {
    studio = await startStudio({ env: { CORS_ORIGINS: ORIGIN } });
  });
  afterAll(() => studio.close());

  it.each(['/health', '/nowhere', '/graphql?query={generatorTypes{id}}'])('are safe ones at %s', async (url) => {
    const { headers } = await studio.app.inject({ url });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
  });

  it('let a configured origin do everything that the API does, and no other one', async () => {
    const allowed = (await preflight(studio, ORIGIN)).headers;
    expect(allowed['access-control-allow-origin']).toBe(ORIGIN);
    expect(allowed['access-control-allow-methods']).toContain('DELETE');
    expect((await preflight(studio, 'https://evil.example.com')).headers['access-control-allow-origin']).not.toBe(
      'https://evil.example.com',
    );
  });
});
