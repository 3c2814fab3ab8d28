import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { Guard } from '../../src/cli/guard.ts';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const { PATH } = process.env;
afterEach(() => {
  process.env.PATH = PATH;
});

/** How long a command lives that would run for a minute, and may for 1.9 s. */
async function lifeMs(): Promise<number> {
  const guard = Guard.start('group', 'exact');
  if (!guard) throw new Error('there is no /bin/sh');
  const { argv, pipe } = guard.launch(['/bin/sleep', '60']);
  const [program, ...words] = argv;
  const startedMs = systemClock.monotonicMs();
  guard.extend(1_900);
  const command = spawn(program, words, { detached: true, stdio: ['ignore', 'ignore', 'ignore', pipe] });
  await once(command, 'exit');
  const endedMs = systemClock.monotonicMs();
  expect(await guard.dismiss()).toEqual({ fired: true });
  return endedMs - startedMs;
}

onPosix('a guard kills the command', () => {
  // A renewal that hangs must be found out by leasehold itself, which ends the command politely: that takes until shortly
  // before the ttl is over.
  test('when its time is over, not at the last whole second before', async () => {
    expect(await lifeMs()).toBeGreaterThanOrEqual(1_900);
  });

  test('at the last whole second before, where sleep knows no others', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-guard-'));
    const sleep = join(folder, 'sleep');
    writeFileSync(sleep, '#!/bin/sh\ncase $1 in *.*) exit 1 ;; esac\nexec /bin/sleep "$1"\n');
    chmodSync(sleep, 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    const ms = await lifeMs();
    rmSync(folder, { recursive: true });
    expect(ms).toBeGreaterThanOrEqual(1_000);
    expect(ms).toBeLessThan(1_900);
  });
});
