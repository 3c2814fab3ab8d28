import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { identify, isAlive } from '../../src/base/process.ts';
import { commandVeto } from '../../src/lease/veto.ts';
import { heldRecord } from '../support/fake-lock.ts';
import { until } from '../support/fake-processes.ts';

const record = heldRecord();

async function timed<T>(work: Promise<T>): Promise<{ answer: T; tookMs: number }> {
  const startMs = systemClock.monotonicMs();
  const answer = await work;
  return { answer, tookMs: systemClock.monotonicMs() - startMs };
}

describe('the on-stale command, run for real', () => {
  test.each<[string, string, boolean, string | RegExp]>([
    ['exit 0 allows', 'exit 0', true, 'exit status 0'],
    ['exit 1 forbids', 'exit 1', false, 'exit status 1'],
    ['any other status forbids', 'exit 75', false, 'exit status 75'],
    [
      'a command that is not there forbids',
      'leasehold-no-such-command',
      false,
      /^exit status 127: .*not found/,
    ],
    ['a command that kills itself forbids', 'kill -TERM $$', false, /^ended by SIGTERM/],
    [
      'what it said last is told',
      'echo one; echo still deploying; exit 1',
      false,
      'exit status 1: still deploying',
    ],
    [
      'so is what it said to standard error',
      'echo still deploying >&2; exit 1',
      false,
      'exit status 1: still deploying',
    ],
    [
      'what it said is neutralised',
      "printf '##[error]x\\033[2J'; exit 1",
      false,
      'exit status 1: ##\\u005berror]x\\u001b[2J',
    ],
    [
      'a carriage return does not hide a command',
      "printf 'a\\r::error::b'; exit 1",
      false,
      /^exit status 1: [^\r]*$/,
    ],
    ['it need not read the record', 'exec 0<&-; exit 0', true, 'exit status 0'],
    [
      'it may say a great deal',
      'yes no | head -c 3000000; echo; echo end; exit 3',
      false,
      'exit status 3: end',
    ],
  ])('%s', async (_, command, allowed, detail) => {
    const answer = await commandVeto(command)(record);
    expect(answer.allowed).toBe(allowed);
    expect(answer.detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
  });

  test('gets the record as JSON on its standard input', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'veto-'));
    try {
      const file = join(folder, 'record.json');
      expect(await commandVeto(`cat > '${file}'`)(record)).toMatchObject({ allowed: true });
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(record);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a command that takes too long is killed and forbids', async () => {
    const { answer, tookMs } = await timed(commandVeto('exec sleep 20', 200)(record));
    expect(answer).toEqual({ allowed: false, detail: 'ended by SIGKILL, limit 200ms' });
    expect(tookMs).toBeLessThan(5_000);
  });

  test('a daemon that it leaves behind with its output is not waited for', async () => {
    const { answer, tookMs } = await timed(commandVeto('setsid sleep 30 & echo $!; sleep 0.3')(record));
    expect(answer).toMatchObject({ allowed: true });
    expect(tookMs).toBeLessThan(5_000);
    const daemon = identify(Number(answer.detail.split(' ').at(-1)));
    expect(isAlive(daemon)).toBe(true);
    process.kill(daemon.pid);
  });

  test('so is what it started itself, which would hold on to the pipes', async () => {
    const { answer, tookMs } = await timed(commandVeto('sleep 20 & echo $!; sleep 20; exit 0', 200)(record));
    expect(answer.allowed).toBe(false);
    expect(answer.detail).toMatch(/^ended by SIGKILL, limit 200ms: \d+$/);
    expect(tookMs).toBeLessThan(5_000);
    const child = identify(Number(answer.detail.split(' ').at(-1)));
    await until(() => !isAlive(child));
  });

  test('a process left in the background does not hold up the answer', async () => {
    const { answer, tookMs } = await timed(commandVeto('sleep 20 & exit 0')(record));
    expect(answer.allowed).toBe(true);
    expect(tookMs).toBeLessThan(5_000);
  });

  test('a cancelled wait ends the command and forbids', async () => {
    const cancel = new AbortController();
    const asking = timed(commandVeto('sleep 20; exit 0')(record, cancel.signal));
    await systemClock.sleep(100);
    cancel.abort();
    const { answer, tookMs } = await asking;
    expect(answer.allowed).toBe(false);
    expect(tookMs).toBeLessThan(5_000);
  });
});
