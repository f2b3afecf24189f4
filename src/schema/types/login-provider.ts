import { addEnum, type SchemaKit } from '../enums.js';

/** What a login page offers besides a password. The login itself is a browser's walk over REST's addresses. */
export function addLoginProviders({ builder }: SchemaKit): void {
  const protocol = addEnum<'oidc' | 'saml'>(builder, 'LoginProtocol', 'What a login provider speaks.', {
    oidc: 'OpenID Connect.',
    saml: 'SAML 2.0.',
  });
  builder.objectType('LoginProvider', {
    description: 'A way to log in other than by a password.',
    fields: (t) => ({
      id: t.exposeString('id'),
      name: t.exposeString('name', { description: 'What people call it.' }),
      protocol: t.field({ type: protocol, resolve: (provider) => provider.protocol }),
      loginUrl: t.exposeString('loginUrl', {
        description: 'A path on this server: a browser that goes there comes back logged in.',
      }),
    }),
  });
  builder.queryFields((t) => ({
    loginProviders: t.field({
      type: ['LoginProvider'],
      policy: 'public',
      description: 'What one can log in by, besides a password.',
      resolve: (_root, _args, { services }) => services.loginProviders,
    }),
  }));
}
