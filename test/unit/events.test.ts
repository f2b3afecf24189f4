import { describe, expect, it } from 'vitest';
import { Channel, EventBus, type StudioEvent } from '../../src/core/events/index.js';
import { collect } from '../support/collect.js';

const event = (subjectId: string, fields: Partial<StudioEvent> = {}): StudioEvent => ({
  type: 'job',
  ownerId: 'ann',
  subjectId,
  ...fields,
});

describe('a channel', () => {
  it('gives values in their order, whether the reader waits or comes later', async () => {
    const channel = new Channel<number>({ capacity: 10 });
    const [first, second] = [channel.next(), channel.next()];
    for (const value of [1, 2, 3]) channel.push(value);
    channel.end();
    channel.push(4);
    expect([await first, await second, await channel.next(), await channel.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: false, value: 3 },
      { done: true, value: undefined },
    ]);
  });

  it('keeps the newest for a slow reader', async () => {
    const channel = new Channel<number>({ capacity: 1 });
    for (const value of [1, 2, 3]) channel.push(value);
    channel.end();
    expect(await collect(channel)).toEqual([3]);
  });

  it('ends a waiting reader when another part of the program returns it', async () => {
    let closed = 0;
    const channel = new Channel<number>({ capacity: 1, onClose: () => closed++ });
    const waiting = channel.next();
    await channel.return();
    await channel.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(closed).toBe(1);
  });

  it('ends with its signal, also one aborted before', async () => {
    const stop = new AbortController();
    const channel = new Channel<number>({ capacity: 5, signal: stop.signal });
    channel.push(1);
    stop.abort();
    expect(await channel.next()).toEqual({ done: true, value: undefined });
    expect(await collect(new Channel<number>({ capacity: 5, signal: stop.signal }))).toEqual([]);
  });

  it('tells a failure once, after what came before it', async () => {
    const channel = new Channel<number>({ capacity: 5 });
    channel.push(1);
    channel.fail(new Error('lost'));
    expect(await channel.next()).toEqual({ done: false, value: 1 });
    await expect(channel.next()).rejects.toThrow('lost');
    expect(await channel.next()).toEqual({ done: true, value: undefined });
    const other = new Channel<number>({ capacity: 5 });
    const waiting = other.next();
    other.fail(new Error('lost'));
    await expect(waiting).rejects.toThrow('lost');
  });
});

describe('the event bus', () => {
  it('gives a subscriber what its filter lets through, from the call on', async () => {
    const bus = new EventBus();
    const stop = new AbortController();
    bus.publish(event('before'));
    const events = bus.subscribe({ types: ['job', 'dataset.created'], ownerId: 'ann' }, stop.signal);
    bus.publish(event('1'));
    bus.publish(event('other owner', { ownerId: 'bob' }));
    bus.publish(event('other type', { type: 'dataset.deleted' }));
    bus.publish(event('2', { type: 'dataset.created' }));
    expect([(await events.next()).value, (await events.next()).value].map(({ subjectId }) => subjectId)).toEqual([
      '1',
      '2',
    ]);
    stop.abort();
    expect((await events.next()).done).toBe(true);
    expect(bus.listenerCount).toBe(0);
  });

  it('forgets a subscriber that leaves its loop', async () => {
    const bus = new EventBus();
    const events = bus.subscribe({ subjectId: 's' });
    bus.publish(event('s'));
    for await (const { subjectId } of events) {
      expect(subjectId).toBe('s');
      break;
    }
    expect(bus.listenerCount).toBe(0);
    bus.subscribe({}, AbortSignal.abort());
    expect(bus.listenerCount).toBe(0);
  });

  it('keeps the newest 256 for a slow subscriber', async () => {
    const bus = new EventBus();
    const events = bus.subscribe({});
    for (let i = 0; i < 300; i++) bus.publish(event(String(i)));
    expect((await events.next()).value.subjectId).toBe('44');
  });

  it('lets a listener unsubscribe while it is told', () => {
    const bus = new EventBus();
    const seen: string[] = [];
    const off = bus.on({}, () => {
      seen.push('a');
      off();
    });
    bus.on({}, () => seen.push('b'));
    bus.publish(event('1'));
    bus.publish(event('2'));
    expect(seen).toEqual(['a', 'b', 'b']);
  });
});
