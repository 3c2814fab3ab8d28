import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  currentScope,
  identify,
  isAlive,
  type ProcessId,
  type ProcessScope,
} from '../../src/base/process.ts';
import {
  type Evidence,
  laterAttemptEvidence,
  processEvidence,
  type Verdict,
  weigh,
} from '../../src/lease/evidence.ts';
import type { Holder, LeaseRecord } from '../../src/lease/record.ts';
import { FakeLock, heldRecord, holderOf } from '../support/fake-lock.ts';
import { startUnderIdleParent, until } from '../support/fake-processes.ts';

const scope = currentScope();
if (!scope) throw new Error('these tests need /proc');
const here: ProcessScope = scope;

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(command: string): { child: ChildProcess; id: ProcessId } {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return { child, id: identify(child.pid ?? 0) };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function recordOf(holder: Partial<Holder>): LeaseRecord {
  return heldRecord({ holder: holderOf('b', holder) });
}

const recordWith = (...processes: ProcessId[]): LeaseRecord => recordOf({ ...here, processes });

describe('process evidence, about real processes', () => {
  const evidence = processEvidence(here);

  test('a running one is alive; once killed, the holder is finished', async () => {
    const { child, id } = start('exec sleep 60');
    const record = recordWith(id);
    expect(await evidence.check(record)).toEqual({
      kind: 'alive',
      detail: `its process ${id.pid} runs on this machine`,
    });
    await kill(child);
    expect(await evidence.check(record)).toEqual({
      kind: 'finished',
      proof: `its process ${id.pid} is gone`,
    });
  });

  test('a zombie, under a parent that does not wait, is finished', async () => {
    const { parent, pid } = await startUnderIdleParent();
    children.push(parent);
    const id = identify(pid);
    process.kill(id.pid, 'SIGKILL');
    await until(() => !isAlive(id));
    expect(await evidence.check(recordWith(id))).toEqual({
      kind: 'finished',
      proof: `its process ${id.pid} is gone`,
    });
  });

  test('a pid that was given anew is finished', async () => {
    const { id } = start('exec sleep 60');
    const before = { pid: id.pid, startTime: String(Number(id.startTime) - 100) };
    expect(await evidence.check(recordWith(before))).toMatchObject({ kind: 'finished' });
  });

  test('of several, one that lives is enough to be alive', async () => {
    const [first, second] = [start('exec sleep 60'), start('exec sleep 60')];
    const record = recordWith(first.id, second.id);
    await kill(first.child);
    expect(await evidence.check(record)).toMatchObject({ kind: 'alive' });
    await kill(second.child);
    expect(await evidence.check(record)).toMatchObject({ kind: 'finished' });
  });

  test.each<[string, Partial<Holder>]>([
    ['another boot', { ...here, bootId: 'another' }],
    ['another container', { ...here, pidNamespace: 'pid:[1]' }],
    ['a clone of this machine', { ...here, host: 'another' }],
    ['an unknown boot', { pidNamespace: here.pidNamespace, host: here.host }],
    ['an unknown namespace', { bootId: here.bootId, host: here.host }],
  ])('a dead pid of %s is no proof', async (_, where) => {
    const { child, id } = start('exec sleep 60');
    await kill(child);
    expect(await evidence.check(recordOf({ ...where, processes: [id] }))).toMatchObject({ kind: 'unknown' });
  });

  test('no process in the record, or no scope of our own, is no proof', async () => {
    expect(await evidence.check(recordOf({ ...here }))).toMatchObject({ kind: 'unknown' });
    expect(await evidence.check(recordOf({ ...here, processes: [] }))).toMatchObject({ kind: 'unknown' });
    expect(await processEvidence(undefined).check(recordWith({ pid: 2 ** 22 }))).toMatchObject({
      kind: 'unknown',
    });
  });

  test('a waiter steals from a holder that was killed, and from no other', async () => {
    const lock = await FakeLock.trusted();
    const { child, id } = start('exec sleep 60');
    await lock.acquired({ holder: holderOf('b', { ...here, processes: [id] }) });
    const request = { stalePolicy: 'holder-finished', evidence: [evidence], waitTimeoutMs: 0 } as const;
    expect(await lock.acquire(request)).toMatchObject({ kind: 'busy' });
    await kill(child);
    expect(await lock.acquire(request)).toMatchObject({
      kind: 'acquired',
      stolen: { because: 'holder-finished', proof: `its process ${id.pid} is gone` },
    });
  });
});

describe('a later attempt of the same run', () => {
  const run = { runId: '42', repository: 'octo/app', runUrl: 'https://github.com/octo/app/actions/runs/42' };
  const asking = holderOf('a', { ...run, runAttempt: 2 });

  test.each<[string, Partial<Holder>, Verdict['kind']]>([
    ['an earlier attempt has ended', { ...run, runAttempt: 1 }, 'finished'],
    ['the same attempt may be another job', { ...run, runAttempt: 2 }, 'unknown'],
    ['a later attempt proves nothing to an earlier one', { ...run, runAttempt: 3 }, 'unknown'],
    ['an attempt without a number', run, 'unknown'],
    ['another run', { ...run, runId: '41', runAttempt: 1 }, 'unknown'],
    ['a run of another repository', { ...run, repository: 'octo/web', runAttempt: 1 }, 'unknown'],
    [
      'a run of another server',
      { ...run, runUrl: 'https://ghe.example/octo/app/actions/runs/42', runAttempt: 1 },
      'unknown',
    ],
    ['a run whose server is not known', { runId: '42', repository: 'octo/app', runAttempt: 1 }, 'unknown'],
    ['a run whose repository is not known', { runId: '42', runUrl: run.runUrl, runAttempt: 1 }, 'unknown'],
    ['no run', {}, 'unknown'],
  ])('%s', async (_, holder, kind) => {
    expect((await laterAttemptEvidence(asking).check(recordOf(holder))).kind).toBe(kind);
  });

  test('two runs of another system that number theirs alike are not one', async () => {
    const elsewhere = holderOf('a', { runId: '42', runAttempt: 2 });
    expect(
      await laterAttemptEvidence(elsewhere).check(recordOf({ runId: '42', runAttempt: 1 })),
    ).toMatchObject({ kind: 'unknown' });
    const nameless = { runId: '42', runUrl: run.runUrl };
    expect(
      await laterAttemptEvidence(holderOf('a', { ...nameless, runAttempt: 2 })).check(
        recordOf({ ...nameless, runAttempt: 1 }),
      ),
    ).toMatchObject({ kind: 'unknown' });
    const badUrl = { ...run, runUrl: 'not a url' };
    expect(
      await laterAttemptEvidence(holderOf('a', { ...badUrl, runAttempt: 2 })).check(
        recordOf({ ...badUrl, runAttempt: 1 }),
      ),
    ).toMatchObject({ kind: 'unknown' });
  });

  test('one who asks without an attempt proves nothing', async () => {
    expect(
      await laterAttemptEvidence(holderOf('a', run)).check(recordOf({ ...run, runAttempt: 1 })),
    ).toMatchObject({ kind: 'unknown' });
  });
});

describe('weighing', () => {
  const says = (verdict: Verdict): Evidence => ({ name: verdict.kind, check: async () => verdict });
  const finished = says({ kind: 'finished', proof: 'p' });
  const alive = says({ kind: 'alive', detail: 'it runs' });
  const [unknown, unsure] = [
    says({ kind: 'unknown', detail: '403' }),
    says({ kind: 'unknown', detail: 'elsewhere' }),
  ];

  test.each<[string, Evidence[], Verdict]>([
    ['nothing to ask', [], { kind: 'unknown', detail: 'no evidence to ask' }],
    ['no answers', [unknown, unsure], { kind: 'unknown', detail: '403; elsewhere' }],
    ['one that knows it alive', [unknown, alive], { kind: 'alive', detail: 'it runs' }],
    [
      'who knows it alive is believed before who comes after',
      [alive, finished],
      { kind: 'alive', detail: 'it runs' },
    ],
    [
      'a proof is believed before a sign of life that comes after',
      [finished, alive],
      { kind: 'finished', proof: 'p' },
    ],
    ['no answer is no proof', [unknown, finished], { kind: 'finished', proof: 'p' }],
  ])('%s', async (_, evidence, expected) => {
    expect(await weigh(evidence, heldRecord())).toEqual(expected);
  });

  test.each([finished, alive])('nobody is asked after one that knows: $name', async (knows) => {
    const never: Evidence = { name: 'never', check: () => Promise.reject(new Error('asked')) };
    expect(await weigh([knows, never], heldRecord())).toMatchObject({ kind: knows.name });
  });
});
