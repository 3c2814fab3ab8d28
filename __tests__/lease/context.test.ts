import { expect, test } from '@jest/globals';
import { callStore } from '../../src/lease/context.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../support/fake-clock.ts';

const clock = new FakeClock();
const patient: Store = new MemoryStore(clock);
const prompt: Store = Object.assign(new MemoryStore(clock), { prompt: true });
const never = (signal: AbortSignal | undefined): Promise<string> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve('cut short')));

test('a call to a store is cut short when its time is over, and when its caller gives up', async () => {
  const lock = { store: patient, clock };
  const late = callStore(lock, { limitMs: 1_000, signal: undefined }, ({ signal }) => never(signal));
  expect(clock.timeline.sleepers).toBe(1);
  expect(await clock.timeline.run(late)).toBe('cut short');
  const controller = new AbortController();
  const given = { limitMs: 1_000, signal: controller.signal };
  const cancelled = callStore(lock, given, ({ signal }) => never(signal));
  controller.abort();
  expect(await cancelled).toBe('cut short');
  expect(clock.timeline.sleepers).toBe(0);
});

test('a store whose calls wait for nothing gets no timer, and the signal of the caller as it is', async () => {
  const lock = { store: prompt, clock };
  const { signal } = new AbortController();
  const handed = async (options: object): Promise<object> => {
    expect(clock.timeline.sleepers).toBe(0);
    return options;
  };
  expect(await callStore(lock, { limitMs: 1_000, signal: undefined }, handed)).toEqual({});
  expect(await callStore(lock, { limitMs: 1_000, signal }, handed)).toEqual({ signal });
});
