import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import type { Waiting } from '../../src/lease/acquire.ts';
import { type Happening, Notifier, type NotifierOptions, notification } from '../../src/lease/notify.ts';
import type { Holder } from '../../src/lease/record.ts';
import { heldRecord, holderOf, leaseIdOf } from '../support/fake-lock.ts';

const SELF: Holder = {
  ownerId: '42',
  leaseId: leaseIdOf('a'),
  repository: 'octo/app',
  runId: '42',
  runAttempt: 1,
  runUrl: 'https://github.com/octo/app/actions/runs/42/attempts/1',
};
const OTHER = holderOf('b', {
  host: 'ci-3',
  runUrl: 'https://github.com/octo/app/actions/runs/41/attempts/1',
});
const TELLER = { name: 'prod/api', store: 's3://locks/ci', self: SELF };
const AT_MS = Date.UTC(2026, 2, 1, 12);

/** What all documents have; `text` and the rest are the event's own. */
const head = (event: string) => ({
  schema: 1,
  event,
  at: '2026-03-01T12:00:00Z',
  name: 'prod/api',
  store: 's3://locks/ci',
  self: SELF,
});

describe('the documents, which are a contract', () => {
  test.each<[Happening, Record<string, unknown>]>([
    [
      { kind: 'acquired', token: 7, waitedMs: 61_000.4 },
      {
        token: 7,
        waitedMs: 61_000,
        text: 'Lock "prod/api" was taken by run 42 attempt 1 of octo/app after 1m1s.',
      },
    ],
    [
      {
        kind: 'stolen',
        token: 8,
        stolen: {
          from: heldRecord({ holder: OTHER }),
          because: 'holder-finished',
          proof: 'its process 5 is gone',
        },
      },
      {
        token: 8,
        from: OTHER,
        because: 'holder-finished',
        proof: 'its process 5 is gone',
        text: 'Lock "prod/api" was stolen from "owner b" on host "ci-3" (https://github.com/octo/app/actions/runs/41/attempts/1) by run 42 attempt 1 of octo/app (holder-finished: its process 5 is gone).',
      },
    ],
    [
      {
        kind: 'stolen',
        token: 8,
        stolen: { from: heldRecord({ holder: holderOf('b') }), because: 'expired' },
      },
      {
        token: 8,
        from: holderOf('b'),
        because: 'expired',
        text: 'Lock "prod/api" was stolen from "owner b" by run 42 attempt 1 of octo/app (expired).',
      },
    ],
    [
      {
        kind: 'lost',
        token: 7,
        cause: { kind: 'broken', by: 'mona', reason: 'stuck' },
        aloneUntilMs: AT_MS - 1_000,
      },
      {
        token: 7,
        cause: { kind: 'broken', by: 'mona', reason: 'stuck' },
        aloneUntil: '2026-03-01T11:59:59Z',
        text: 'Lock "prod/api" was lost by run 42 attempt 1 of octo/app (https://github.com/octo/app/actions/runs/42/attempts/1): it was broken by "mona": "stuck". From 2026-03-01T11:59:59Z on another holder may have been beside it.',
      },
    ],
    [
      { kind: 'released', token: 7, heldMs: 754_000.2 },
      {
        token: 7,
        heldMs: 754_000,
        text: 'Lock "prod/api" was released by run 42 attempt 1 of octo/app after 12m34s.',
      },
    ],
    [
      { kind: 'released', token: 7 },
      { token: 7, text: 'Lock "prod/api" was released by run 42 attempt 1 of octo/app.' },
    ],
    [
      { kind: 'waited-too-long', waitedMs: 600_250, holder: OTHER },
      {
        waitedMs: 600_250,
        holder: OTHER,
        text: 'Lock "prod/api": run 42 attempt 1 of octo/app has been waiting for 10m. It is held by "owner b" on host "ci-3" (https://github.com/octo/app/actions/runs/41/attempts/1).',
      },
    ],
  ])('%#', (happening, rest) => {
    expect(notification(happening, TELLER, AT_MS)).toEqual({ ...head(happening.kind), ...rest });
  });

  test('the text can be shown, whatever the others call themselves', () => {
    const holder = holderOf('b', { ownerId: '##[error]\n::error::x', runUrl: '::error::y' });
    for (const happening of [
      { kind: 'waited-too-long', waitedMs: 1, holder },
      {
        kind: 'stolen',
        token: 8,
        stolen: { from: heldRecord({ holder }), because: 'expired', proof: '##[x]' },
      },
      { kind: 'lost', token: 8, cause: { kind: 'stolen', by: holder, token: 9 }, aloneUntilMs: 0 },
    ] satisfies Happening[]) {
      expect(String(notification(happening, TELLER, AT_MS).text)).not.toMatch(/##\[|::|\n/);
    }
  });
});

describe('the command, run for real', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'notify-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Tells of all this, and says what failed. */
  async function tellAll(
    command: string,
    happenings: readonly Happening[],
    more: Partial<NotifierOptions> = {},
  ): Promise<string[]> {
    const failures: string[] = [];
    const onFailure = (detail: string): void => {
      failures.push(detail);
    };
    const notifier = new Notifier({ command, teller: TELLER, clock: systemClock, onFailure, ...more });
    for (const happening of happenings) notifier.tell(happening);
    await notifier.done;
    return failures;
  }

  const ACQUIRED: Happening = { kind: 'acquired', token: 7, waitedMs: 1 };
  const RELEASED: Happening = { kind: 'released', token: 7, heldMs: 1 };
  const events = (): string[] =>
    readFileSync(join(folder, 'told'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);

  test('gets one document a line, in the order of the events, however long it takes', async () => {
    const slowAtFirst = `read -r line; case $line in *acquired*) sleep 0.3;; esac; echo "$line" >> ${folder}/told`;
    expect(await tellAll(slowAtFirst, [ACQUIRED, RELEASED])).toEqual([]);
    expect(events()).toEqual(['acquired', 'released']);
  });

  test('a failure is told once, with what it said, and the next event is told all the same', async () => {
    const failures = await tellAll(`cat >> ${folder}/told; echo 'no route ##[x]' >&2; exit 3`, [
      ACQUIRED,
      RELEASED,
    ]);
    expect(failures).toEqual([
      'The notify command failed for "acquired": exit status 3: no route ##\\u005bx]. Nothing else changes by it.',
    ]);
    expect(events()).toEqual(['acquired', 'released']);
  });

  test('without a command nothing is run', async () => {
    expect(await tellAll('', [ACQUIRED])).toEqual([]);
  });

  test('a cancel ends it, and what was to come, and is no failure', async () => {
    const cancel = new AbortController();
    const startMs = systemClock.monotonicMs();
    const telling = tellAll('sleep 20', [ACQUIRED, RELEASED], { signal: cancel.signal });
    await systemClock.sleep(100);
    cancel.abort();
    expect(await telling).toEqual([]);
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(5_000);
  });

  test('it has the environment that it is given', async () => {
    const environment = { PATH: process.env.PATH, WEBHOOK: 'https://hooks.example' };
    await tellAll(`echo "{\\"event\\":\\"$WEBHOOK$HOME\\"}" > ${folder}/told`, [ACQUIRED], { environment });
    expect(events()).toEqual(['https://hooks.example']);
  });

  test('a long wait is told once, when it is long', async () => {
    const notifier = new Notifier({
      command: `cat >> ${folder}/told`,
      teller: TELLER,
      clock: systemClock,
      notifyAfterMs: 60_000,
      onFailure: () => {},
    });
    for (const waitedMs of [0, 59_999, 60_000, 61_000]) {
      notifier.waiting({ waitedMs, record: heldRecord() } as Waiting);
    }
    await notifier.done;
    expect(events()).toEqual(['waited-too-long']);
    expect(JSON.parse(readFileSync(join(folder, 'told'), 'utf8'))).toMatchObject({ waitedMs: 60_000 });
  });
});
