import { systemClock } from '../base/clock.ts';
import { killWithin } from '../base/process.ts';
import { systemRandom } from '../base/random.ts';
import { UsageError } from '../base/usage-error.ts';
import { isStoreError } from '../lease/context.ts';
import { help } from './help.ts';
import { type Cli, fail, messageLines } from './io.ts';
import { type Invocation, parseInvocation, wantsJson } from './options.ts';
import { version } from './version.ts';

const { stdout, stderr } = process;

// Whoever reads may stop reading (`| head`); that must not end what runs under a lock.
for (const stream of [stdout, stderr]) stream.on('error', () => {});

const cli: Cli = {
  environment: process.env,
  clock: systemClock,
  random: systemRandom,
  print: (line) => stdout.write(`${line}\n`),
  say: (line) => stderr.write(`${line}\n`),
  ...(stderr.isTTY && process.env.TERM !== 'dumb'
    ? { screen: { write: (text: string) => stderr.write(text), columns: () => stderr.columns } }
    : {}),
};

/** Every command is loaded when it is asked for. */
async function dispatch(invocation: Invocation): Promise<number> {
  switch (invocation.kind) {
    case 'version':
      cli.print(version());
      return 0;
    case 'help':
      cli.print(help(invocation.command, Math.min(stdout.columns ?? 100, 100)));
      return 0;
    case 'run':
      return (await import('./commands/run.ts')).run(cli, invocation.options);
    case 'acquire':
      return (await import('./commands/acquire.ts')).acquire(cli, invocation.options);
    case 'reserve':
      return (await import('./commands/reserve.ts')).reserve(cli, invocation.options);
    case 'release':
      return (await import('./commands/release.ts')).release(cli, invocation.options);
    case 'status':
      return (await import('./commands/status.ts')).status(cli, invocation.options);
    case 'history':
      return (await import('./commands/history.ts')).history(cli, invocation.options);
    case 'list':
      return (await import('./commands/list.ts')).list(cli, invocation.options);
    case 'break':
      return (await import('./commands/break.ts')).breakLock(cli, invocation.options);
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(cli, invocation.options);
    case 'run-protocol':
      return (await import('./protocol/run.ts')).runUnder(cli, invocation.options);
    case 'acquire-protocol':
      return (await import('./protocol/acquire.ts')).acquireHeld(cli, invocation.options);
    case 'release-protocol':
      return (await import('./protocol/release.ts')).releaseHeld(cli, invocation.options);
    case 'status-protocol':
      return (await import('./protocol/status.ts')).statusOf(cli, invocation.options);
    case 'break-protocol':
      return (await import('./protocol/break.ts')).breakHeld(cli, invocation.options);
  }
}

function failWith(error: unknown, json: boolean): number {
  if (error instanceof UsageError) {
    return fail(cli, json, { kind: 'usage', lines: messageLines(error.message) });
  }
  if (isStoreError(error)) return fail(cli, json, { kind: error.kind, lines: messageLines(error.message) });
  if (error instanceof Error && error.name === 'KeeperError') {
    return fail(cli, json, { kind: 'defect', lines: messageLines(error.message) });
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return fail(cli, json, { kind: 'defect', lines: messageLines(`Leasehold failed: ${detail}`) });
}

/** Nothing but a call that hangs takes that long after all is done. */
const END_WITHIN_MS = 5_000;

const argv = process.argv.slice(2);
try {
  process.exitCode = await dispatch(parseInvocation(argv, cli.environment));
} catch (error) {
  process.exitCode = failWith(error, wantsJson(argv));
}
// Counted from when the reader has all that was printed: it may be a pager.
stdout.write('', () => {
  killWithin(END_WITHIN_MS, () => {
    cli.say(
      `leasehold: A call to the store still hangs, so this process is killed. Its exit code would have been ${process.exitCode}.`,
    );
  });
});
