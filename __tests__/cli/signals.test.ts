import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { builtModule } from '../support/built.ts';

const onPosix = process.platform === 'win32' ? test.skip : test;

// A signal is told by the event loop, some time after it came in: here always after the change of hands.
onPosix('a signal that comes in just before its handler changes is told to the new one', async () => {
  const script = `
    import { Cancellation } from '${builtModule('cli/signals.js')}';
    const signals = new Cancellation();
    process.kill(process.pid, 'SIGTERM');
    signals.on('SIGTERM', () => console.log('told'));
    setTimeout(() => signals.close(), 500);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(stdout).toBe('told\n');
});
