import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/core/app/config.js';
import { loginProviders } from '../../src/core/sso/login-providers.js';

const oidc = { issuer: 'https://id.example', client_id: 'studio', client_secret: 'secret' };
const saml = { issuer: 'urn:idp', entry_point: 'https://id.example/sso' };

const env = (certificates: string[]) => ({
  PUBLIC_URL: 'https://studio.example',
  SAML_PROVIDERS: JSON.stringify({ corp: { ...saml, certificates } }),
});

describe('login providers of the configuration', () => {
  it('are none unless they are given', () => {
    expect(loginProviders(readConfig({}))).toEqual([]);
  });

  it('have defaults that let people in by their verified addresses', () => {
    const [provider] = readConfig({ OAUTH_PROVIDERS: JSON.stringify({ corp: oidc }) }).oidcProviders;
    expect(provider).toEqual({
      id: 'corp',
      name: 'corp',
      issuer: 'https://id.example',
      clientId: 'studio',
      clientSecret: 'secret',
      scopes: ['openid', 'email', 'profile'],
      allowRegistration: true,
      redirectPage: undefined,
    });
  });

  it('may stand in a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'providers-'));
    try {
      const path = join(folder, 'oauth.json');
      await writeFile(path, JSON.stringify({ corp: { ...oidc, name: 'The corporation' } }));
      expect(readConfig({ OAUTH_PROVIDERS: path }).oidcProviders[0]?.name).toBe('The corporation');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.each<[string, object | string, RegExp]>([
    ['a path to nothing', '/no/such/file', /OAUTH_PROVIDERS: must be a JSON object.*no such file/],
    ['broken JSON, which is not quoted', '{"secret" "x"}', /OAUTH_PROVIDERS: must be a JSON object[^"]*$/],
    ['a list', { corp: [] }, /OAUTH_PROVIDERS\.corp/],
    ['an odd id', { 'The Corp': oidc }, /OAUTH_PROVIDERS\.The Corp/],
    ['no client', { corp: { issuer: oidc.issuer } }, /OAUTH_PROVIDERS\.corp\.client_id/],
    ['a word it does not know', { corp: { ...oidc, clientid: 'x' } }, /OAUTH_PROVIDERS\.corp: .*clientid/],
    ['an address without TLS', { corp: { ...oidc, issuer: 'http://id.example' } }, /corp\.issuer: .*https/],
    ['scopes without openid', { corp: { ...oidc, scopes: ['email'] } }, /corp\.scopes: .*openid/],
    ['a page that is none', { corp: { ...oidc, redirect_page: 'javascript:alert(1)' } }, /corp\.redirect_page/],
  ])('of OpenID Connect are refused with %s, by name', (_what, given, reason) => {
    const text = typeof given === 'string' ? given : JSON.stringify(given);
    expect(() => readConfig({ OAUTH_PROVIDERS: text })).toThrow(ConfigError);
    expect(() => readConfig({ OAUTH_PROVIDERS: text })).toThrow(reason);
  });

  it('are as the documentation shows them', () => {
    const page = readFileSync(new URL('../../docs/single-sign-on.md', import.meta.url), 'utf8');
    const [google, corp] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json!);
    expect(readConfig({ OAUTH_PROVIDERS: google! }).oidcProviders[0]?.id).toBe('google');
    // Its certificate is left out for want of room.
    const shown = () => readConfig({ PUBLIC_URL: 'https://studio.example', SAML_PROVIDERS: corp! });
    expect(shown).toThrow(/^Bad configuration\. SAML_PROVIDERS\.corp\.certificates\.0: must be a certificate[^;]*$/);
  });

  it('of SAML need certificates that are some, and an address that no request can choose', () => {
    expect(() => readConfig(env([]))).toThrow(/SAML_PROVIDERS\.corp\.certificates/);
    expect(() => readConfig(env(['nonsense']))).toThrow(/SAML_PROVIDERS\.corp\.certificates\.0: must be a certificate/);
    expect(() => readConfig({ SAML_PROVIDERS: '{}' })).toThrow(/SAML_PROVIDERS: set PUBLIC_URL too/);
    expect(() => readConfig({ PUBLIC_URL: 'studio.example' })).toThrow(/PUBLIC_URL: must be an address/);
  });
});
