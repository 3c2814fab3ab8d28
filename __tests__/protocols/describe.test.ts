import { describe, expect, test } from '@jest/globals';
import type { Decision, Waiting } from '../../src/protocols/acquire.ts';
import {
  describeHeld,
  describeHelp,
  describeHolder,
  describeLimits,
  describeLossCause,
  describePolicy,
  describeTakenOver,
  heldDocument,
  WaitLog,
} from '../../src/protocols/describe.ts';
import { notification } from '../../src/protocols/notify.ts';
import type { Abilities, Held, Protocol } from '../../src/protocols/protocol.ts';

const ABILITIES: Abilities = { ttl: 'none', owner: 'pid', takeover: 'yes', limits: ['It is slow.'] };

function protocol(abilities: Partial<Abilities> = {}, more: Partial<Protocol> = {}): Protocol {
  const never = (): never => {
    throw new Error('Words need no lock.');
  };
  return {
    name: 'pid',
    abilities: { ...ABILITIES, ...abilities },
    retry: { everyMs: 100, jitterMs: 0 },
    tryAcquire: never,
    inspect: never,
    resume: never,
    break: never,
    ...more,
  };
}

const HELD: Held = {
  path: '/run/x.lock',
  pid: 4711,
  standing: { holder: 'alive', takeable: false, detail: 'its process 4711 runs' },
  identity: { dev: '1', ino: '2', bytes: '4711\n' },
};
const ANONYMOUS: Held = {
  path: '/spool/1001',
  standing: { holder: 'unknown', takeable: false, detail: 'its record is empty' },
  identity: { dev: '1', ino: '2', bytes: '' },
};

function waiting(held: Held = HELD, decision: Decision = { kind: 'wait' }, waitedMs = 0): Waiting {
  return { held, decision, waitedMs, nextTryMs: 100 };
}

describe('who has it', () => {
  test.each<[Partial<Held>, string]>([
    [{ pid: 7 }, 'process 7'],
    [{ pid: 7, host: 'ci-3' }, 'process 7 on host "ci-3"'],
    [{ pid: 7, host: 'ci-3', ownerId: 'nightly' }, '"nightly" (process 7 on host "ci-3")'],
    [{ ownerId: 'nightly' }, '"nightly"'],
    [{ host: 'ci-3' }, 'somebody on host "ci-3"'],
    [{}, 'somebody whom its record does not name'],
    [{ pid: 7, ownerId: '' }, 'process 7'],
  ])('%j', (known, words) => {
    expect(describeHolder({ ...ANONYMOUS, ...known })).toBe(words);
  });

  test('with what is known of them, a fact a line', () => {
    expect(describeHeld('vfs', { ...HELD, since: '2026-03-01T12:00:00Z', ttlMs: 90_000 })).toEqual([
      'Lock "/run/x.lock" (vfs) is held by process 4711.',
      '  since   2026-03-01T12:00:00Z, for 1m30s without a renewal',
      '  state   its process 4711 runs',
    ]);
  });

  test('nothing that a record says reaches a log or a terminal as it is', () => {
    const hostile = '##[add-mask]x\n::error::boo\u001b[31m\u202e';
    const standing = { ...HELD.standing, detail: hostile };
    const held = { ...HELD, path: hostile, host: hostile, ownerId: hostile, since: hostile, standing };
    const decision = { kind: 'spare', why: hostile } as const;
    const texts = [
      ...describeHeld('pid', held),
      describeHelp(protocol(), held),
      describeTakenOver(held),
      describePolicy(protocol(), { held, decision }, 'expired'),
      describeLossCause({ kind: 'compromised', detail: hostile, by: held }),
      describeLossCause({ kind: 'unreachable', detail: hostile }),
      ...new WaitLog(protocol(), 'expired').lines(waiting(held, decision), 0),
      String(
        notification(
          { kind: 'lost', cause: { kind: 'compromised', detail: hostile, by: held }, aloneUntilMs: 0 },
          { protocol: 'pid', path: hostile, self: { ownerId: hostile, leaseId: 'a' } },
          0,
        ).text,
      ),
    ];
    for (const text of texts) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(text).not.toMatch(/##\[|::|[\u0000-\u001f\u202e]/);
      expect(text).toContain('add-mask');
    }
  });
});

describe('what the policy makes of it', () => {
  test.each<[string, Protocol, Held, Decision, RegExp]>([
    [
      'spared',
      protocol(),
      HELD,
      { kind: 'spare', why: 'stale-policy is expired' },
      /^expired: it could be taken over, but stale-policy is expired$/,
    ],
    [
      'freed by the system',
      protocol({ takeover: 'freed' }),
      HELD,
      { kind: 'wait' },
      /^whatever the policy, the system frees it/,
    ],
    [
      'without a holder or an age',
      protocol({ takeover: 'by-age' }),
      ANONYMOUS,
      { kind: 'wait' },
      /^expired: its record says nothing of its holder, and no ttl is given/,
    ],
    [
      'by age',
      protocol({ takeover: 'by-age' }),
      { ...ANONYMOUS, standing: { ...ANONYMOUS.standing, expired: false } },
      { kind: 'wait' },
      /^expired: it is taken over when the protocol's own rule calls it stale$/,
    ],
  ])('%s', (_, of, held, decision, words) => {
    expect(describePolicy(of, { held, decision }, 'expired')).toMatch(words);
  });

  test.each([
    ['never', /^never: it is not taken over/],
    ['holder-finished', /^holder-finished: it is taken over on proof/],
    ['expired-and-holder-finished', /^expired-and-holder-finished: .* not before its time is over/],
  ] as const)('%s', (policy, words) => {
    expect(describePolicy(protocol(), waiting(), policy)).toMatch(words);
  });
});

