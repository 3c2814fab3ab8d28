import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Cli } from '../../src/cli/io.ts';
import { jsonLine } from '../../src/cli/json.ts';
import { parseInvocation } from '../../src/cli/options.ts';
import { breakHeld } from '../../src/cli/protocol/break.ts';
import {
  type ProtocolEvent,
  protocolEventDocument,
  protocolEventLines,
} from '../../src/cli/protocol/events.ts';
import { ProtocolReporter } from '../../src/cli/protocol/reporter.ts';
import { recordLines, statusOf } from '../../src/cli/protocol/status.ts';
import type { Waiting } from '../../src/protocols/acquire.ts';
import {
  describeHeld,
  describeHelp,
  describeLossCause,
  describeTakenOver,
  describeWaiting,
} from '../../src/protocols/describe.ts';
import type { LossCause } from '../../src/protocols/keep.ts';
import { notification } from '../../src/protocols/notify.ts';
import { type Held, ProtocolError } from '../../src/protocols/protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { holderOf } from '../support/fake-lock.ts';
import { FakeProtocol } from '../support/fake-protocol.ts';
import { catches, holds } from './fuzz.ts';
import { harmIn, hostileText } from './hostile.ts';

/*
 * Whatever another program writes into its lock, and whatever a path is called: it comes out as text, in a log and on a
 * terminal.
 */

const held: fc.Arbitrary<Held> = fc.record(
  {
    path: hostileText,
    pid: fc.integer(),
    host: hostileText,
    ownerId: hostileText,
    since: hostileText,
    ttlMs: fc.nat(),
    standing: fc.record({
      holder: fc.constantFrom('alive', 'finished', 'unknown'),
      takeable: fc.boolean(),
      detail: hostileText,
    }),
    identity: fc.record({ bytes: hostileText.map((text) => Buffer.from(text).toString('latin1')) }),
  },
  { requiredKeys: ['path', 'standing', 'identity'] },
);

const cause: fc.Arbitrary<LossCause> = fc.oneof(
  fc.record({ kind: fc.constant('compromised'), detail: hostileText, by: held }),
  fc.record({ kind: fc.constant('unreachable'), detail: hostileText }),
);

const waiting: fc.Arbitrary<Waiting> = fc.record({
  held,
  decision: fc.oneof(
    fc.constant({ kind: 'wait' } as const),
    hostileText.map((why) => ({ kind: 'spare', why }) as const),
  ),
  waitedMs: fc.nat(),
  nextTryMs: fc.nat(),
});

interface Scene {
  readonly held: Held;
  readonly cause: LossCause;
  readonly waiting: Waiting;
  readonly text: string;
}
const scene: fc.Arbitrary<Scene> = fc.record({ held, cause, waiting, text: hostileText });

const PROTOCOL = new FakeProtocol([]);

function eventsOf({ held, cause, text }: Scene): Exclude<ProtocolEvent, { kind: 'waiting' }>[] {
  const error = new ProtocolError('io', text);
  return [
    { kind: 'store-trouble', error },
    { kind: 'skipped', held },
    { kind: 'stolen', took: held, lockDelayMs: 1 },
    { kind: 'renewal-trouble', error },
    { kind: 'lost', cause, aloneUntilMs: 0 },
    { kind: 'unguarded' },
    { kind: 'released', heldMs: 1 },
  ];
}

/** All that is said to people of such a lock. */
function linesOf(scene: Scene): string[] {
  const { held, cause, waiting, text } = scene;
  const self = holderOf('me');
  const told = notification({ kind: 'stolen', took: held }, { protocol: 'pid', path: text, self }, 0);
  return [
    ...describeHeld('pid', held),
    ...describeWaiting(PROTOCOL, waiting, 'expired'),
    describeTakenOver(held),
    describeHelp(PROTOCOL, held),
    describeLossCause(cause),
    String(told.text),
    ...recordLines(held),
    ...eventsOf(scene).flatMap((event) => protocolEventLines(event, { protocol: 'pid', path: text })),
    ...[...eventsOf(scene), { kind: 'waiting', waiting } as const].map((event) =>
      jsonLine(protocolEventDocument(event, { protocol: 'pid', path: text })),
    ),
  ];
}

