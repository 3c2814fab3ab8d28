import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type LockContext, lookUntil } from '../../src/lease/context.ts';
import { recordKey } from '../../src/lease/name.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import { S3Store } from '../../src/store/s3.ts';
import { trustStore } from '../../src/store/trust.ts';
import { type Ended, Sandbox, until } from '../support/cli-process.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { type Crossing, type Fault, FaultyWire, type WireRequest } from '../support/faulty-wire.ts';
import { killJobs } from '../support/runner/runner.mjs';
import type { JobSpec } from '../support/runner/types.ts';
import { startMiniflareS3 } from '../support/s3-server.mjs';
import { type Stay, Witness } from '../support/witness.ts';
import {
  expectCourse,
  hold,
  lockStep,
  NORMAL,
  readStatus,
  removeAll,
  said,
  startWith,
  temporary,
} from './action-jobs.ts';

/*
 * The built program over wires that fail. What commands do under a lock they write down themselves, see `Witness`. Most of
 * the time is spent waiting, so many scenarios run at once: `scenario` names one, and the test of that name waits for it.
 */

const ENTRY = resolve(import.meta.dirname, '../../dist/cli/index.js');
if (!existsSync(ENTRY)) throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;

/** The shortest there is: renewed every 5 s, believed for 13.3 s, stolen after 17 s; a call may take 2.5 s. */
const TTL_MS = 15_000;
const WITHIN_MS = 170_000;
const BELIEVED_MS = TTL_MS - TTL_MS / 9;
const STOLEN_AFTER_MS = TTL_MS + 2_000;
const CALL_MS = TTL_MS / 6;
/** The S3 server's times are whole seconds. */
const GRAIN_MS = 1_000;
/** How late things may be on a machine that runs all of this at once. Nothing that must not happen is allowed for by it. */
const BUSY_MS = 10_000;

/** `later`: what is still to come when no process of it runs any more. */
type Play = (sandbox: Sandbox, later: (rest: () => Promise<void>) => void) => Promise<void>;

interface Scenario {
  readonly play: Play;
  readonly end: (fault: unknown) => void;
}

const scenarios: Scenario[] = [];

/** To run some of them: `LEASEHOLD_SCENARIOS='cut off' npm run e2e -- wires`. */
const ONLY = new RegExp(process.env.LEASEHOLD_SCENARIOS ?? '');

function scenario(name: string, play: Play): void {
  if (!ONLY.test(name)) return;
  const ended = new Promise<unknown>((end) => scenarios.push({ play, end }));
  test(
    name,
    async () => {
      const fault = await ended;
      if (fault) throw fault;
    },
    WITHIN_MS,
  );
}

/** Each has two or three processes, which wait most of the time; together they keep two cores busy. */
const AT_ONCE = 12;

async function playAll(): Promise<void> {
  const playing = new Set<Promise<unknown>>();
  for (const { play, end } of scenarios) {
    while (playing.size >= AT_ONCE) await Promise.race(playing);
    const sandbox = new Sandbox(ENTRY, NODE);
    const rest: (() => Promise<void>)[] = [];
    const played = play(sandbox, (more) => rest.push(more));
    const over = played.catch(() => {}).finally(() => playing.delete(over));
    playing.add(over);
    void played
      .then(() => Promise.all(rest.map((more) => more())))
      .finally(() => sandbox.close())
      .then(() => end(undefined), end);
  }
}

let server: Awaited<ReturnType<typeof startMiniflareS3>>;
let direct: S3Store;
/** The wires of all holders and of all rivals that need none of their own. */
let near: FaultyWire;
let far: FaultyWire;
const wires: FaultyWire[] = [];

beforeAll(async () => {
  server = await startMiniflareS3({ clock: true });
  process.env.AWS_ACCESS_KEY_ID = server.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = server.secretAccessKey;
  direct = await S3Store.open(server.url);
  near = await newWire();
  far = await newWire();
  for (const wire of [near, far]) wire.decide = (request) => strike(wire, request);
  void playAll();
}, 60_000);

afterAll(async () => {
  await killJobs();
  for (const wire of wires) await wire.close();
  await server.close();
  removeAll();
}, 60_000);

/** A wire over which the store has been probed already, as it is for every lock but the first. */
async function newWire(): Promise<FaultyWire> {
  const wire = await FaultyWire.open(server.endpoint, systemRandom);
  wires.push(wire);
  await trustStore(await S3Store.open(storeBy(wire)), { clock: systemClock, random: systemRandom });
  return wire;
}

function storeBy(wire: FaultyWire): string {
  const url = new URL(server.url);
  url.searchParams.set('endpoint', wire.url);
  return url.href;
}

