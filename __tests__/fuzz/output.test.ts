import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { end } from '../../src/action/end.ts';
import { INPUTS, type Input } from '../../src/action/keys.ts';
import { holdSummary, refusedSummary, skipSummary } from '../../src/action/report.ts';
import type { Config, Result } from '../../src/action/state.ts';
import { take } from '../../src/action/take.ts';
import { verify } from '../../src/action/verify.ts';
import { systemClock } from '../../src/base/clock.ts';
import { identify } from '../../src/base/process.ts';
import { systemRandom } from '../../src/base/random.ts';
import { codeSpan, quote, sanitise } from '../../src/base/sanitise.ts';
import { breakLock } from '../../src/cli/commands/break.ts';
import { historyLines } from '../../src/cli/commands/history.ts';
import { list } from '../../src/cli/commands/list.ts';
import { release } from '../../src/cli/commands/release.ts';
import { status } from '../../src/cli/commands/status.ts';
import { eventDocument, eventLines, type LockEvent } from '../../src/cli/events.ts';
import type { Cli } from '../../src/cli/io.ts';
import { jsonLine } from '../../src/cli/json.ts';
import { parseInvocation } from '../../src/cli/options.ts';
import { Reporter } from '../../src/cli/reporter.ts';
import { KeeperFolder } from '../../src/keeper/folder.ts';
import type { KeeperStatus } from '../../src/keeper/handover.ts';
import type { Waiting } from '../../src/lease/acquire.ts';
import {
  describeHolder,
  describeLoss,
  describeRecord,
  describeWaiting,
  WaitLog,
} from '../../src/lease/describe.ts';
import { endedHold } from '../../src/lease/history.ts';
import type { LossCause } from '../../src/lease/lease.ts';
import { type Happening, notification } from '../../src/lease/notify.ts';
import { STALE_POLICIES } from '../../src/lease/policy.ts';
import { type Holder, type LeaseRecord, serialise } from '../../src/lease/record.ts';
import { LocalStore } from '../../src/store/local.ts';
import { StoreError } from '../../src/store/store.ts';
import { trustStore } from '../../src/store/trust.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { holderOf, KEY, NAME, TIMING } from '../support/fake-lock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { CommandParser } from '../support/runner/commands.mjs';
import { createCommandFiles, readCommandFiles } from '../support/runner/file-commands.mjs';
import { catches, holds } from './fuzz.ts';
import { commandsIn, harmIn, hostileText } from './hostile.ts';
import { heldRecord, holder, record } from './records.ts';

/*
 * Whatever is in a record, it comes out as text: in the log of a job, where the runner's two parsers read every line, on a
 * terminal, in the job summary, in the files by which a step hands something on.
 */

const NOW_MS = 1_000_000;

