import type { RestClient } from '../rest.js';
import { ended, upload } from '../rest.js';

/** Ids of one thing of each kind, under the names that the routes call them by. */
export type Owned = Readonly<Record<string, string>>;

const TABLE = `age,job\n${Array.from({ length: 120 }, (_, i) => `${20 + (i % 40)},${['baker', 'miller', 'smith'][i % 3]}\n`).join('')}`;

/** Makes one thing of each kind that somebody can own; whatever runs has ended. */
export async function makeOwned(call: RestClient, token: string, generatorType: string): Promise<Owned> {
  const made = async (url: string, json: object) => (await call('POST', url, { token, json })).body.id as string;
  const dataset = (await upload(call, token, TABLE)).body.id as string;
  const run = { generator_type: generatorType, num_rows: 100 };
  const generator = await made(`/generators/dataset/${dataset}/generate`, run);
  await ended(call, token, `/generators/${generator}`);
  const evaluation = await made('/evaluations/run', { generator_id: generator, evaluators: [{ id: 'fidelity' }] });
  await ended(call, token, `/evaluations/${evaluation}`);
  const apiKey = await made('/auth/api-keys', { name: 'k', scopes: ['read'] });
  // Nobody listens there: what is sent fails, and can be sent again.
  const webhook = await made('/webhooks/register', { url: 'http://127.0.0.1:9/', events: ['dataset.created'] });
  const delivery = await made(`/webhooks/${webhook}/test`, {});
  return {
    dataset_id: dataset,
    generator_id: generator,
    evaluation_id: evaluation,
    api_key_id: apiKey,
    webhook_id: webhook,
    delivery_id: delivery,
  };
}

/** Ids that nobody has. */
export function unknownLike(owned: Owned): Owned {
  return Object.fromEntries(Object.keys(owned).map((name) => [name, '01999999-9999-7999-8999-999999999999']));
}