function account(wire: FaultyWire): Record<string, string> {
  return {
    LEASEHOLD_STORE: storeBy(wire),
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** What is stored of a lock, whatever the wires do. */
async function recordOf(name: string): Promise<LeaseRecord | undefined> {
  const lock: LockContext = {
    name,
    store: direct,
    clock: systemClock,
    random: systemRandom,
    callTimeoutMs: 10_000,
  };
  return (await lookUntil(lock, systemClock.monotonicMs() + 10_000)).record;
}

/** `look`: a read of the whole record · `poll`: one that asks whether it has changed. */
type Operation = 'look' | 'acquire' | 'renew' | 'poll' | 'release';

function operationOf({ method, headers, body }: WireRequest): Operation {
  if (method === 'GET') return 'if-none-match' in headers ? 'poll' : 'look';
  const { state, renewals }: LeaseRecord = JSON.parse(body);
  if (state === 'released') return 'release';
  return renewals === 0 ? 'acquire' : 'renew';
}

function isAbout(lock: string, { path }: WireRequest): boolean {
  return path.includes(recordKey(lock));
}

/** Less than what one call to the store may take with the ttl of these tests: a sixth of it. */
const SLOW_MS = 2_000;

function crossingsOf(wire: FaultyWire, lock: string, ...operations: Operation[]): Crossing[] {
  return wire.crossings.filter(
    ({ request }) =>
      isAbout(lock, request) && (operations.length === 0 || operations.includes(operationOf(request))),
  );
}

function isWrite(request: WireRequest): boolean {
  return request.method === 'PUT';
}

/** The wire as it was, with all that it has held up. */
function repair(wire: FaultyWire): void {
  wire.decide = () => undefined;
  wire.mend();
}

/** The only crossing of that kind, as soon as there is one. */
async function crossing(wire: FaultyWire, lock: string, operation: Operation): Promise<Crossing> {
  await until(`${operation} of ${lock}`, () => crossingsOf(wire, lock, operation).length > 0, 30_000);
  const [first] = crossingsOf(wire, lock, operation);
  if (!first) throw new Error('it was there');
  return first;
}

async function untilEntered(witness: Witness, who: string, withinMs = 40_000): Promise<Stay> {
  const entered = (): Stay | undefined => witness.stays().find((stay) => stay.who === who);
  await until(`${who} enters`, () => entered() !== undefined, withinMs);
  return stayOf(witness, who);
}

async function allOver(wire: FaultyWire, lock: string): Promise<void> {
  await Promise.all(crossingsOf(wire, lock).map(({ over }) => over));
}

interface Strike {
  readonly wire: FaultyWire;
  readonly lock: string;
  readonly operation: Operation;
  readonly fault: Fault;
  struck: boolean;
}

const strikes: Strike[] = [];

/** The fault for the first request of its kind. */
function strike(wire: FaultyWire, request: WireRequest): Fault | undefined {
  const due = strikes.find(
    (planned) =>
      !planned.struck &&
      planned.wire === wire &&
      isAbout(planned.lock, request) &&
      planned.operation === operationOf(request),
  );
  if (due) due.struck = true;
  return due?.fault;
}

function running(lock: string, ...options: string[]): string[] {
  return ['run', lock, '--ttl', '15s', ...options, '--'];
}

function stayOf(witness: Witness, who: string): Stay {
  const stay = witness.stays().find((one) => one.who === who);
  if (!stay) throw new Error(`${who} never entered: ${JSON.stringify(witness.stays())}`);
  return stay;
}

function expectSuccess(who: string, { code, stderr }: Ended): void {
  if (code !== 0) throw new Error(`${who} ended with ${code}: ${stderr}`);
}

const LATE_MS = 4_000;
const STALL_MS = 30_000;

/** What the user is told of a read that fails like this; nothing where it does not fail. */
const RESET = /ECONNRESET|socket hang up|(?<!was )aborted\./;
const SILENT = /no answer (within \d+ ms|before the deadline)/;

const FAULTS: readonly (readonly [name: string, fault: Fault, told?: RegExp])[] = [
  ['a reset before anything reaches the server', { kind: 'cut-before-request' }, RESET],
  ['a reset in the middle of the request', { kind: 'cut-in-request' }, RESET],
  ['a reset right after the request', { kind: 'cut-after-request' }, RESET],
  ['a reset before the answer', { kind: 'cut-before-answer' }, RESET],
  ['a reset in the middle of the answer', { kind: 'cut-in-answer' }, RESET],
  ['an end in the middle of the answer', { kind: 'end-in-answer' }, RESET],
  ['a connection that goes silent', { kind: 'half-open' }, SILENT],
  ['a request that arrives 4 s late', { kind: 'delay-request', ms: LATE_MS }, SILENT],
  ['an answer that arrives 4 s late', { kind: 'delay-answer', ms: LATE_MS }, SILENT],
  ['a stall of 30 s before the server', { kind: 'delay-request', ms: STALL_MS }, SILENT],
  ['a stall of 30 s after the server', { kind: 'delay-answer', ms: STALL_MS }, SILENT],
  ['a stall of 30 s in the middle of the answer', { kind: 'stall-in-answer', ms: STALL_MS }, SILENT],
  ['a trickle within the time limit', { kind: 'trickle', bytesPerSecond: 3_000 }],
  ['a trickle beyond the time limit', { kind: 'trickle', bytesPerSecond: 200 }, SILENT],
  ['a request that is delivered twice', { kind: 'deliver-twice' }],
];

const OPERATIONS: readonly (readonly [name: string, operation: Operation])[] = [
  ['the first look', 'look'],
  ['the write that acquires', 'acquire'],
  ['a renewal', 'renew'],
  ["a waiter's look", 'poll'],
  ['the release', 'release'],
];

/** How long a fault that passes may hold anybody up: the call that fails, a look, a pause, once more. */
const HELD_UP_MS = STOLEN_AFTER_MS - 5_000;

describe('anything, at any time', () => {
  const SECONDS_OF_FAULTS = Number(process.env.LEASEHOLD_SOAK_SECONDS ?? 45);
  const SEED = Number(process.env.LEASEHOLD_SOAK_SEED ?? systemRandom.fraction() * 2 ** 32) >>> 0;
  const CLIENTS = 4;
  const LOCK = 'soak';
  const LONGEST_DELAY_MS = 12_000;
  /** What a client may end with: done, the store did not answer, not released, no lock in time, lost. */
  const CODES = [0, 69, 73, 75, 76];

  function anyFault(random: FakeRandom): Fault | undefined {
    if (!random.chance(0.1)) return undefined;
    const [, fault] = FAULTS[random.below(FAULTS.length)] ?? [];
    return fault && 'ms' in fault ? { ...fault, ms: random.between(200, LONGEST_DELAY_MS) } : fault;
  }

  /** Breaks the wire now and then, for up to longer than a ttl. */
  async function breakNowAndThen(wire: FaultyWire, random: FakeRandom, untilMs: number): Promise<void> {
    while (systemClock.wallMs() < untilMs) {
      await systemClock.sleep(random.between(2_000, 20_000));
      if (random.chance(0.3)) wire.forgetConnections();
      wire.break();
      await systemClock.sleep(
        random.chance(0.3) ? random.between(15_000, 22_000) : random.between(500, 5_000),
      );
      wire.mend();
    }
  }

  scenario(
    `four clients for ${SECONDS_OF_FAULTS} s (LEASEHOLD_SOAK_SEED=${SEED}): one at a time, and free at the end`,
    async (sandbox) => {
      const witness = new Witness(sandbox.file('witness'));
      const untilMs = systemClock.wallMs() + SECONDS_OF_FAULTS * 1_000;
      const turns = async (index: number): Promise<void> => {
        const random = new FakeRandom(SEED + index);
        const wire = await newWire();
        wire.decide = (request) => (isAbout(LOCK, request) ? anyFault(random) : undefined);
        wire.latency = { ms: 20, jitterMs: 20 };
        const breaking = breakNowAndThen(wire, random, untilMs);
        for (let turn = 0; systemClock.wallMs() < untilMs; turn += 1) {
          const who = `client-${index}-${turn}`;
          const command = witness.command(who, random.chance(0.2) ? 7 : random.between(0.2, 1));
          const { code, stderr } = await sandbox.run(
            [...running(LOCK, '--wait-timeout', '30s'), ...command],
            account(wire),
          );
          const left = witness.stays().some((stay) => stay.who === who && stay.left);
          // A command that came to its end under a lease that was lost says so by 76.
          if (!CODES.includes(code ?? -1) || (code === 0 && !left))
            throw new Error(`${who} ended with ${code}: ${stderr}`);
        }
        await breaking;
        repair(wire);
      };
      await Promise.all(Array.from({ length: CLIENTS }, (_, index) => turns(index)));
      const quietMs = systemClock.wallMs();
      const last = sandbox.start([...running(LOCK), ...witness.command('last', 0.2)], account(far));
      expectSuccess('the last', await last.ended);
      witness.expectAlone();
      // At worst the write of a client that is long gone arrives now, and then a ttl must pass.
      expect(stayOf(witness, 'last').enteredMs - quietMs).toBeLessThan(
        LONGEST_DELAY_MS + STOLEN_AFTER_MS + BUSY_MS,
      );
      expect(witness.stays().length).toBeGreaterThanOrEqual(2);
    },
  );
});

const DEAD: readonly (readonly [name: string, kill: (wire: FaultyWire) => void, told: RegExp])[] = [
  ['every connection is reset', decideAll({ kind: 'cut-before-request' }), RESET],
  ['every answer is lost', decideAll({ kind: 'cut-before-answer' }), RESET],
  ['every answer breaks off', decideAll({ kind: 'cut-in-answer' }), RESET],
  ['every connection goes silent', decideAll({ kind: 'half-open' }), SILENT],
  ['every request arrives 4 s late', decideAll({ kind: 'delay-request', ms: LATE_MS }), SILENT],
  ['every answer arrives 4 s late', decideAll({ kind: 'delay-answer', ms: LATE_MS }), SILENT],
  ['everything trickles', decideAll({ kind: 'trickle', bytesPerSecond: 200 }), SILENT],
  ['nothing passes any more', (wire) => wire.break(), SILENT],
];

const NO_WRITES: (typeof DEAD)[number] = [
  'no write gets through, though reads do',
  (wire) => {
    wire.decide = (request) => (isWrite(request) ? { kind: 'cut-before-request' } : undefined);
  },
  RESET,
];

function decideAll(fault: Fault): (wire: FaultyWire) => void {
  return (wire) => {
    wire.decide = () => fault;
  };
}

describe('a wire that fails for good', () => {
  for (const [index, [name, kill, told]] of [...DEAD, NO_WRITES].entries()) {
    scenario(
      `under a holder, ${name}: its command is over before its ttl, and another enters only then`,
      async (sandbox) => {
        const lock = `cut-off-${index}`;
        const wire = await newWire();
        const witness = new Witness(sandbox.file('witness'));
        const holder = sandbox.start([...running(lock), ...witness.command('holder', 60)], account(wire));
        await untilEntered(witness, 'holder');
        kill(wire);
        const rival = sandbox.start([...running(lock), ...witness.command('rival', 6)], account(far));
        await until('the loss is told', () => holder.output.includes(' was lost: '), 30_000);
        const lostMs = systemClock.wallMs();
        const lost = await holder.ended;
        await untilEntered(witness, 'rival');
        // While the other is in, all that was held up arrives.
        repair(wire);
        expectSuccess('the rival', await rival.ended);
        await allOver(wire, lock);

        expect(lost.code).toBe(76);
        expect(lost.stderr).toMatch(
          new RegExp(
            `was lost: no renewal got through for 1[3-5](\\.\\d)?s: .*could not (read|write) .*(${told.source}|${SILENT.source})`,
          ),
        );
        const { receivedMs: sentMs } = await crossing(wire, lock, 'acquire');
        expect(lostMs - sentMs).toBeGreaterThan(BELIEVED_MS - GRAIN_MS);
        const [first, second] = [stayOf(witness, 'holder'), stayOf(witness, 'rival')];
        expect(first.left).toBe(false);
        expect(first.lastSeenMs - sentMs).toBeLessThan(TTL_MS);
        witness.expectAlone();
        expect(witness.stays()).toEqual([first, { ...second, left: true }]);
        const applied = crossingsOf(wire, lock, 'acquire', 'renew').filter(({ status }) => status === 200);
        const appliedMs = Math.max(...applied.map(({ answeredMs = 0 }) => answeredMs));
        expect(second.enteredMs - appliedMs).toBeLessThan(STOLEN_AFTER_MS + BUSY_MS);
        expect(await recordOf(lock)).toMatchObject({ state: 'released', token: second.token });
      },
    );
  }

  for (const [index, [name, kill, told]] of DEAD.entries()) {
    scenario(`from the beginning, ${name}: nothing runs, and the message says why`, async (sandbox) => {
      const lock = `dead-${index}`;
      const wire = await newWire();
      const witness = new Witness(sandbox.file('witness'));
      kill(wire);
      const startedMs = systemClock.wallMs();
      const { code, stderr } = await sandbox.run(
        [...running(lock, '--on-busy', 'fail'), ...witness.command('holder', 1)],
        account(wire),
      );
      expect(code).toBe(69);
      expect(stderr.trim().split('\n').at(-1)).toMatch(
        new RegExp(
          `could not read "${recordKey(lock)}" in s3://locks/ at 127\\.0\\.0\\.1:\\d+: .*(${told.source})`,
        ),
      );
      // Four time limits of a call are the patience of one that does not wait.
      expect(systemClock.wallMs() - startedMs).toBeLessThan(5 * CALL_MS + BUSY_MS);
      expect(witness.stays()).toEqual([]);
      repair(wire);
      await allOver(wire, lock);
      expect(await recordOf(lock)).toBeUndefined();
    });
  }

  scenario(
    'under a waiter: it tries for as long as it would have waited, and says why it gave up',
    async (sandbox) => {
      const lock = 'waiter-for-good';
      const wire = await newWire();
      const witness = new Witness(sandbox.file('witness'));
      const holder = sandbox.start([...running(lock), ...witness.command('holder', 22)], account(near));
      await untilEntered(witness, 'holder');
      const waiter = sandbox.start(
        [...running(lock, '--wait-timeout', '15s'), ...witness.command('waiter', 1)],
        account(wire),
      );
      await waiter.untilSays('is held by');
      wire.break();
      const { code, stderr } = await waiter.ended;
      expect(code).toBe(69);
      expect(stderr).toMatch(new RegExp(`could not read .*(${SILENT.source}).*It may be tried again\\.\n$`));
      expectSuccess('the holder', await holder.ended);
      expect(witness.stays().map(({ who }) => who)).toEqual(['holder']);
    },
  );
});

describe('a wire that fails for a while', () => {
  scenario('from the beginning: the lock is taken as soon as it is whole', async (sandbox) => {
    const wire = await newWire();
    const witness = new Witness(sandbox.file('witness'));
    wire.break();
    const holder = sandbox.start(
      [...running('late-start'), ...witness.command('holder', 0.2)],
      account(wire),
    );
    await holder.untilSays('Trying again.');
    await systemClock.sleep(4_000);
    const mendedMs = systemClock.wallMs();
    wire.mend();
    expectSuccess('the holder', await holder.ended);
    expect(stayOf(witness, 'holder').enteredMs - mendedMs).toBeLessThan(HELD_UP_MS);
  });

  scenario('under a waiter: it waits on, and enters after the holder', async (sandbox) => {
    const lock = 'waiter-for-a-while';
    const wire = await newWire();
    const witness = new Witness(sandbox.file('witness'));
    const holder = sandbox.start([...running(lock), ...witness.command('holder', 14)], account(near));
    await untilEntered(witness, 'holder');
    const waiter = sandbox.start([...running(lock), ...witness.command('waiter', 0.2)], account(wire));
    await waiter.untilSays('is held by');
    wire.break();
    await waiter.untilSays('Trying again.');
    await systemClock.sleep(5_000);
    wire.mend();
    expectSuccess('the holder', await holder.ended);
    expectSuccess('the waiter', await waiter.ended);
    witness.expectAlone();
    expect(stayOf(witness, 'waiter').enteredMs - stayOf(witness, 'holder').lastSeenMs).toBeLessThan(
      HELD_UP_MS,
    );
  });

  scenario('whose connections were forgotten: the next renewal comes by a new one', async (sandbox) => {
    const lock = 'forgotten';
    const wire = await newWire();
    const witness = new Witness(sandbox.file('witness'));
    const holder = sandbox.start([...running(lock), ...witness.command('holder', 12)], account(wire));
    await untilEntered(witness, 'holder');
    wire.forgetConnections();
    expectSuccess('the holder', await holder.ended);
    expect(stayOf(witness, 'holder').left).toBe(true);
    expect(crossingsOf(wire, lock, 'renew').length).toBeGreaterThanOrEqual(1);
  });

  scenario(
    'that loses every answer to a write: reading tells what applied, and nothing is lost',
    async (sandbox) => {
      const lock = 'writes-unanswered';
      const wire = await newWire();
      wire.decide = (request) => (isWrite(request) ? { kind: 'cut-before-answer' } : undefined);
      const witness = new Witness(sandbox.file('witness'));
      const holder = sandbox.start([...running(lock), ...witness.command('holder', 12)], account(wire));
      expectSuccess('the holder', await holder.ended);
      expect(stayOf(witness, 'holder').left).toBe(true);
      expect(await recordOf(lock)).toMatchObject({ state: 'released', renewals: expect.any(Number) });
      const written = crossingsOf(wire, lock, 'acquire', 'renew', 'release');
      expect(written.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4);
      // One whose answer takes longer than a call may is looked into before it applies, and so may be sent again.
      const slow = written.filter(
        ({ receivedMs, answeredMs = Infinity }) => answeredMs - receivedMs > SLOW_MS,
      );
      const again = written.filter(({ status }) => status !== 200);
      expect(again.every(({ status }) => status === 412)).toBe(true);
      expect(again.length).toBeLessThanOrEqual(slow.length);
    },
  );

  scenario('that is slow and uneven: turns are taken all the same', async (sandbox) => {
    const lock = 'uneven';
    const witness = new Witness(sandbox.file('witness'));
    const clients = await Promise.all([newWire(), newWire(), newWire()]);
    const turns = async (wire: FaultyWire, index: number): Promise<void> => {
      wire.latency = { ms: 150, jitterMs: 150 };
      for (const turn of [1, 2, 3]) {
        const command = witness.command(`client-${index}-${turn}`, 0.4);
        expectSuccess(`client ${index}`, await sandbox.run([...running(lock), ...command], account(wire)));
      }
    };
    await Promise.all(clients.map(turns));
    witness.expectAlone();
    expect(witness.stays().filter(({ left }) => left)).toHaveLength(9);
  });
});

describe('an acquisition that applied, and whose client then was cut off', () => {
  /** The write that acquires applies, and nothing passes after it. */
  async function cutOff(sandbox: Sandbox, lock: string) {
    const wire = await newWire();
    const witness = new Witness(sandbox.file('witness'));
    wire.decide = (request) => {
      if (!isAbout(lock, request) || operationOf(request) !== 'acquire') return undefined;
      wire.decide = () => undefined;
      // After the server has it, before it can have answered.
      setTimeout(() => wire.break(), 0);
      return { kind: 'cut-before-answer' };
    };
    const client = sandbox.start([...running(lock), ...witness.command('client', 1)], account(wire));
    const write = await crossing(wire, lock, 'acquire');
    await until('it applies', () => write.status === 200);
    return { wire, witness, client, appliedMs: write.receivedMs };
  }

  scenario('for 4 s: it is entered on, and renewed first', async (sandbox) => {
    const lock = 'applied-4s';
    const { wire, witness, client, appliedMs } = await cutOff(sandbox, lock);
    const { token } = (await recordOf(lock)) ?? {};
    await systemClock.sleep(4_000 - (systemClock.wallMs() - appliedMs));
    wire.mend();
    expectSuccess('the client', await client.ended);
    expect(stayOf(witness, 'client')).toMatchObject({ token, left: true });
    expect(crossingsOf(wire, lock, 'renew')).toHaveLength(1);
  });

  scenario('for 10 s: too late to count, it is given back and taken anew', async (sandbox) => {
    const lock = 'applied-10s';
    const { wire, witness, client, appliedMs } = await cutOff(sandbox, lock);
    const { token = 0 } = (await recordOf(lock)) ?? {};
    await systemClock.sleep(10_000 - (systemClock.wallMs() - appliedMs));
    const mendedMs = systemClock.wallMs();
    wire.mend();
    expectSuccess('the client', await client.ended);
    const stay = stayOf(witness, 'client');
    expect(stay.token).toBe(token + 1);
    expect(stay.enteredMs - mendedMs).toBeLessThan(HELD_UP_MS);
  });

  scenario('until another has it: it waits for its turn', async (sandbox) => {
    const lock = 'applied-stolen';
    const { wire, witness, client, appliedMs } = await cutOff(sandbox, lock);
    const rival = sandbox.start([...running(lock), ...witness.command('rival', 5)], account(far));
    const { enteredMs } = await untilEntered(witness, 'rival');
    expect(enteredMs - appliedMs).toBeGreaterThan(STOLEN_AFTER_MS - GRAIN_MS);
    wire.mend();
    expectSuccess('the rival', await rival.ended);
    expectSuccess('the client', await client.ended);
    witness.expectAlone();
    expect(witness.stays().map(({ who, left }) => [who, left])).toEqual([
      ['rival', true],
      ['client', true],
    ]);
  });
});

describe('a write that is under way when its client gives up', () => {
  scenario('the lock is sealed against it, and it never becomes a hold', async (sandbox) => {
    const lock = 'sealed';
    const witness = new Witness(sandbox.file('witness'));
    strikes.push({
      wire: near,
      lock,
      operation: 'acquire',
      fault: { kind: 'delay-request', ms: 10_000 },
      struck: false,
    });
    const client = sandbox.start([...running(lock), ...witness.command('client', 1)], account(near));
    const write = await crossing(near, lock, 'acquire');
    client.signal('SIGTERM');
    const { code, stderr } = await client.ended;
    expect(code).toBe(143);
    expect(stderr).toContain(
      `Cancelled by SIGTERM while waiting for lock "${lock}". Nothing is left behind.`,
    );
    // Nobody takes the lock meanwhile: only the seal stands against the write.
    expect(await recordOf(lock)).toMatchObject({ state: 'released', ended: { how: 'given-up' } });
    await write.over;
    expect(write.status).toBe(412);
    const rival = sandbox.start([...running(lock), ...witness.command('rival', 0.2)], account(far));
    expectSuccess('the rival', await rival.ended);
    expect(witness.stays().map(({ who, left }) => [who, left])).toEqual([['rival', true]]);
  });

  scenario('cut off from the store, it says that something may be held; that runs out', async (sandbox) => {
    const lock = 'unsealed';
    const witness = new Witness(sandbox.file('witness'));
    const wire = await newWire();
    wire.decide = (request) => {
      if (isAbout(lock, request) && operationOf(request) === 'acquire') wire.break();
      return undefined;
    };
    const client = sandbox.start([...running(lock), ...witness.command('client', 1)], account(wire));
    const write = await crossing(wire, lock, 'acquire');
    client.signal('SIGTERM');
    const signalledMs = systemClock.wallMs();
    const { code, stderr } = await client.ended;
    expect(code).toBe(143);
    // The runner kills what has not ended 7.5 s after its first signal.
    expect(systemClock.wallMs() - signalledMs).toBeLessThan(7_500);
    expect(stderr).toContain('if something is, it runs out by itself within 15s.');
    repair(wire);
    await write.over;
    const rival = sandbox.start([...running(lock), ...witness.command('rival', 0.2)], account(far));
    expectSuccess('the rival', await rival.ended);
    expect(witness.stays().map(({ who, left }) => [who, left])).toEqual([['rival', true]]);
    if (write.status === 200) {
      expect(stayOf(witness, 'rival').enteredMs - (write.answeredMs ?? 0)).toBeGreaterThan(
        STOLEN_AFTER_MS - GRAIN_MS,
      );
    }
    // The seal had been under way too: whichever of the two arrived first, the other found another version.
    expect(
      crossingsOf(wire, lock).filter(({ request, status }) => isWrite(request) && status === 200),
    ).toHaveLength(1);
  });
});

describe('a keeper', () => {
  scenario(
    'that is cut off for longer than the ttl: release says that the lease was lost, and touches no other',
    async (sandbox) => {
      const lock = 'kept';
      const wire = await newWire();
      const witness = new Witness(sandbox.file('witness'));
      const acquired = await sandbox.run(['acquire', lock, '--ttl', '15s'], account(wire));
      expectSuccess('acquire', acquired);
      const { lease } = JSON.parse(acquired.stdout);
      wire.break();
      const rival = sandbox.start([...running(lock), ...witness.command('rival', 8)], account(far));
      const { token } = await untilEntered(witness, 'rival');
      wire.mend();
      await allOver(wire, lock);
      const released = await sandbox.run(['release', lock, '--lease', lease], account(wire));
      expect(released.code).toBe(76);
      expect(released.stderr).toMatch(
        /was lost before it was released: .*Since then others may have held the lock\./,
      );
      expect(await recordOf(lock)).toMatchObject({ state: 'held', token });
      expectSuccess('the rival', await rival.ended);
      expect(stayOf(witness, 'rival').left).toBe(true);
    },
  );

  for (const [index, [name, fault]] of FAULTS.entries()) {
    if (!['cut-after-request', 'half-open', 'delay-answer'].includes(fault.kind)) continue;
    if ('ms' in fault && fault.ms === STALL_MS) continue;
    scenario(`whose renewal and whose release meet ${name}: both come to pass`, async (sandbox) => {
      const lock = `kept-${index}`;
      for (const operation of ['renew', 'release'] as const)
        strikes.push({ wire: near, lock, operation, fault, struck: false });
      const acquired = await sandbox.run(['acquire', lock, '--ttl', '15s'], account(near));
      const { lease, token } = JSON.parse(acquired.stdout);
      await systemClock.sleep(STOLEN_AFTER_MS);
      expect(await recordOf(lock)).toMatchObject({ state: 'held', token });
      expectSuccess('release', await sandbox.run(['release', lock, '--lease', lease], account(near)));
      expect(await recordOf(lock)).toMatchObject({ state: 'released', token });
      expect(crossingsOf(near, lock).filter(({ fault }) => fault)).toHaveLength(2);
    });
  }
});

describe('the action', () => {
  const WORK = { id: 'work', run: 'echo working' };

  function jobOver(wire: FaultyWire): Partial<JobSpec> {
    const { LEASEHOLD_STORE: _, ...env } = account(wire);
    return { env, processEnv: { HOME: temporary() } };
  }

  scenario('cancelled with its write under way: the late write finds the lock sealed', async () => {
    const lock = 'action-cancelled';
    strikes.push({
      wire: near,
      lock,
      operation: 'acquire',
      fault: { kind: 'delay-request', ms: 20_000 },
      struck: false,
    });
    const job = startWith([lockStep(storeBy(near), { name: lock }), WORK], jobOver(near));
    const write = await crossing(near, lock, 'acquire');
    job.cancel();
    const result = await job.done;
    expect(result.conclusion).toBe('cancelled');
    expect(said(result, 'error')).toContain(
      `Cancelled while waiting for lock "${lock}". Nothing is left behind.`,
    );
    const before = await recordOf(lock);
    expect(before).toMatchObject({ state: 'released' });
    await write.over;
    expect(write.status).toBe(412);
    expect(await recordOf(lock)).toEqual(before);
  });

  scenario('killed with its write under way: post seals the lock against it', async () => {
    const lock = 'action-killed';
    strikes.push({
      wire: near,
      lock,
      operation: 'acquire',
      fault: { kind: 'delay-request', ms: 20_000 },
      struck: false,
    });
    const job = startWith([lockStep(storeBy(near), { name: lock }), WORK], jobOver(near));
    const started = job.until('phase-start', ({ phase }) => phase === 'pre');
    const write = await crossing(near, lock, 'acquire');
    process.kill((await started).pid, 'SIGKILL');
    const result = await job.done;
    expect(result.conclusion).toBe('failure');
    expect(await recordOf(lock)).toMatchObject({ state: 'released', ended: { how: 'given-up' } });
    await write.over;
    expect(write.status).toBe(412);
  });

  scenario(
    'cut off for longer than the ttl: the job learns the loss, and the other is left alone',
    async (sandbox) => {
      const lock = 'action-cut-off';
      const wire = await newWire();
      const witness = new Witness(sandbox.file('witness'));
      const { folder, end } = await hold(storeBy(wire), { name: lock, 'on-lost': 'fail' }, jobOver(wire));
      wire.break();
      const brokenMs = systemClock.wallMs();
      const rival = sandbox.start([...running(lock), ...witness.command('rival', 10)], account(far));
      await until('the keeper gives up', () => readStatus(folder)?.state.kind === 'lost', TTL_MS);
      const { enteredMs } = await untilEntered(witness, 'rival');
      expect(enteredMs - brokenMs).toBeGreaterThan(BELIEVED_MS - 5_500);
      wire.mend();
      await allOver(wire, lock);
      const result = await end();
      expect(result.conclusion).toBe('failure');
      expect(said(result, 'error')).toMatch(
        /was lost while the job ran, at .*: no renewal got through for 1[3-5](\.\d)?s: /,
      );
      expectSuccess('the rival', await rival.ended);
      expect(stayOf(witness, 'rival').left).toBe(true);
    },
  );

  for (const [index, [name, fault]] of FAULTS.entries()) {
    if (!['cut-before-answer', 'half-open', 'delay-answer'].includes(fault.kind)) continue;
    scenario(`whose release meets ${name}: the job ends well, and the lock is free`, async () => {
      const lock = `action-release-${index}`;
      strikes.push({ wire: near, lock, operation: 'release', fault, struck: false });
      const result = await startWith([lockStep(storeBy(near), { name: lock }), WORK], jobOver(near)).done;
      expectCourse(result, NORMAL);
      expect(result.annotations).toEqual([]);
      expect(await recordOf(lock)).toMatchObject({ state: 'released', ended: { how: 'released' } });
    });
  }
});

/** How long the holder works: until a renewal is due and has failed; until the waiter has looked a second time. */
const SECONDS: Partial<Record<Operation, number>> = { renew: 9, poll: 6 };

describe.each(OPERATIONS)('%s meets, once,', (_, operation) => {
  for (const [index, [name, fault, told]] of FAULTS.entries()) {
    scenario(`${name}: ${operation}`, async (sandbox, later) => {
      const lock = `${operation}-${index}`;
      const witness = new Witness(sandbox.file('witness'));
      const wire = operation === 'poll' ? far : near;
      strikes.push({ wire, lock, operation, fault, struck: false });
      const work = witness.command('holder', SECONDS[operation] ?? 1);
      const startedMs = systemClock.wallMs();
      const holder = sandbox.start([...running(lock), ...work], account(near));
      await untilEntered(witness, 'holder');
      const rival = sandbox.start([...running(lock), ...witness.command('rival', 0.2)], account(far));
      const [held, waited] = await Promise.all([holder.ended, rival.ended]);

      expectSuccess('the holder', held);
      expectSuccess('the rival', waited);
      witness.expectAlone();
      const [first, second] = [stayOf(witness, 'holder'), stayOf(witness, 'rival')];
      expect(witness.stays()).toEqual([first, second]);
      expect([first.left, second.left]).toEqual([true, true]);
      expect(first.enteredMs - startedMs).toBeLessThan(HELD_UP_MS);
      // By one write: what had applied unseen was found, not taken for somebody else's.
      const applied = crossingsOf(near, lock, 'acquire').filter(({ status }) => status === 200);
      expect(applied.map(({ status }) => status)).toEqual([200]);
      // Not by the ttl: the release was one, also when its answer was lost.
      expect(second.enteredMs - first.lastSeenMs).toBeLessThan(HELD_UP_MS);
      if (told && (operation === 'look' || operation === 'poll')) {
        expect((operation === 'look' ? held : waited).stderr).toMatch(
          new RegExp(
            `could not read .* at 127\\.0\\.0\\.1.*(${told.source}|${SILENT.source}).*Trying again\\.`,
          ),
        );
      }

      const struck = wire.crossings.find(({ request, fault }) => fault && isAbout(lock, request));
      expect(struck?.fault).toBe(fault);
      const before = await recordOf(lock);
      expect(before).toMatchObject({ state: 'released', token: second.token });
      later(async () => {
        // What was held up arrives long after everybody has gone, and changes nothing.
        await struck?.over;
        expect(await recordOf(lock)).toEqual(before);
      });
    });
  }
});