describe('the sanitiser', () => {
  // As it is used: in the middle of our words, in quotes, and where a line begins with it.
  const isHarmless = (clean: (text: string) => string) =>
    fc.property(hostileText, (text) => {
      const shown = clean(text);
      return [shown, `  run     ${shown}`, `"${shown}"`, `(${shown}). Trying again.`].every(
        (line) => harmIn(line) === undefined,
      );
    });
  /** The sanitiser, but that it lets the first of these through. */
  const but =
    (...spared: string[]) =>
    (text: string): string =>
      sanitise(text) + (spared.find((part) => text.includes(part)) ?? '');

  test('leaves nothing that a log, a terminal or a reader is misled by', async () => {
    await holds(isHarmless(sanitise), 4_000);
    await holds(isHarmless(quote), 1_000);
  });

  test.each<[string, (text: string) => string]>([
    ['does nothing', (text) => text],
    [
      'leaves a carriage return',
      (text) =>
        text
          .split('\r')
          .map((part) => sanitise(part))
          .join('\r'),
    ],
    [
      'leaves a line break',
      (text) =>
        text
          .split('\n')
          .map((part) => sanitise(part))
          .join('\n'),
    ],
    ['breaks up no ##[', (text) => sanitise(text).replaceAll('##\\u005b', '##[')],
    ['breaks up no ::', (text) => sanitise(text).replaceAll(':\\u003a', '::')],
    [
      'breaks up only the first ::',
      (text) => sanitise(text.replace('::', ''), Number.POSITIVE_INFINITY).replaceAll(':\\u003a', '::'),
    ],
    [
      'breaks up :: before it takes out what stands between',
      (text) => sanitise(text.replace(/::/g, ': :')).replaceAll(' ', ''),
    ],
    ['decodes what the runner decodes', (text) => sanitise(text).replaceAll('%0A', '\n')],
    ['leaves escape sequences', but('\u001b[31m')],
    ['leaves the escape sequences of one byte', but('\u009b')],
    ['leaves titles and links of a terminal', but('\u001b]8;;https://evil.example\u0007')],
    ['leaves what reorders text', but('\u202e', '\u2066')],
    ['leaves a mark of the other direction', but('\u061c')],
    ['leaves spaces of no width', but('\u200b', '\u200d', '\u2060', '\ufeff')],
    ['leaves fillers', but('\u034f', '\u3164')],
    ['leaves invisible letters', but('\u{e0041}')],
    ['leaves the line separators of Unicode', but('\u2028', '\u2029', '\u0085')],
    [
      'leaves half a character',
      (text) => (/\p{Cs}/u.test(text) ? `${sanitise(text)}\ud83d` : sanitise(text)),
    ],
  ])('would not pass if it %s', async (_, wrong) => {
    expect(await catches(isHarmless(wrong), 50_000)).toBe(true);
  });
});

const cause: fc.Arbitrary<LossCause> = fc.oneof(
  fc.record({ kind: fc.constant('stolen' as const), by: holder, token: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('broken' as const), by: hostileText, reason: hostileText }),
  fc.record({ kind: fc.constantFrom('unreachable' as const, 'refused' as const), detail: hostileText }),
  fc.constantFrom<LossCause>({ kind: 'missing' }, { kind: 'released' }, { kind: 'max-hold', maxHoldMs: 1 }),
);

const waiting: fc.Arbitrary<Waiting> = fc.record(
  {
    name: fc.constantFrom('prod', 'prod/api', 'prod/api/eu'),
    record,
    observation: fc.record({ firstSeenMs: fc.nat(), seenMs: fc.nat(), ageMs: fc.maxSafeNat() }),
    decision: fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), dueMs: fc.maxSafeNat(), confirming: fc.boolean() }),
      fc.constant({ kind: 'ask' as const }),
    ),
    verdict: fc.oneof(
      fc.record({ kind: fc.constant('finished' as const), proof: hostileText }),
      fc.record({ kind: fc.constantFrom('alive' as const, 'unknown' as const), detail: hostileText }),
    ),
    vetoed: hostileText,
    waitedMs: fc.nat(),
    nextLookMs: fc.nat(),
  },
  { requiredKeys: ['name', 'record', 'observation', 'decision', 'waitedMs', 'nextLookMs'] },
) as fc.Arbitrary<Waiting>;

/** Every event but a wait, with a record's text wherever an event has some. */
const event: fc.Arbitrary<Exclude<LockEvent, { kind: 'waiting' }>> = fc
  .tuple(record, cause, hostileText, fc.option(hostileText, { nil: undefined }), fc.nat({ max: 6 }))
  .map(([of, lost, said, proof, which]) => {
    const error = new StoreError('unavailable', `could not read: ${sanitise(said)}`);
    const stolen = { from: of, because: 'expired' as const, ...(proof === undefined ? {} : { proof }) };
    const events = [
      { kind: 'store-trouble' as const, error },
      { kind: 'renewal-trouble' as const, error: new Error(said) },
      { kind: 'skipped' as const, record: of },
      { kind: 'stolen' as const, stolen, lockDelayMs: 1_000 },
      { kind: 'lost' as const, token: 7, cause: lost, aloneUntilMs: 0 },
      { kind: 'unguarded' as const },
    ];
    return events[which] ?? { kind: 'released' as const, token: 7, heldMs: 1 };
  });

