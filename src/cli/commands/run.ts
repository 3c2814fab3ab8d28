import { instantOf, withTimeout } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { identify } from '../../base/process.ts';
import { sanitise } from '../../base/sanitise.ts';
import { isStoreError } from '../../lease/context.ts';
import { describeLoss } from '../../lease/describe.ts';
import { type Keeping, keep } from '../../lease/keeper.ts';
import { aloneUntilMs, type Lease, type LossCause } from '../../lease/lease.ts';
import { CommandProcess } from '../child.ts';
import type { Acquired, LockEvent } from '../events.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { Guard, type Reach } from '../guard.ts';
import { type Cli, sayError } from '../io.ts';
import { Memory } from '../memory.ts';
import type { RunOptions } from '../options.ts';
import { Reporter } from '../reporter.ts';
import { Cancellation, passOn } from '../signals.ts';
import { cancelled, takeLock } from '../take.ts';

/** How long before the end of the ttl the command is killed, so that it is over by then on a machine that is busy. */
const KILL_AHEAD_MS = 250;
/** What a command gets to end in order when its lease is lost. */
const GRACE_MS = 5_000;
const RELEASE_WITHIN_MS = 10_000;
const FREE_WITHIN_MS = 2_000;

/**
 * Runs a command under the lock.
 * @returns the command's exit code, or that of what went wrong; see docs/cli.md
 * @throws StoreError when the lock could not be taken
 */
export async function run(cli: Cli, options: RunOptions): Promise<number> {
  const cancellation = new Cancellation();
  const reporter = new Reporter(cli, options);
  // At a terminal the command stays in our process group: another one could not read what is typed, nor ask for a
  // password, nor be stopped with Ctrl-Z.
  const reach: Reach = process.stdin.isTTY ? 'tree' : 'group';
  const guard = Guard.start(reach, options.name);
  try {
    const processes = [identify(process.pid), ...(guard ? [guard.id] : [])];
    const taken = await takeLock(cli, options, { processes, cancellation, reporter });
    if (taken.kind === 'not-taken') return taken.exitCode;
    return await new Hold(cli, options, { taken, reach, guard, reporter }).run(cancellation);
  } finally {
    await guard?.dismiss();
    cancellation.close();
    await reporter.told;
  }
}

interface Held {
  readonly taken: Acquired;
  readonly reach: Reach;
  readonly guard: Guard | undefined;
  readonly reporter: Reporter;
}

/** A lease with the command that runs under it. */
class Hold {
  readonly #cli: Cli;
  readonly #options: RunOptions;
  readonly #held: Held;
  readonly #lease: Lease;
  readonly #memory: Memory;

  constructor(cli: Cli, options: RunOptions, held: Held) {
    this.#cli = cli;
    this.#options = options;
    this.#held = held;
    this.#lease = held.taken.lease;
    this.#memory = new Memory(held.taken);
  }

  async run(signals: Cancellation): Promise<number> {
    try {
      return await this.#run(signals);
    } finally {
      await this.#memory.written;
    }
  }