test('a wait says everything once for each change of holder, and a line each minute in between', () => {
  const log = new WaitLog(protocol(), 'expired');
  expect(log.lines(waiting(), 0)).toHaveLength(3);
  expect(log.lines(waiting(), 59_999)).toEqual([]);
  const renewed = { ...HELD, since: '2026-03-01T12:00:30Z', identity: { ...HELD.identity, ino: '9' } };
  expect(log.lines(waiting(renewed), 59_999)).toEqual([]);
  expect(log.lines(waiting(HELD, { kind: 'wait' }, 60_000), 60_000)).toEqual([
    expect.stringMatching(
      /^Still waiting for lock "\/run\/x\.lock" after 1m: held by process 4711, expired: /,
    ),
  ]);
  expect(log.lines(waiting({ ...HELD, pid: 4712 }), 60_001)).toHaveLength(3);
  expect(log.lines(waiting({ ...HELD, pid: 4712 }, { kind: 'spare', why: 'no' }), 60_002)).toHaveLength(3);
});

test('of a lock whose record names nobody another file is another holder', () => {
  const log = new WaitLog(protocol({ takeover: 'by-age' }), 'expired');
  expect(log.lines(waiting(ANONYMOUS), 0)).not.toEqual([]);
  expect(log.lines(waiting(ANONYMOUS), 1)).toEqual([]);
  const next = { ...ANONYMOUS, identity: { ...ANONYMOUS.identity, ino: '3' } };
  expect(log.lines(waiting(next), 2)).not.toEqual([]);
});

test('what a protocol can not promise begins with the fencing token', () => {
  expect(describeLimits(protocol())).toEqual([
    expect.stringMatching(/^The protocol pid has no fencing token: /),
    'It is slow.',
  ]);
});

test('what may be done by hand: the command for it, or what to end', () => {
  expect(describeHelp(protocol(), HELD)).toBe(
    "To end it by hand, when its holder is dead: npx leasehold break --protocol pid --path /run/x.lock --reason '…'",
  );
  const { break: _, ...unbreakable } = protocol();
  expect(describeHelp(unbreakable, HELD)).toBe(
    "It can't be broken by hand: it is free when process 4711 ends.",
  );
  expect(describeHelp(unbreakable, ANONYMOUS)).toContain('when the process that holds it ends.');
});

test.each([
  [{ kind: 'compromised', detail: 'it was removed.', by: HELD }, 'it was removed; process 4711 has it now'],
  [{ kind: 'compromised', detail: 'it was removed' }, 'it was removed'],
  [{ kind: 'unreachable', detail: 'no answer.' }, 'no answer'],
  [{ kind: 'max-hold', maxHoldMs: 3_600_000 }, 'it was held for the maximum of 1h'],
] as const)('a loss: %j', (cause, words) => {
  expect(describeLossCause(cause)).toBe(words);
});

test('a lock for programs has its record, and nothing of its file', () => {
  expect(heldDocument('pid', HELD)).toEqual({
    protocol: 'pid',
    path: '/run/x.lock',
    pid: 4711,
    standing: HELD.standing,
    record: '4711\n',
  });
});

describe('what the notify command is told', () => {
  const SELF = { ownerId: '42', leaseId: 'a'.repeat(32), host: 'ci-1' };
  const TELLER = { protocol: 'pid', path: '/run/x.lock', self: SELF } as const;
  const all = { schema: 1, at: '1970-01-01T00:00:01Z', protocol: 'pid', path: '/run/x.lock', self: SELF };

  test.each([
    [
      { kind: 'waited-too-long', waitedMs: 600_000.4, held: HELD },
      { waitedMs: 600_000, holder: heldDocument('pid', HELD) },
      'Lock "/run/x.lock": "42" on host "ci-1" has been waiting for 10m. It is held by process 4711.',
    ],
    [
      { kind: 'stolen', took: HELD },
      { from: heldDocument('pid', HELD), because: 'its process 4711 runs' },
      'Lock "/run/x.lock" was taken over from process 4711 (its process 4711 runs) by "42" on host "ci-1".',
    ],
    [
      { kind: 'acquired', waitedMs: 12.6 },
      { waitedMs: 13 },
      'Lock "/run/x.lock" was taken by "42" on host "ci-1" after 13ms.',
    ],
    [
      { kind: 'lost', cause: { kind: 'compromised', detail: 'gone', by: HELD }, aloneUntilMs: 0 },
      {
        cause: { kind: 'compromised', detail: 'gone', by: heldDocument('pid', HELD) },
        aloneUntil: '1970-01-01T00:00:00Z',
      },
      'Lock "/run/x.lock" was lost by "42" on host "ci-1": gone; process 4711 has it now. From 1970-01-01T00:00:00Z on another holder may have been beside it.',
    ],
    [
      { kind: 'released', heldMs: 5_000.2 },
      { heldMs: 5_000 },
      'Lock "/run/x.lock" was released by "42" on host "ci-1" after 5s.',
    ],
  ] as const)('%j', (happening, details, text) => {
    expect(notification(happening, TELLER, 1_000)).toEqual({
      ...all,
      event: happening.kind,
      ...details,
      text,
    });
  });
});
