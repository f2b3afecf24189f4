import type { EventBus } from '../events/index.js';
import { notAuthenticated, type Principal } from './access-tokens.js';

/**
 * The same stream, which fails with `authentication_error` once the login or the API key that it was opened with is
 * revoked. That an access token runs out ends nothing: a run may take longer than one lives.
 */
export function whileHolds<T>(
  source: AsyncIterable<T>,
  principal: Principal,
  events: EventBus,
): AsyncIterableIterator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let refusal: Error | undefined;
  let refuse: ((error: Error) => void) | undefined;
  const unsubscribe = events.on(
    { types: ['credential.revoked'], ownerId: principal.userId, subjectId: principal.sessionId },
    () => {
      refusal = notAuthenticated();
      refuse?.(refusal);
      void end();
    },
  );
  const end = async (): Promise<IteratorResult<T>> => {
    unsubscribe();
    await iterator.return?.();
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (refusal !== undefined) throw refusal;
      // A promise for each turn: one for the whole stream would keep a reaction of every race until the end.
      const turn = Promise.withResolvers<never>();
      refuse = turn.reject;
      const result = await Promise.race([iterator.next(), turn.promise]);
      if (result.done === true) unsubscribe();
      return result;
    },
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
