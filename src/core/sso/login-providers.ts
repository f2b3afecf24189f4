import type { StudioConfig } from '../app/config.js';

/** A way to log in other than by a password, for a login page. */
export interface LoginProviderInfo {
  readonly id: string;
  readonly name: string;
  readonly protocol: 'oidc' | 'saml';
  /** A path on this server; a browser that goes there comes back logged in. */
  readonly loginUrl: string;
}

export function loginProviders(config: Pick<StudioConfig, 'oidcProviders' | 'samlProviders'>): LoginProviderInfo[] {
  return [
    ...config.oidcProviders.map(({ id, name }) => {
      return { id, name, protocol: 'oidc' as const, loginUrl: `/auth/oauth/${id}/authorize` };
    }),
    ...config.samlProviders.map(({ id, name }) => {
      return { id, name, protocol: 'saml' as const, loginUrl: `/auth/saml/${id}/login` };
    }),
  ];
}
