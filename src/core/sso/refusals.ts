import { StudioError } from '../errors/index.js';

/** Longer texts of a provider are cut. */
const LONGEST_REASON = 300;

/** The provider says no. */
export function refusedByProvider(provider: string, error: string, description?: string): StudioError {
  const type = error === 'access_denied' ? 'permission_denied' : 'authentication_error';
  const reason = description === undefined ? error : `${error} (${description})`;
  return new StudioError(type, `${provider} refused the login: ${cut(reason)}`);
}

/** What came in the provider's name does not prove who somebody is. */
export function unprovenAnswer(provider: string, reason: string): StudioError {
  return new StudioError('authentication_error', `The answer of ${provider} is not accepted: ${cut(reason)}`);
}

export function alreadyUsed(provider: string): StudioError {
  return new StudioError('bad_request', `This answer of ${provider} was used already: begin again`);
}

export function outOfReach(provider: string): StudioError {
  return new StudioError('unavailable', `${provider} is out of reach: try again later`, { retryAfter: 10 });
}

/** What is logged of a failure: its words, and none of the claims and answers that a library's error carries. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message;
}

function cut(text: string): string {
  return text.length > LONGEST_REASON ? `${text.slice(0, LONGEST_REASON)}…` : text;
}