/** What the notify command is told that has a record's text in it. */
function notifications({ holder: self }: LeaseRecord, lost: LossCause): Record<string, unknown>[] {
  const teller = { name: NAME, store: '/locks', self };
  const happenings: Happening[] = [
    { kind: 'waited-too-long', waitedMs: 1, holder: self },
    { kind: 'lost', token: 7, cause: lost, aloneUntilMs: 0 },
    { kind: 'released', token: 7 },
  ];
  return happenings.map((happening) => notification(happening, teller, NOW_MS));
}

/** All lines that are made of one record and of what is known of it. */
function linesOf(scene: Waiting, lost: LossCause, told: Exclude<LockEvent, { kind: 'waiting' }>): string[] {
  return [
    ...describeRecord(scene.record),
    ...STALE_POLICIES.flatMap((policy) => [
      ...describeWaiting(scene, policy, NOW_MS),
      ...new WaitLog(policy).lines(scene, NOW_MS),
    ]),
    describeHolder(scene.record.holder),
    `The lease was lost: ${describeLoss(lost)}.`,
    ...eventLines(told, { name: NAME, store: '/locks' }),
    jsonLine(eventDocument(told, { name: NAME, store: '/locks' })),
    jsonLine(eventDocument({ kind: 'waiting', waiting: scene }, { name: NAME, store: '/locks' })),
    ...notifications(scene.record, lost).map(({ text }) => String(text)),
    ...historyLines(NAME, [endedHold(scene.record, 'stolen', NOW_MS)]),
  ];
}

describe('the lines about a record', () => {
  const areHarmless = (render: typeof linesOf) =>
    fc.property(waiting, cause, event, (scene, lost, told) => {
      for (const line of render(scene, lost, told)) {
        const harm = harmIn(line) ?? harmIn(`leasehold: ${line}`);
        if (harm) throw new Error(harm);
      }
      return true;
    });

  test('are text, whatever is in it', async () => {
    await holds(areHarmless(linesOf), 700);
  });

  test('as JSON read back as what they were', async () => {
    const readBack = fc.property(record, (any) => {
      expect(JSON.parse(jsonLine(any))).toEqual(JSON.parse(serialise(any)));
    });
    await holds(readBack, 300);
  });

  const raw =
    (field: (holder: Holder) => string | undefined): typeof linesOf =>
    (scene, ...rest) => [...linesOf(scene, ...rest), `  x  ${field(scene.record.holder) ?? ''}`];
  test.each<[string, typeof linesOf]>([
    ['owner id', raw(({ ownerId }) => ownerId)],
    ['repository', raw(({ repository }) => repository)],
    ['workflow', raw(({ workflow }) => workflow)],
    ['run id', raw(({ runId }) => runId)],
    ['job', raw(({ job }) => job)],
    ['actor', raw(({ actor }) => actor)],
    ['run URL', raw(({ runUrl }) => runUrl)],
    ['host', raw(({ host }) => host)],
    ['reason', raw(({ reason }) => reason)],
    ['time', (scene, ...rest) => [...linesOf(scene, ...rest), scene.record.acquiredAt]],
    [
      'ticket',
      (scene, ...rest) => [
        ...linesOf(scene, ...rest),
        scene.record.state === 'granted' ? scene.record.grant.ticket : '',
      ],
    ],
    [
      'breaker',
      (scene, ...rest) => [
        ...linesOf(scene, ...rest),
        scene.record.state === 'released' ? (scene.record.ended.by ?? '') : '',
      ],
    ],
    ['veto', (scene, ...rest) => [...linesOf(scene, ...rest), scene.vetoed ?? '']],
    ['record as plain JSON', (scene, ...rest) => [...linesOf(scene, ...rest), serialise(scene.record)]],
  ])('would not pass with the %s as it is', async (_, wrong) => {
    expect(await catches(areHarmless(wrong), 20_000)).toBe(true);
  });
});

