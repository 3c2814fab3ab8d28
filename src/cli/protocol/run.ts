import { type Instant, instantOf } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { identify } from '../../base/process.ts';
import { quote, sanitise } from '../../base/sanitise.ts';
import { describeSelf } from '../../lease/self.ts';
import { describeLeftBehind, describeLossCause } from '../../protocols/describe.ts';
import { type KeepEnd, keepHold, releaseWithin } from '../../protocols/keep.ts';
import { causeDocument } from '../../protocols/notify.ts';
import { type Hold, type Protocol, ProtocolError } from '../../protocols/protocol.ts';
import { CommandProcess } from '../child.ts';
import { exitCodeOf } from '../exit-codes.ts';
import { Guard, type Reach } from '../guard.ts';
import { type Cli, sayError } from '../io.ts';
import type { ProtocolRunOptions } from '../protocol-options.ts';
import { Cancellation, passOn } from '../signals.ts';
import type { ProtocolAcquired, ProtocolLoss } from './events.ts';
import { openFor } from './open.ts';
import { ProtocolReporter } from './reporter.ts';
import { cancelledWait, takeFor } from './take.ts';

/** How long before the end of the ttl the command is killed, so that it is over by then on a machine that is busy. */
const KILL_AHEAD_MS = 250;
/** What a command gets to end in order when its lock is lost. */
const GRACE_MS = 5_000;
const RELEASE_WITHIN_MS = 10_000;
const FREE_WITHIN_MS = 2_000;
const SIGNALS_WITHIN_MS = 20;

/**
 * Runs a command under the lock of another program. The record names this process, which lives as long as the command.
 * @returns the command's exit code, or that of what went wrong; see docs/cli.md
 * @throws ProtocolError when the lock could not be taken
 */
export async function runUnder(cli: Cli, options: ProtocolRunOptions): Promise<number> {
  const protocol = await openFor(cli, options);
  const cancellation = new Cancellation();
  const reporter = new ProtocolReporter(cli, options, {
    protocol,
    self: describeSelf(cli.environment, {
      leaseId: cli.random.hex(16),
      ownerId: options.ownerId,
      ...(options.reason ? { reason: options.reason } : {}),
      processes: [identify(process.pid)],
    }),
    signal: cancellation.signal,
  });
  // At a terminal the command stays in our process group, as for leases.
  const reach: Reach = process.stdin.isTTY ? 'tree' : 'group';
  const guard = Guard.start(reach, sanitise(options.path));
  try {
    const taken = await takeFor(cli, options, { protocol, cancellation, reporter });
    if (taken.kind === 'not-taken') return taken.exitCode;
    const around = { taken, protocol, reach, guard, reporter };
    return await new CommandUnderLock(cli, options, around).run(cancellation);
  } finally {
    await guard?.dismiss();
    cancellation.close();
    await reporter.told;
  }
}

interface Around {
  readonly taken: ProtocolAcquired;
  readonly protocol: Protocol;
  readonly reach: Reach;
  readonly guard: Guard | undefined;
  readonly reporter: ProtocolReporter;
}

/** A hold with the command that runs under it. */
class CommandUnderLock {
  readonly #cli: Cli;
  readonly #options: ProtocolRunOptions;
  readonly #around: Around;
  readonly #hold: Hold;
  readonly #acquiredMs: number;
  /** From when on its ttl counts. */
  #renewedAt: Instant;

  constructor(cli: Cli, options: ProtocolRunOptions, around: Around) {
    this.#cli = cli;
    this.#options = options;
    this.#around = around;
    this.#hold = around.taken.hold;
    this.#renewedAt = around.taken.triedAt;
    this.#acquiredMs = cli.clock.monotonicMs();
  }

  async run(signals: Cancellation): Promise<number> {
    const { guard, reporter } = this.#around;
    this.#extend();
    const loss = (await this.#delay(signals.signal)) ?? (await this.#renewIfLate());
    if (loss) {
      await guard?.dismiss();
      reporter.notify(loss);
      if (loss.cause.kind !== 'compromised') await this.#freeEarly();
      return this.#failLost(loss, 'The command was not run.', exitCodeOf('lost'));
    }
    if (signals.received) return this.#giveBack(signals.received);
    const stop = new AbortController();
    const keeping = this.#keep(stop.signal);
    let command: CommandProcess | undefined;
    try {
      command = this.#start();
      // What it was told before counts from the moment at which it hears of the command.
      this.#extend();
      passOn(signals, command, this.#around.reach);
      void guard?.killed.then(() => reporter.tell({ kind: 'unguarded' }));
      const code = await Promise.race([command.ended, keeping.then(() => undefined)]);
      stop.abort();
      const end = await keeping;
      if (end.kind === 'lost') return await this.#lose(command, end);
      const dismissed = await guard?.dismiss();
      if (dismissed?.fired) return await this.#lose(command, this.#overslept());
      if (command.failure !== undefined) this.#cli.say(`leasehold: ${sanitise(command.failure)}`);
      return await this.#release(code ?? 0);
    } catch (error) {
      // Whatever went wrong: no command without its lock, and no lock that is kept for nothing.
      stop.abort();
      await command?.terminate(0, this.#cli.clock);
      await this.#freeEarly();
      throw error;
    }
  }

  #keep(signal: AbortSignal): Promise<KeepEnd> {
    return keepHold(this.#hold, {
      clock: this.#cli.clock,
      signal,
      since: this.#renewedAt,
      onRenewed: (at) => {
        this.#renewedAt = at;
        this.#extend();
      },
      onTrouble: (error) => this.#around.reporter.tell({ kind: 'renewal-trouble', error }),
    });
  }

  /** Until the command must be over, where others may take the lock after a time. */
  #leftMs(): number {
    const { ttlMs } = this.#hold.holding;
    if (ttlMs === undefined || !this.#hold.renew) return Number.POSITIVE_INFINITY;
    return this.#renewedAt.monotonicMs + ttlMs - KILL_AHEAD_MS - this.#cli.clock.monotonicMs();
  }

  #extend(): void {
    const leftMs = this.#leftMs();
    if (Number.isFinite(leftMs)) this.#around.guard?.extend(leftMs);
  }

