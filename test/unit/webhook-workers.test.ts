import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { container as root } from 'tsyringe';
import type { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/core/app/config.js';
import { newId } from '../../src/core/app/ids.js';
import { CONFIG, DATA_SOURCE, LOGGER } from '../../src/core/app/tokens.js';
import type { Dataset } from '../../src/core/datasets/dataset.entity.js';
import { createDataSource } from '../../src/core/persistence/data-source.js';
import { DeliveryWorker } from '../../src/core/webhooks/delivery-worker.js';
import { addDelivery, claimDelivery, forgetDeliveries } from '../../src/core/webhooks/delivery-transitions.js';
import { WebhookDelivery } from '../../src/core/webhooks/webhook-delivery.entity.js';
import type { WebhookMessage } from '../../src/core/webhooks/webhook-events.js';
import { WebhookOutbox } from '../../src/core/webhooks/webhook-outbox.js';
import { WebhookService } from '../../src/core/webhooks/webhook.service.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const logger = pino({ level: 'silent' });
const HOUR = 3_600_000;

let dataDir: string;
let receiver: WebhookReceiver;
const opened: { readonly dataSource: DataSource; readonly worker: DeliveryWorker }[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'webhooks-'));
  receiver = await WebhookReceiver.open();
});
afterEach(async () => {
  for (const { worker, dataSource } of opened.splice(0)) {
    await worker.stop();
    await dataSource.destroy();
  }
  await receiver[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

/** What one process would have: connections and services of its own, on the shared database. */
async function openProcess(env: Record<string, string> = {}) {
  const config = readConfig({ DATA_DIR: dataDir, WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_TIMEOUT: '5s', ...env });
  const dataSource = await createDataSource(config, logger);
  const container = root.createChildContainer();
  container.register(CONFIG, { useValue: config });
  container.register(LOGGER, { useValue: logger });
  container.register(DATA_SOURCE, { useValue: dataSource });
  const process = {
    container,
    dataSource,
    worker: container.resolve(DeliveryWorker),
    webhooks: container.resolve(WebhookService),
  };
  opened.push(process);
  return process;
}

const message = (i: number): WebhookMessage => {
  return { type: 'dataset.created', timestamp: new Date().toISOString(), data: { i } };
};

async function addWebhook({ webhooks }: { webhooks: WebhookService }, path: string, ownerId = newId()) {
  return (await webhooks.register(ownerId, { url: receiver.url + path, events: ['dataset.created'] })).webhook;
}

describe('the outbox', () => {
  it('keeps nothing of a change that was rolled back, and wakes the worker after the commit alone', async () => {
    const { container, dataSource, webhooks } = await openProcess();
    const outbox = container.resolve(WebhookOutbox);
    const ownerId = newId();
    await addWebhook({ webhooks }, '/outbox', ownerId);
    let woken = 0;
    outbox.onDue(() => woken++);
    const dataset = { ownerId, createdAt: new Date(), id: newId() } as Dataset;
    const change = dataSource.transaction(async (manager) => {
      await outbox.datasetCreated(manager, dataset);
      throw new Error('rolled back');
    });
    await expect(change).rejects.toThrow('rolled back');
    await setTimeout(10);
    expect([await dataSource.manager.count(WebhookDelivery), woken]).toEqual([0, 0]);
    await dataSource.transaction((manager) => outbox.datasetCreated(manager, dataset));
    await setTimeout(10);
    expect([await dataSource.manager.count(WebhookDelivery), woken]).toEqual([1, 1]);
  });
});

describe('workers of several processes', () => {
  it('send each delivery once while none of them dies', async () => {
    const [one, two] = [await openProcess(), await openProcess()];
    receiver.respond = (_received, response) => void setTimeout(5).then(() => response.end());
    const webhook = await addWebhook(one, '/shared');
    for (let i = 0; i < 200; i++) await addDelivery(one.dataSource.manager, webhook, message(i), { retryFor: HOUR });
    one.worker.start();
    two.worker.start();
    await receiver.waitFor('/shared', 200);
    while (await one.dataSource.manager.existsBy(WebhookDelivery, { status: 'pending' })) await setTimeout(10);
    expect(receiver.received).toHaveLength(200);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(200);
  });

  it('claim a delivery for one of them', async () => {
    const [one, two] = [await openProcess(), await openProcess()];
    const webhook = await addWebhook(one, '/claimed');
    for (let i = 0; i < 20; i++) {
      const delivery = await addDelivery(one.dataSource.manager, webhook, message(i), { retryFor: HOUR });
      const claims = await Promise.all(
        [one, two, one, two].map(({ dataSource }) => claimDelivery(dataSource.manager, delivery, 1000)),
      );
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
    }
  });

  it('take up what one that died had in hand, when its hold has run out', async () => {
    const process = await openProcess();
    const webhook = await addWebhook(process, '/orphan');
    const { manager } = process.dataSource;
    const delivery = await addDelivery(manager, webhook, message(1), { retryFor: HOUR });
    await claimDelivery(manager, delivery, 700);
    process.worker.start();
    await setTimeout(300);
    expect(receiver.received).toEqual([]);
    const [received] = await receiver.waitFor('/orphan');
    expect(received!.headers['webhook-id']).toBe(delivery.id);
  });
});

describe('a worker', () => {
  it('lets receivers of one owner that never answer hold up nobody else', async () => {
    const process = await openProcess();
    receiver.respond = ({ path }, response) => void (path === '/quick' && response.end());
    const slow = await addWebhook(process, '/slow');
    const { manager } = process.dataSource;
    for (let i = 0; i < 100; i++) await addDelivery(manager, slow, message(i), { retryFor: HOUR });
    process.worker.start();
    await receiver.waitFor('/slow', 8);
    const quick = await addWebhook(process, '/quick');
    const begin = performance.now();
    await addDelivery(manager, quick, message(0), { retryFor: HOUR });
    await receiver.waitFor('/quick');
    expect(performance.now() - begin).toBeLessThan(4000);
    expect(receiver.received.filter(({ path }) => path === '/slow')).toHaveLength(8);
  });

  it('gives back what it has in hand when it stops', async () => {
    const process = await openProcess({ WEBHOOK_TIMEOUT: '1h' });
    receiver.respond = () => {};
    const webhook = await addWebhook(process, '/hanging');
    const { manager } = process.dataSource;
    const { id } = await addDelivery(manager, webhook, message(1), { retryFor: HOUR });
    process.worker.start();
    await receiver.waitFor('/hanging');
    await process.worker.stop();
    const left = await manager.findOneByOrFail(WebhookDelivery, { id });
    expect(left).toMatchObject({ status: 'pending', claimId: null, attempts: [], failures: 0 });
    expect(left.dueAt.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('forgets what ended long ago, and never what is still to be sent', async () => {
    const process = await openProcess();
    const webhook = await addWebhook(process, '/old');
    const { manager } = process.dataSource;
    const [old, waiting] = [
      await addDelivery(manager, webhook, message(1), { retryFor: HOUR }),
      await addDelivery(manager, webhook, message(2), { retryFor: HOUR }),
    ];
    await manager.update(WebhookDelivery, old!.id, { status: 'delivered', completedAt: new Date() });
    await setTimeout(5);
    await forgetDeliveries(manager, new Date());
    expect(await manager.find(WebhookDelivery)).toMatchObject([{ id: waiting!.id }]);
  });
});
