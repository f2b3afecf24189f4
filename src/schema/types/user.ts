import { addConnection, connectionArguments, pageRequest, toConnection } from '../connections.js';
import { callerOf } from '../context.js';
import { spend } from '../admission.js';
import type { SchemaKit } from '../enums.js';
import { addResult } from '../errors/result-union.js';
import { renameFields } from '../errors/field-names.js';

export function addUsers({ builder, enums }: SchemaKit): void {
  builder.objectType('User', {
    interfaces: ['Node'],
    fields: (t) => ({
      email: t.exposeString('email'),
      name: t.exposeString('name', { nullable: true }),
      role: t.field({ type: enums.role, resolve: ({ role }) => role }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
    }),
  });
  builder.objectType('Session', {
    description: 'Tokens of a login. The access token goes into the header `Authorization: Bearer …`.',
    fields: (t) => ({
      accessToken: t.exposeString('accessToken'),
      tokenType: t.string({ resolve: () => 'bearer' }),
      expiresIn: t.exposeInt('expiresIn', { description: 'Seconds.' }),
      refreshToken: t.exposeString('refreshToken', { description: 'Good for one refresh, which gives the next.' }),
      refreshExpiresIn: t.exposeInt('refreshExpiresIn', { description: 'Seconds.' }),
      user: t.field({ type: 'User', resolve: ({ userId }, _args, { services }) => services.auth.user(userId) }),
    }),
  });
  builder.queryField('me', (t) =>
    t.field({
      type: 'User',
      nullable: true,
      policy: 'read',
      description: 'The caller.',
      resolve: (_root, _args, context) => context.services.auth.user(callerOf(context).userId),
    }),
  );
  const UserConnection = addConnection(builder, 'User');
  builder.queryField('users', (t) =>
    t.field({
      type: UserConnection,
      policy: 'admin',
      description: 'All accounts, the newest first; nothing of what anybody owns.',
      args: connectionArguments(builder),
      resolve: async (_root, page, { services: { accounts } }) =>
        toConnection(await accounts.list(pageRequest(page)), (user) => accounts.cursor(user), page),
    }),
  );
  addSessions({ builder, enums });
  addProfile({ builder, enums });
}

function addSessions({ builder }: SchemaKit): void {
  const registered = addResult(builder, 'RegisterResult', {
    success: ['User'],
    errors: ['ValidationError', 'ConflictError', 'LimitError', 'UnavailableError'],
  });
  const loggedIn = addResult(builder, 'LoginResult', {
    success: ['Session'],
    errors: ['AuthenticationError', 'LimitError', 'UnavailableError'],
  });
  const RegisterInput = builder.inputType('RegisterInput', {
    fields: (t) => ({
      email: t.string({ required: true }),
      password: t.string({ required: true, description: '8 to 128 characters.' }),
      name: t.string(),
    }),
  });
  const LoginInput = builder.inputType('LoginInput', {
    fields: (t) => ({ email: t.string({ required: true }), password: t.string({ required: true }) }),
  });
  builder.mutationFields((t) => ({
    register: t.field({
      type: registered.type,
      policy: 'public',
      creates: true,
      description: 'Makes an account, which can log in at once.',
      args: { input: t.arg({ type: RegisterInput, required: true }) },
      resolve: (_root, { input }, { services }) =>
        registered.of(() => services.auth.register({ ...input, name: input.name ?? null }), renameFields),
    }),
    login: t.field({
      type: loggedIn.type,
      policy: 'public',
      description:
        'Failed logins slow down the next ones, by account and address: a `LimitError` until `retryAfter` is over.',
      args: { input: t.arg({ type: LoginInput, required: true }) },
      resolve: (_root, { input }, context) =>
        loggedIn.of(async () => {
          spend(context, (limits) => limits.countLogin(context.address, input.email));
          context.record.userId = await context.services.auth.accountId(input.email);
          return context.services.auth.login(input.email, input.password, context.address);
        }),
    }),
    refresh: t.field({
      type: loggedIn.type,
      policy: 'public',
      description: 'A new pair of tokens for a refresh token, which is used up; presented twice, it ends the session.',
      args: { refreshToken: t.arg.string({ required: true }) },
      resolve: (_root, { refreshToken }, { services, address }) =>
        loggedIn.of(() => services.auth.refresh(refreshToken, address)),
    }),
    logout: t.boolean({
      policy: 'user',
      description: 'Ends the session: all its tokens.',
      resolve: async (_root, _args, context) => {
        await context.services.auth.logout(callerOf(context));
        return true;
      },
    }),
  }));
}

function addProfile({ builder }: SchemaKit): void {
  const updated = addResult(builder, 'UpdateMeResult', {
    success: ['User'],
    errors: ['ValidationError', 'UnavailableError'],
  });
  builder.objectType('PasswordChanged', {
    description: 'Every session has ended, this one too: log in again.',
    fields: (t) => ({ user: t.field({ type: 'User', resolve: ({ user }) => user }) }),
  });
  const changed = addResult(builder, 'ChangePasswordResult', {
    success: ['PasswordChanged'],
    errors: ['AuthenticationError', 'ValidationError', 'LimitError', 'UnavailableError'],
  });
  const UpdateMeInput = builder.inputType('UpdateMeInput', {
    fields: (t) => ({ name: t.string({ description: 'Null takes it away.' }) }),
  });
  const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
    fields: (t) => ({
      currentPassword: t.string({ required: true }),
      newPassword: t.string({ required: true, description: '8 to 128 characters.' }),
      revokeApiKeys: t.boolean({ defaultValue: false, description: 'Delete the caller’s API keys too.' }),
    }),
  });
  builder.mutationFields((t) => ({
    updateMe: t.field({
      type: updated.type,
      policy: 'user',
      args: { input: t.arg({ type: UpdateMeInput, required: true }) },
      resolve: (_root, { input }, context) =>
        updated.of(() => {
          const { auth } = context.services;
          const caller = callerOf(context);
          return input.name === undefined ? auth.user(caller.userId) : auth.updateProfile(caller, { name: input.name });
        }),
    }),
    changePassword: t.field({
      type: changed.type,
      policy: 'user',
      description: 'Ends every session of the caller. API keys live on unless `revokeApiKeys` is set.',
      args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
      resolve: (_root, { input }, context) =>
        changed.of(async () => {
          const { auth } = context.services;
          const caller = callerOf(context);
          await auth.changePassword(caller, {
            current: input.currentPassword,
            next: input.newPassword,
            address: context.address,
            revokeApiKeys: input.revokeApiKeys ?? false,
          });
          return { user: await auth.user(caller.userId) };
        }, renameFields),
    }),
  }));
}
