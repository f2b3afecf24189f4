import { StudioError } from '../errors/index.js';
import { notAuthenticated, type Principal } from './access-tokens.js';

/** Who may call an operation. Whose rows it may see is the services' business: they find only the caller's own. */
export type Policy = 'public' | 'user' | 'admin';

/** Throws unless the caller may; both doors ask here. */
export function authorise(principal: Principal | null, policy: Policy): void {
  if (policy === 'public') return;
  if (principal === null) throw notAuthenticated();
  if (policy === 'admin' && principal.role !== 'admin') {
    throw new StudioError('permission_denied', 'Administrators only');
  }
}