/** A command's world: what it prints, and a terminal where one is asked for. */
function worldOf(environment: Record<string, string>): { cli: Cli; printed: string[]; drawn: string[] } {
  const printed: string[] = [];
  const drawn: string[] = [];
  const cli: Cli = {
    environment,
    clock: systemClock,
    random: systemRandom,
    print: (line) => void printed.push(line),
    say: (line) => void printed.push(line),
    screen: { write: (text) => void drawn.push(text), columns: () => 80 },
  };
  return { cli, printed, drawn };
}

test('the live line of a terminal is one line of text within its width, and nothing else', async () => {
  const { options } = parseInvocation(['run', NAME, '--', 'true'], {}) as Extract<
    ReturnType<typeof parseInvocation>,
    { kind: 'run' }
  >;
  const draws = fc.asyncProperty(waiting, async (scene) => {
    const { cli, drawn } = worldOf({});
    const clock = new FakeClock();
    const reporter = new Reporter({ ...cli, clock }, options);
    reporter.waiting(scene);
    reporter.waited();
    const lines = drawn.map((text) => text.replace('\r\u001b[K', ''));
    expect(lines.filter((line) => line !== '')).toHaveLength(1);
    for (const line of lines) expect(harmIn(line)).toBeUndefined();
    const widths = lines.map((line) => [...new Intl.Segmenter().segment(line)].length);
    expect(Math.max(...widths)).toBeLessThan(80);
  });
  await holds(draws, 200);
});

