import type { User } from '../core/auth/user.entity.js';
import { nullable, object, oneOf, type Static, string, time } from './json-schema.js';

export const userView = object(
  { id: string(), email: string(), name: nullable(string()), role: oneOf(['user', 'admin']), created_at: time() },
  {},
  { title: 'User' },
);

export function toUser(user: User): Static<typeof userView> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    created_at: user.createdAt.toISOString(),
  };
}
