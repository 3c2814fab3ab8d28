import { info, warning } from '@actions/core';
import { systemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { sanitise } from '../base/sanitise.ts';
import type { AcquireRequest, Stolen, Waiting } from '../lease/acquire.ts';
import type { LockContext } from '../lease/context.ts';
import { describeHolder, WaitLog } from '../lease/describe.ts';
import { Expectation } from '../lease/expectation.ts';
import type { LossCause } from '../lease/lease.ts';
import { type Happening, Notifier } from '../lease/notify.ts';
import type { Inputs } from './inputs.ts';
import type { Config } from './state.ts';

/** A notifier of this process, whose failure is a warning. */
export function notifierOf(
  command: string,
  { name, holder }: Config,
  more: { store: string; notifyAfterMs?: number; signal?: AbortSignal },
): Notifier {
  const { store, ...rest } = more;
  const teller = { name, store, self: holder };
  const onFailure = (detail: string): void => warning(detail, { title: `Lock "${name}": notify failed` });
  return new Notifier({ command, teller, clock: systemClock, onFailure, ...rest });
}

/** The title of the one annotation about a loss. */
export function lossTitle(name: string, { kind }: LossCause): string {
  return kind === 'broken' ? `Lock "${name}" was broken by an operator` : `Lock "${name}" was lost`;
}

/** Tells the log, the annotations and the notify command how it goes while the lock is being taken. */
export class TakeReport {
  readonly #inputs: Inputs;
  readonly #waitLog: WaitLog;
  readonly #expectation: Expectation;
  readonly #notifier: Notifier;

  constructor(config: Config, inputs: Inputs, { lock, signal }: { lock: LockContext; signal: AbortSignal }) {
    this.#inputs = inputs;
    this.#waitLog = new WaitLog(inputs.stalePolicy);
    this.#expectation = new Expectation(lock);
    const { notify, notifyAfterMs } = inputs;
    this.#notifier = notifierOf(notify, config, { store: lock.store.url, notifyAfterMs, signal });
  }

  /** What `acquire` calls. */
  get callbacks(): Required<Pick<AcquireRequest, 'onWait' | 'onStolen' | 'onEnded' | 'onTrouble'>> {
    return {
      onWait: (waiting) => this.#wait(waiting),
      onStolen: (stolen) => this.#steal(stolen),
      onEnded: (ended) => this.#end(ended),
      onTrouble: (error) => info(`${sanitise(error.message)} Trying again.`),
    };
  }

  notify(happening: Happening): void {
    this.#notifier.tell(happening);
  }

  /** The wait is over, however it ended. */
  async end(): Promise<void> {
    this.#expectation.end();
    await this.#notifier.done;
  }

  #wait(waiting: Waiting): void {
    const expectation = this.#expectation;
    const own = waiting.record.name === waiting.name;
    const lines = this.#waitLog.lines(
      waiting,
      systemClock.monotonicMs(),
      own ? expectation.words : undefined,
    );
    for (const line of lines) info(line);
    // One look, and those at a lease that is about to be taken, are no wait.
    if (this.#inputs.waitTimeoutMs === 0) return;
    if (own) expectation.follow(waiting.record, () => info(`  usual   ${expectation.words}`));
    this.#notifier.waiting(waiting);
  }

  /** Of a lock that is not ours: its holder is no victim of this one's history. */
  #end({ from, because, proof }: Stolen): void {
    const why = proof ? `${because}: ${sanitise(proof)}` : because;
    warning(
      `The lease of lock "${from.name}" stood in the way, held by ${describeHolder(from.holder)}. It was ended (${why}).`,
      { title: `Lock "${from.name}" was freed` },
    );
  }

  #steal(stolen: Stolen): void {
    const { name } = this.#inputs;
    warning(describeSteal(this.#inputs, stolen), { title: `Lock "${name}" was stolen` });
    this.#notifier.tell({ kind: 'stolen', token: stolen.from.token + 1, stolen });
  }
}

function describeSteal({ name, lockDelayMs }: Inputs, { from, because, proof }: Stolen): string {
  const why = proof ? `${because}: ${sanitise(proof)}` : because;
  const run = from.holder.runUrl ? `, ${sanitise(from.holder.runUrl)}` : '';
  const delay = lockDelayMs > 0 ? ` The job begins in ${formatDuration(lockDelayMs)} (lock-delay).` : '';
  return `Lock "${name}" was stolen from ${describeHolder(from.holder)} (${why})${run}.${delay}`;
}