  async #run(signals: Cancellation): Promise<number> {
    const { guard, reporter } = this.#held;
    const lease = this.#lease;
    const stop = new AbortController();
    const keeping = keep(lease, {
      signal: stop.signal,
      onRenewed: (lateMs) => {
        guard?.extend(this.#leftMs());
        if (lateMs !== undefined) reporter.tell({ kind: 'renewed-late', lateMs });
      },
      onTrouble: (error) => reporter.tell({ kind: 'renewal-trouble', error }),
    });
    guard?.extend(this.#leftMs());
    let command: CommandProcess | undefined;
    try {
      if (!(await this.#believes(keeping))) {
        const end = await keeping.ended;
        const cause = end.kind === 'lost' ? end.cause : this.#overslept();
        await guard?.dismiss();
        reporter.notify(this.#loss(cause));
        return this.#failLost(cause, 'The command was not run.', exitCodeOf('lost'));
      }
      if (signals.received) {
        stop.abort();
        await keeping.ended;
        return await this.#giveBack(signals.received);
      }
      command = this.#start();
      // What it was told before counts from the moment at which it hears of the command.
      guard?.extend(this.#leftMs());
      passOn(signals, command, this.#held.reach);
      void guard?.killed.then(() => reporter.tell({ kind: 'unguarded' }));
      const code = await Promise.race([command.ended, keeping.ended.then(() => undefined)]);
      stop.abort();
      const end = await keeping.ended;
      if (end.kind === 'lost') return await this.#lose(command, end.cause);
      const dismissed = await guard?.dismiss();
      if (dismissed?.fired) return await this.#lose(command, this.#overslept());
      if (command.failure !== undefined) this.#cli.say(`leasehold: ${sanitise(command.failure)}`);
      return await this.#release(code ?? 0);
    } catch (error) {
      // Whatever went wrong: no command without its lock, and no lock that is renewed for nothing.
      stop.abort();
      await command?.terminate(0, this.#cli.clock);
      throw error;
    }
  }

  /** Between the acquisition and now the machine may have slept: the late renewal then decides whether the command begins. */
  async #believes({ lost }: Keeping): Promise<boolean> {
    const { clock } = this.#cli;
    while (!this.#lease.believes(instantOf(clock))) {
      if (lost.aborted) return false;
      await clock.sleep(20, lost);
    }
    return true;
  }

  /** A signal came before the command did. */
  async #giveBack(signal: NodeJS.Signals): Promise<number> {
    let mayBeHeld = false;
    try {
      await this.#lease.release(this.#cli.clock.monotonicMs() + RELEASE_WITHIN_MS);
    } catch (error) {
      if (!isStoreError(error)) throw error;
      mayBeHeld = true;
    }
    return cancelled(this.#cli, this.#options, { signal, mayBeHeld });
  }

  #start(): CommandProcess {
    const { reach, guard } = this.#held;
    const lease = this.#lease;
    return CommandProcess.start(this.#options.command, {
      reach,
      guard,
      environment: {
        ...this.#cli.environment,
        LEASEHOLD_TOKEN: String(lease.token),
        LEASEHOLD_LEASE: lease.id,
        LEASEHOLD_NAME: lease.lock.name,
      },
    });
  }

  /** Until the command must be over, by the clock that stands still with all processes while the machine sleeps. */
  #leftMs(): number {
    const { snapshot, timing } = this.#lease;
    return snapshot.sentAt.monotonicMs + timing.ttlMs - KILL_AHEAD_MS - this.#cli.clock.monotonicMs();
  }

  #overslept(): LossCause {
    const { ttlMs } = this.#lease.timing;
    return {
      kind: 'unreachable',
      detail: `no renewal was made for ${formatDuration(ttlMs)}, since leasehold was stopped`,
    };
  }

  async #lose(command: CommandProcess, cause: LossCause): Promise<number> {
    this.#held.reporter.tell(this.#loss(cause));
    await command.terminate(graceMs(cause, this.#leftMs()), this.#cli.clock);
    if (!isGone(cause)) await this.#freeEarly();
    return this.#failLost(cause, 'The command under it was stopped.', exitCodeOf('lost'));
  }

  /** What we had to give up on may still stand in the store; then nobody needs to wait until it runs out. Best effort. */
  async #freeEarly(): Promise<void> {
    const { clock } = this.#cli;
    const untilMs = clock.monotonicMs() + FREE_WITHIN_MS;
    try {
      await withTimeout(clock, FREE_WITHIN_MS, undefined, (signal) => this.#lease.release(untilMs, signal));
    } catch (error) {
      if (!isStoreError(error)) throw error;
    }
  }

  #loss(cause: LossCause): Extract<LockEvent, { kind: 'lost' }> {
    const { snapshot, token, timing } = this.#lease;
    const { sentAt } = snapshot;
    const aloneMs = aloneUntilMs(cause, { sentAt, token }, { timing, nowMs: this.#cli.clock.wallMs() });
    return { kind: 'lost', token, cause, aloneUntilMs: aloneMs };
  }

  #failLost(cause: LossCause, consequence: string, exitCode: number): number {
    this.#memory.add(cause);
    sayError(this.#cli, this.#options.json, {
      kind: 'lost',
      exitCode,
      lines: [`The lease of lock "${this.#options.name}" was lost: ${describeLoss(cause)}. ${consequence}`],
      details: { cause },
    });
    return exitCode;
  }

  /** A command that failed says more by its own exit code than we could about the lock. */
  async #release(code: number): Promise<number> {
    const { reporter } = this.#held;
    const lease = this.#lease;
    const { clock } = this.#cli;
    try {
      const outcome = await lease.release(clock.monotonicMs() + RELEASE_WITHIN_MS);
      if (outcome.kind === 'lost') {
        reporter.notify(this.#loss(outcome.cause));
        return this.#failLost(
          outcome.cause,
          'That came to light only when the command had ended: others may have run beside it.',
          code === 0 ? exitCodeOf('lost') : code,
        );
      }
      this.#memory.add('released');
      reporter.tell({ kind: 'released', token: lease.token, heldMs: this.#memory.heldMs });
      return code;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      const exitCode = code === 0 ? exitCodeOf('not-released') : code;
      sayError(this.#cli, this.#options.json, {
        kind: 'not-released',
        exitCode,
        lines: [
          `The command ended with ${code}, but lock "${this.#options.name}" could not be released: ${sanitise(error.message)}`,
          `Its lease runs out by itself within ${formatDuration(lease.timing.ttlMs)}.`,
        ],
      });
      return exitCode;
    }
  }
}

/**
 * How long the command may take to end. A lease that nobody else can have yet must be over before its ttl is; of one that
 * is somebody else's already, an orderly end is the best that is left.
 */
export function graceMs(cause: LossCause, leftMs: number): number {
  return isGone(cause) ? GRACE_MS : Math.min(Math.max(leftMs, 0), GRACE_MS);
}

/** Whether the lock is known to be free, or somebody else's. */
function isGone(cause: LossCause): boolean {
  switch (cause.kind) {
    case 'stolen':
    case 'broken':
    case 'expired':
    case 'released':
    case 'missing':
      return true;
    case 'unreachable':
    case 'refused':
    case 'max-hold':
      return false;
  }
}