  /** What was taken over is held for a while before it is entered, where that is asked for. */
  async #delay(cancelled: AbortSignal): Promise<ProtocolLoss | undefined> {
    const { lockDelayMs } = this.#options;
    if (lockDelayMs === 0 || !this.#around.taken.took) return undefined;
    const over = new AbortController();
    const keeping = this.#keep(over.signal);
    const signal = AbortSignal.any([over.signal, cancelled]);
    await Promise.race([this.#cli.clock.sleep(lockDelayMs, signal), keeping]);
    over.abort();
    const end = await keeping;
    return end.kind === 'lost' ? end : undefined;
  }

  /** Between the acquisition and now the machine may have slept: then a renewal decides whether the command begins. */
  async #renewIfLate(): Promise<ProtocolLoss | undefined> {
    const { ttlMs = 0 } = this.#hold.holding;
    const { clock } = this.#cli;
    const at = instantOf(clock);
    if (!this.#hold.renew || at.wallMs - this.#renewedAt.wallMs < ttlMs / 2) return undefined;
    try {
      const check = await this.#hold.renew();
      if (check.kind === 'compromised')
        return { kind: 'lost', cause: check, aloneUntilMs: this.#renewedAt.wallMs + ttlMs };
    } catch (error) {
      await this.#freeEarly();
      throw error;
    }
    this.#renewedAt = at;
    // Signals of that time are told only when this process comes to itself.
    await clock.sleep(SIGNALS_WITHIN_MS);
    return undefined;
  }

  /** A signal came before the command did. */
  async #giveBack(signal: NodeJS.Signals): Promise<number> {
    let left: string | undefined;
    try {
      await releaseWithin(this.#hold, this.#cli.clock, RELEASE_WITHIN_MS);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      left = `It could not be given back: ${sanitise(error.message)} ${this.#leftBehind()}`;
    }
    return cancelledWait(this.#cli, this.#options, signal, left);
  }

  #start(): CommandProcess {
    const { reach, guard } = this.#around;
    const { protocol, path, command } = this.#options;
    return CommandProcess.start(command, {
      reach,
      guard,
      environment: { ...this.#cli.environment, LEASEHOLD_PROTOCOL: protocol, LEASEHOLD_PATH: path },
    });
  }

  #overslept(): ProtocolLoss {
    const { ttlMs = 0 } = this.#hold.holding;
    const detail = `no renewal was made for ${formatDuration(ttlMs)}, since leasehold was stopped`;
    return {
      kind: 'lost',
      cause: { kind: 'unreachable', detail },
      aloneUntilMs: this.#renewedAt.wallMs + ttlMs,
    };
  }

  async #lose(command: CommandProcess, loss: ProtocolLoss): Promise<number> {
    this.#around.reporter.tell(loss);
    // What is somebody else's already leaves time for an orderly end; what can't be renewed must be over with its ttl.
    const compromised = loss.cause.kind === 'compromised';
    const graceMs = compromised ? GRACE_MS : Math.min(Math.max(this.#leftMs(), 0), GRACE_MS);
    await command.terminate(graceMs, this.#cli.clock);
    if (!compromised) await this.#freeEarly();
    return this.#failLost(loss, 'The command under it was stopped.', exitCodeOf('lost'));
  }

  /** What we had to give up on may still be ours; then nobody needs to wait for its end. Best effort. */
  async #freeEarly(): Promise<void> {
    try {
      await releaseWithin(this.#hold, this.#cli.clock, FREE_WITHIN_MS);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #failLost({ cause }: ProtocolLoss, consequence: string, exitCode: number): number {
    const { protocol, path, json } = this.#options;
    sayError(this.#cli, json, {
      kind: 'lost',
      exitCode,
      lines: [`Lock ${quote(path)} was lost: ${describeLossCause(cause)}. ${consequence}`],
      details: { cause: causeDocument(protocol, cause) },
    });
    return exitCode;
  }

  /** A command that failed says more by its own exit code than we could about the lock. */
  async #release(code: number): Promise<number> {
    const { reporter } = this.#around;
    const { clock } = this.#cli;
    try {
      const check = await releaseWithin(this.#hold, clock, RELEASE_WITHIN_MS);
      if (check.kind === 'ours') {
        reporter.tell({ kind: 'released', heldMs: clock.monotonicMs() - this.#acquiredMs });
        return code;
      }
      const loss = { kind: 'lost', cause: check, aloneUntilMs: this.#renewedAt.wallMs } as const;
      reporter.notify(loss);
      return this.#failLost(
        loss,
        'That came to light only when the command had ended: others may have run beside it.',
        code === 0 ? exitCodeOf('lost') : code,
      );
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#notReleased(code, error);
    }
  }

  #notReleased(code: number, error: ProtocolError): number {
    const { path, json } = this.#options;
    const exitCode = code === 0 ? exitCodeOf('not-released') : code;
    sayError(this.#cli, json, {
      kind: 'not-released',
      exitCode,
      lines: [
        `The command ended with ${code}, but lock ${quote(path)} could not be released: ${sanitise(error.message)}`,
        this.#leftBehind(),
      ],
    });
    return exitCode;
  }

  #leftBehind(): string {
    return describeLeftBehind(this.#around.protocol, this.#hold.holding);
  }
}