describe('what is said of the lock of another program', () => {
  const areHarmless = (lines: (scene: Scene) => string[]) =>
    fc.property(scene, (scene) => lines(scene).every((line) => harmIn(line) === undefined));

  test('is text', async () => {
    await holds(areHarmless(linesOf), 500);
  });

  test.each<[string, (scene: Scene) => string]>([
    ['path', ({ text }) => text],
    ['host', ({ held }) => held.host ?? ''],
    ['owner id', ({ held }) => held.ownerId ?? ''],
    ['time', ({ held }) => held.since ?? ''],
    ['standing', ({ held }) => held.standing.detail],
    ['record', ({ held }) => Buffer.from(held.identity.bytes ?? '', 'latin1').toString()],
    ['cause', ({ cause }) => (cause.kind === 'max-hold' ? '' : cause.detail)],
    ['reason to wait', ({ waiting: { decision } }) => (decision.kind === 'spare' ? decision.why : '')],
  ])('would not pass with the %s as it is', async (_, raw) => {
    expect(
      await catches(
        areHarmless((scene) => [raw(scene)]),
        20_000,
      ),
    ).toBe(true);
  });
});

/** A command's world: what it prints, and a terminal. */
function world(): { cli: Cli; printed: string[]; drawn: string[] } {
  const [printed, drawn]: [string[], string[]] = [[], []];
  const cli: Cli = {
    environment: {},
    clock: systemClock,
    random: systemRandom,
    print: (line) => void printed.push(line),
    say: (line) => void printed.push(line),
    screen: { write: (text) => void drawn.push(text), columns: () => 80 },
  };
  return { cli, printed, drawn };
}

test('the live line of a terminal is one line of text within its width, and nothing else', async () => {
  const invocation = parseInvocation(['run', '--protocol', 'pid', '--path', '/x', '--', 'true'], {});
  if (invocation.kind !== 'run-protocol') throw new Error(`not to be run: ${invocation.kind}`);
  const { options } = invocation;
  const draws = fc.asyncProperty(waiting, async (scene) => {
    const { cli, drawn } = world();
    const { signal } = new AbortController();
    const around = { protocol: PROTOCOL, self: holderOf('me'), signal };
    const reporter = new ProtocolReporter({ ...cli, clock: new FakeClock() }, options, around);
    reporter.waiting(scene);
    reporter.waited();
    const lines = drawn.map((text) => text.replace('\r\u001b[K', ''));
    expect(lines.filter((line) => line !== '')).toHaveLength(1);
    for (const line of lines) {
      expect(harmIn(line)).toBeUndefined();
      expect([...new Intl.Segmenter().segment(line)].length).toBeLessThan(80);
    }
  });
  await holds(draws, 200);
});

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-fuzz-protocols-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('status and break of a lock with anything in it say nothing but text, and break nothing unasked', async () => {
  const files = { pid: 'x.lock', vfs: 'data.lock', levels: 'lock0' } as const;
  const paths = { pid: join(folder, 'x.lock'), vfs: join(folder, 'data'), levels: folder } as const;
  const says = fc.asyncProperty(
    fc.constantFrom('pid', 'vfs', 'levels'),
    fc.oneof(
      hostileText,
      fc.integer().map((pid) => `VERSION:1\nSYSTEM ID:x\nPID:${pid}\n`),
    ),
    fc.boolean(),
    async (protocol, bytes, json) => {
      writeFileSync(join(folder, files[protocol]), bytes);
      for (const command of ['status', 'break']) {
        const { cli, printed } = world();
        const words = [
          command,
          '--protocol',
          protocol,
          '--path',
          paths[protocol],
          ...(json ? ['--json'] : []),
        ];
        const invocation = parseInvocation(words, {});
        try {
          if (invocation.kind === 'status-protocol') await statusOf(cli, invocation.options);
          if (invocation.kind === 'break-protocol') await breakHeld(cli, invocation.options);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
        }
        for (const line of printed) expect(harmIn(line)).toBeUndefined();
        if (json) for (const line of printed) JSON.parse(line);
      }
      expect(readdirSync(folder)).toContain(files[protocol]);
      rmSync(join(folder, files[protocol]));
    },
  );
  // What can not be read is looked at again a moment later.
  await holds(says, 40);
});
