import type { RestClient } from '../rest.js';
import { ended, upload } from '../rest.js';

/** Ids of one thing of each kind, under the names that the routes call them by. */
export type Owned = Readonly<Record<string, string>>;

const TABLE = `age,job\n${Array.from({ length: 120 }, (_, i) => `${20 + (i % 40)},${['baker', 'miller', 'smith'][i % 3]}\n`).join('')}`;

const maker = (call: RestClient, token: string) => async (url: string, json: object) =>
  (await call('POST', url, { token, json })).body.id as string;

/** Makes one thing of each kind that somebody can own; whatever runs has ended. */
export async function makeOwned(call: RestClient, token: string): Promise<Owned> {
  const made = maker(call, token);
  const trained = await makeTrained(call, token, 'independent');
  const request = { generator_id: trained['generator_id'], evaluators: [{ id: 'fidelity' }] };
  const evaluation = await made('/evaluations/run', request);
  const second = await made('/evaluations/run', { ...request, seed: 2 });
  // Nobody listens there: what is sent fails, and can be sent again.
  const webhook = await made('/webhooks/register', { url: 'http://127.0.0.1:9/', events: ['dataset.created'] });
  for (const id of [evaluation, second]) await ended(call, token, `/evaluations/${id}`);
  return {
    ...trained,
    evaluation_id: evaluation,
    second_evaluation_id: second,
    api_key_id: await made('/auth/api-keys', { name: 'k', scopes: ['read'] }),
    webhook_id: webhook,
    delivery_id: await made(`/webhooks/${webhook}/test`, {}),
  };
}

/** A dataset and a generator that has learned from it. */
export async function makeTrained(call: RestClient, token: string, type: string): Promise<Owned> {
  const dataset = (await upload(call, token, TABLE)).body.id as string;
  const request = { generator_type: type, num_rows: 100 };
  const generator = await maker(call, token)(`/generators/dataset/${dataset}/generate`, request);
  await ended(call, token, `/generators/${generator}`);
  return { dataset_id: dataset, generator_id: generator };
}

/** Ids that nobody has, a different one for each kind. */
export function unknownLike(owned: Owned): Owned {
  return Object.fromEntries(Object.keys(owned).map((kind, i) => [kind, `01999999-9999-7999-8999-99999999999${i}`]));
}
