import { hash, verify } from '@node-rs/argon2';

let decoy: Promise<string> | undefined;

/** Argon2id with the library's parameters (19 MiB, 2 passes), which are those that OWASP recommends. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** The hash of an account that is entered by a login provider alone: no password matches it. */
export const NO_PASSWORD = '';

/** Takes as long for an account that does not exist or has no password, so that the answer's time tells nothing. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hash('no account has this password');
  const hasPassword = passwordHash !== undefined && passwordHash !== NO_PASSWORD;
  const matches = await verify(hasPassword ? passwordHash : await decoy, password);
  return matches && hasPassword;
}
