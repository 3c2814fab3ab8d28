import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Assumed, RoleSession } from '../../src/store/s3-session.ts';
import { FakeClock } from '../support/fake-clock.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

let clock: FakeClock;
let asked: number[];
/** What the next ones asked are answered, the default being another hour. */
let answers: (() => Promise<Assumed<string>>)[];
let session: RoleSession<string>;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answers = [];
  const startMs = clock.monotonicMs();
  session = new RoleSession(() => {
    asked.push(Math.round((clock.monotonicMs() - startMs) / 1_000) / 60);
    const number = asked.length;
    const answer = answers.shift() ?? (async () => ({ credentials: `no. ${number}`, lifetimeMs: HOUR_MS }));
    return answer();
  }, clock);
});

const down = () => Promise.reject(new Error('down'));
const hanging = () => new Promise<never>(() => {});
const slow = (ms: number, lifetimeMs: number) => async () => {
  await clock.sleep(ms);
  return { credentials: 'slow', lifetimeMs };
};

test('credentials are asked for once, however many want them at the same time', async () => {
  expect(await Promise.all([session.credentials(), session.credentials()])).toEqual(['no. 1', 'no. 1']);
  await clock.advance(54 * MINUTE_MS);
  expect(await session.credentials()).toBe('no. 1');
  expect(asked).toEqual([0]);
});

test('five minutes before their end new ones are asked for, and nobody waits for them', async () => {
  await session.credentials();
  await clock.advance(55 * MINUTE_MS);
  expect(await session.credentials()).toBe('no. 1');
  await clock.timeline.settle();
  expect(await session.credentials()).toBe('no. 2');
  expect(asked).toEqual([0, 55]);
});

test('short ones are renewed after half their life', async () => {
  answers.push(async () => ({ credentials: 'short', lifetimeMs: 4 * MINUTE_MS }));
  await session.credentials();
  await clock.advance(2 * MINUTE_MS - 1);
  await session.credentials();
  expect(asked).toEqual([0]);
  await clock.advance(1);
  expect(await session.credentials()).toBe('short');
  expect(asked).toEqual([0, 2]);
});

describe('new ones can not be had', () => {
  test('the old ones serve to their end, new ones are asked for every half minute, and then the error is told', async () => {
    await session.credentials();
    answers.push(...Array.from({ length: 100 }, () => down));
    for (let minute = 0; minute < 59; minute += 0.25) {
      expect(await session.credentials()).toBe('no. 1');
      await clock.advance(MINUTE_MS / 4);
    }
    // Every half a minute, of the last five.
    expect(asked.slice(1)).toEqual([55, 55.5, 56, 56.5, 57, 57.5, 58, 58.5]);
    await clock.advance(MINUTE_MS);
    await expect(session.credentials()).rejects.toThrow('down');
    const before = asked.length;
    await expect(session.credentials()).rejects.toThrow('down');
    expect(asked.length).toBe(before + 1);
    answers.length = 0;
    expect(await session.credentials()).toMatch(/^no\. /);
  });

  test('who gives them hangs: the old ones serve to their end', async () => {
    await session.credentials();
    answers.push(hanging);
    await clock.advance(59 * MINUTE_MS + 58_000);
    expect(await session.credentials()).toBe('no. 1');
    expect(asked).toHaveLength(2);
  });

  test('a failure that nobody waits for is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    await session.credentials();
    answers.push(down);
    await clock.advance(56 * MINUTE_MS);
    await session.credentials();
    await clock.timeline.settle();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('their life is measured', () => {
  test('from before they were asked for', async () => {
    answers.push(slow(2 * MINUTE_MS, 10 * MINUTE_MS));
    expect(await clock.run(session.credentials())).toBe('slow');
    await clock.advance(3 * MINUTE_MS);
    await session.credentials();
    expect(asked).toEqual([0, 5]);
  });

  test('on a machine that slept: by its wall clock', async () => {
    await session.credentials();
    clock.suspend(2 * HOUR_MS);
    await clock.advance(2 * HOUR_MS);
    expect(await session.credentials()).toBe('no. 2');
  });

  test('on a machine whose wall clock is set back: by its monotonic clock', async () => {
    await session.credentials();
    clock.jumpWall(-2 * HOUR_MS);
    await clock.advance(HOUR_MS);
    expect(await session.credentials()).toBe('no. 2');
  });

  test('a wall clock that is wrong from the start changes nothing', async () => {
    clock.jumpWall(-HOUR_MS);
    await session.credentials();
    await clock.advance(54 * MINUTE_MS);
    await session.credentials();
    expect(asked).toEqual([0]);
  });

  test('credentials without an end are kept', async () => {
    answers.push(async () => ({ credentials: 'eternal', lifetimeMs: Number.POSITIVE_INFINITY }));
    await session.credentials();
    await clock.advance(100 * HOUR_MS);
    expect(await session.credentials()).toBe('eternal');
  });
});

test('what the service takes no longer is got anew', async () => {
  await session.credentials();
  session.forget();
  expect(await session.credentials()).toBe('no. 2');
});
