import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { StudioError } from '../errors/index.js';
import { outOfReach, refusedByProvider, unprovenAnswer } from './refusals.js';

/** What a failed exchange with a provider means to the person who logs in; undefined for a fault of ours. */
export function asOidcRefusal(error: unknown, provider: string): StudioError | undefined {
  if (error instanceof StudioError) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return refusedByProvider(provider, error.error, error.error_description);
  }
  if (error instanceof WWWAuthenticateChallengeError) return refusedByProvider(provider, `status ${error.status}`);
  if (isNetworkFailure(error)) return outOfReach(provider);
  if (error instanceof ClientError) return unprovenAnswer(provider, error.message);
  return undefined;
}

function isNetworkFailure(error: unknown): boolean {
  if (error instanceof ClientError) return error.code === 'OAUTH_TIMEOUT' || isNetworkFailure(error.cause);
  // What `fetch` throws when there is no connection.
  return error instanceof TypeError && error.message === 'fetch failed';
}