let home = '';
let location = '';
const environment = { ...process.env };

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'leasehold-fuzz-'));
  location = join(home, 'locks');
  // Probed once, as any store that is used.
  await trustStore(await LocalStore.open(location), { clock: systemClock, random: new FakeRandom(1) });
});
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(() => {
  process.env = { ...environment };
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

/** Puts a record, or what should be one, under the lock's key, as another program would. */
async function put(body: string): Promise<void> {
  const store = await LocalStore.open(location);
  const reading = await store.read(KEY);
  const result = await store.write(KEY, body, reading.kind === 'found' ? reading.version : 'absent');
  if (result.kind !== 'written') throw new Error('the fixture was not written');
}

test('the commands about a lock say nothing but text, on either stream', async () => {
  const leaseId = 'f'.repeat(32);
  const commands = [
    ['status', NAME],
    ['list'],
    ['break', NAME],
    ['break', NAME, '--lease', leaseId, '--reason', 'x'],
    ['release', NAME, '--lease', leaseId],
  ];
  const says = fc.asyncProperty(
    fc.oneof(record.map(serialise), hostileText),
    fc.boolean(),
    async (body, json) => {
      await put(body);
      const { cli, printed } = worldOf({ XDG_STATE_HOME: join(home, 'state') });
      for (const words of commands) {
        const invocation = parseInvocation(
          [...words, '--store', location, ...(json ? ['--json'] : [])],
          cli.environment,
        );
        try {
          if (invocation.kind === 'status') await status(cli, invocation.options);
          else if (invocation.kind === 'list') await list(cli, invocation.options);
          else if (invocation.kind === 'break') await breakLock(cli, invocation.options);
          else if (invocation.kind === 'release') await release(cli, invocation.options);
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          printed.push(error.message);
        }
      }
      expect(printed.length).toBeGreaterThanOrEqual(commands.length);
      for (const line of printed) expect(harmIn(line)).toBeUndefined();
    },
  );
  await holds(says, 60);
});

/** What a phase of the action left for its runner. */
interface Left {
  /** The commands in what it printed, by the runner's own rules. */
  readonly commands: readonly { command: string; data: string }[];
  readonly lines: readonly string[];
  readonly files: ReturnType<typeof readCommandFiles>;
}

/** Runs a part of a phase as the runner would see it. */
async function seen(work: () => Promise<unknown>): Promise<Left> {
  // The toolkit looks for the summary's file once in a process.
  const files = { ...createCommandFiles(home), step_summary: join(home, 'summary') };
  writeFileSync(files.step_summary, '');
  Object.assign(process.env, {
    GITHUB_OUTPUT: files.output,
    GITHUB_STATE: files.state,
    GITHUB_ENV: files.env,
  });
  Object.assign(process.env, { GITHUB_STEP_SUMMARY: files.step_summary, RUNNER_TEMP: join(home, 'temp') });
  const written: string[] = [];
  const writing = jest
    .spyOn(process.stdout, 'write')
    .mockImplementation((text) => written.push(String(text)) > 0);
  const interrupted = process.listeners('SIGINT');
  const terminated = process.listeners('SIGTERM');
  try {
    await work();
  } finally {
    writing.mockRestore();
    for (const heard of process.listeners('SIGINT'))
      if (!interrupted.includes(heard)) process.off('SIGINT', heard);
    for (const heard of process.listeners('SIGTERM'))
      if (!terminated.includes(heard)) process.off('SIGTERM', heard);
  }
  const lines = written
    .join('')
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '');
  const parser = new CommandParser();
  const commands = lines.flatMap((line) => parser.parse(line) ?? []);
  return { commands, lines, files: readCommandFiles(files) };
}

/** Nothing but our own annotations, and in them nothing but text. */
function expectOnlyAnnotations({ commands, lines, files }: Left): void {
  for (const { command, data } of commands) {
    expect(['warning', 'error', 'notice']).toContain(command);
    for (const line of data.split('\n')) expect(harmIn(line)).toBeUndefined();
  }
  expect(commandsIn(lines.join('\n'))).toHaveLength(commands.length);
  const annotation = /^::(warning|error|notice)( title=Lock "[A-Za-z0-9._/-]+" [a-z ]+)?::/;
  for (const line of lines.filter((each) => !annotation.test(each))) expect(harmIn(line)).toBeUndefined();
  expect(files.complaints).toEqual([]);
}

const config = (): Config => ({
  ...{
    name: NAME,
    store: location,
    access: {},
    timing: TIMING,
    holder: holderOf('a'),
    heartbeat: true,
    maxHoldMs: 3_600_000,
  },
  ...{ folder: KeeperFolder.of(home, 'a'.repeat(32)).path, onLost: 'warn', summary: true },
});
const held = (stolenFrom: Holder | undefined): Extract<Result, { kind: 'acquired' }> => ({
  ...{ kind: 'acquired', token: 7, waitedMs: 1, acquiredMs: systemClock.monotonicMs() },
  snapshot: { body: '{}', version: '1.0', sentAt: { wallMs: 0, monotonicMs: 0 } },
  ...(stolenFrom ? { stolenFrom } : {}),
});
const keeperStatus = (state: KeeperStatus['state']): KeeperStatus => ({
  ...{ keeper: { ...identify(process.pid), pid: 2 ** 22 + 1 }, state, renewals: 3 },
  snapshot: { body: '{}', version: '1.0', sentAt: { wallMs: 0, monotonicMs: 0 } },
});

describe('the phases of the action', () => {
  test('post tells of a loss and of a thief, in the log and in the summary', async () => {
    const ends = fc.asyncProperty(cause, holder, hostileText, async (lost, thief, at) => {
      const folder = new KeeperFolder(config().folder);
      folder.writeStatus(keeperStatus({ kind: 'lost', cause: lost, at, aloneUntil: at }));
      await put(serialise({ ...RELEASED, holder: thief }));
      const left = await seen(() => end({ config: config(), result: held(thief), lossTold: false }));
      expectOnlyAnnotations(left);
      expect(left.commands).toHaveLength(1);
      expectTable(left.files.summary, 7);
    });
    await holds(ends, 60);
  });

  test('post tells whom a job that was skipped left the lock to', async () => {
    const ends = fc.asyncProperty(holder, async (by) => {
      const result: Result = { kind: 'skipped', by, waitedMs: 1 };
      const left = await seen(() => end({ config: config(), result, lossTold: false }));
      expectOnlyAnnotations(left);
      expectTable(left.files.summary, 2);
    });
    await holds(ends, 60);
  });

  test('main gives outputs that the next step reads as they were, and no others', async () => {
    const verifies = fc.asyncProperty(holder, cause, fc.boolean(), async (other, lost, skipped) => {
      const state = { kind: 'lost', cause: lost, at: 'x', aloneUntil: 'x' } as const;
      new KeeperFolder(config().folder).writeStatus(keeperStatus(state));
      const result: Result = skipped ? { kind: 'skipped', by: other, waitedMs: 1.5 } : held(other);
      const left = await seen(() => verify(config(), result));
      expectOnlyAnnotations(left);
      const outputs = skipped ? { 'waited-ms': '2', holder: JSON.stringify(other) } : {};
      expect(left.files).toMatchObject({ outputs, env: {}, path: [] });
      expect(left.files.state).toEqual(skipped ? {} : { 'loss-told': 'true' });
      expect(Object.keys(left.files.outputs).sort()).toEqual(Object.keys(outputs).sort());
    });
    await holds(verifies, 80);
  });

  test('pre tells who holds, and leaves a state that post reads as it was', async () => {
    const given: Partial<Record<Input, string>> = {
      ...{
        name: NAME,
        store: location,
        ttl: '90s',
        'stale-policy': 'never',
        heartbeat: 'false',
        'max-hold': '6h',
      },
      ...{ 'on-lost': 'warn', enabled: 'true', summary: 'true', 'lock-delay': '0s', 'wait-timeout': '0' },
      ...{ 'notify-after': '10m', scope: 'job', gap: '30m', release: 'false' },
    };
    const takes = fc.asyncProperty(
      heldRecord,
      fc.constantFrom('skip', 'fail'),
      hostileText,
      async (there, onBusy, reason) => {
        await put(serialise(there));
        const said = reason.replaceAll('\0', '').trim().slice(0, 500);
        for (const input of INPUTS)
          process.env[`INPUT_${input.toUpperCase()}`] =
            { ...given, 'on-busy': onBusy, reason: said }[input] ?? '';
        const left = await seen(take);
        expectOnlyAnnotations(left);
        expect(left.commands.map(({ command }) => command)).toEqual([onBusy === 'skip' ? 'notice' : 'error']);
        expect(Object.keys(left.files.state).sort()).toEqual(
          onBusy === 'skip' ? ['config', 'result'] : ['config'],
        );
        expect(JSON.parse(left.files.state.config ?? '')).toMatchObject({ name: NAME, store: location });
        if (onBusy === 'skip')
          expect(JSON.parse(left.files.state.result ?? '').by).toEqual(JSON.parse(serialise(there)).holder);
        else expectTable(left.files.summary, 3);
        expect(left.files).toMatchObject({ outputs: {}, env: {} });
      },
    );
    await holds(takes, 60);
  });
});

const RELEASED: LeaseRecord = {
  ...{
    schema: 1,
    state: 'released',
    name: NAME,
    token: 7,
    nonce: '0'.repeat(32),
    trail: [],
    ttlMs: 90_000,
    renewals: 0,
  },
  ...{
    acquiredAt: '2026-03-01T12:00:00Z',
    holder: holderOf('b'),
    ended: { how: 'released', at: '2026-03-01T12:00:00Z' },
  },
};

/**
 * That a summary is one heading, one table of `rows` rows with two cells each, and perhaps a chart; the table by GitHub's rules for tables (a `|` that
 * no backslash stands before ends a cell, also within code) and for code spans (the next single backtick ends one), and
 * that outside of code spans there are only words and numbers of ours, and links to runs of our server; in the chart as well.
 */
function expectTable(summary: string, rows: number): void {
  const [markdown = '', chart] = summary.trimEnd().split('\n```mermaid\n');
  if (chart !== undefined) {
    expect(chart.endsWith('\n```')).toBe(true);
    for (const line of chart.split('\n').slice(0, -1)) expect(line).toMatch(/^[\w :,.%-]+$/);
  }
  const [heading, empty, head, rule, ...body] = markdown.trimEnd().split('\n');
  expect(heading).toMatch(/^### Lock `[A-Za-z0-9._/-]+`(: skipped|: not free)?$/);
  expect([empty, head, rule]).toEqual(['', '| | |', '|---|---|']);
  expect(body).toHaveLength(rows);
  for (const row of body) {
    const cells = row.split(/(?<!\\)\|/);
    expect(cells).toHaveLength(4);
    const outside = (cells[2] ?? '').replace(/`[^`]+`/g, '').replace(RUN_LINK, '');
    expect(outside).toMatch(/^ [\w ,.–-]* $/);
    expect(cells[1]).toMatch(/^ [A-Z][a-z ]+ $/);
    expect(harmIn(row)).toBeUndefined();
  }
}

const RUN_LINK = / \(\[run\]\(https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/actions\/runs\/[\d/a-z]+\)\)/;

describe('the job summary', () => {
  type Clean = typeof codeSpan;
  const isATable = (clean: Clean | undefined) =>
    fc.property(holder, cause, (of, lost) => {
      const ended = `lost: ${describeLoss(lost)}`;
      if (clean) {
        const cell = clean(describeHolder(of));
        expectTable(
          `### Lock \`x\`\n\n| | |\n|---|---|\n| Owner | ${cell} |\n| Held | 1s, ${clean(ended)} |\n`,
          2,
        );
        return;
      }
      const hold = {
        ...{ name: NAME, token: 7, waitedMs: 1, heldMs: 1, renewals: 1, renewedMs: [1] },
        holder: of,
        stolenFrom: of,
        ended,
        origin: 'https://github.com',
      };
      const loss = { aloneUntilMs: 1, aloneUntil: '2026-03-01T12:00:00Z', cancel: describeLoss(lost) };
      expectTable(holdSummary(hold), 6);
      expectTable(holdSummary({ ...hold, lost: loss }), 8);
      expectTable(skipSummary(NAME, of, hold.origin), 2);
      expectTable(refusedSummary({ name: NAME, holder: of }, 1, hold.origin), 3);
    });

  test('is a table whose cells render as text', async () => {
    await holds(isATable(undefined), 400);
    await holds(isATable(codeSpan), 300);
  });

  test.each<[string, Clean]>([
    ['escaped nothing', (text) => text],
    ['were sanitised and no more', (text) => sanitise(text)],
    [
      'wrote entities, of which GitHub makes links',
      (text) => sanitise(text).replace(/[&<>"'`|*_~[\]()#!\\@]/g, (each) => `&#${each.charCodeAt(0)};`),
    ],
    ['left backticks', (text) => `\`${sanitise(text).replaceAll('|', '')}\``],
    ['left bars', (text) => `\`${sanitise(text).replaceAll('`', '')}\``],
    [
      'escaped bars with a backslash that may be escaped itself',
      (text) =>
        `\`${sanitise(text).replaceAll('`', '').replaceAll('|', '\\|').replaceAll('\\\\|', '\\\\ |')}\``,
    ],
  ])('would not pass if its cells %s', async (_, wrong) => {
    expect(await catches(isATable(wrong), 20_000)).toBe(true);
  });
});
