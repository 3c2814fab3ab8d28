import { instantOf } from '../../src/base/clock.ts';
import type { Lease } from '../../src/lease/lease.ts';
import type { StalePolicy } from '../../src/lease/policy.ts';
import type { LeaseRecord } from '../../src/lease/record.ts';
import type { Machine, Process } from './process.ts';

/** Sums of times are off by their last bits. */
const ROUNDING_MS = 0.001;

/** One attempt of a client to take the lock, from its first look to its end: the truth about one lease id. */
export class Life {
  readonly leaseId: string;
  readonly client: string;
  readonly machine: Machine;
  /** The process of the job. When it is gone, so is the holder, whatever its keeper does. */
  readonly job: Process;
  readonly policy: StalePolicy;
  /** The machine's monotonic clock, and true time, when it began. */
  readonly beganAtMs: number;
  readonly beganMs: number;
  /** `ending`: its job is done, and what it held is being given back. */
  state: 'acquiring' | 'held' | 'ending' | 'over' = 'acquiring';
  /** The lease as the process has it that keeps it, or kept it last. */
  lease: Lease | undefined;
  /** True time at which its acquisition ended well. */
  enteredMs = Number.NEGATIVE_INFINITY;
  /** Who renews it, or did so last. */
  keeper: { readonly process: Process } | undefined;
  /** It was told that the lease is lost. */
  told = false;
  /** An operator has taken the responsibility. */
  broken = false;
  /** The newest break of it that applied, by its number among all writes. */
  brokenAt: number | undefined;
  /** What was said that leaves no room for a hold after it. */
  gaveUp: string | undefined;
  /** Its first write, once that has applied, and whether the answer came. */
  entry: { readonly body: string; heard: boolean } | undefined;
  /** Its newest write of all that applied, by whom, and whether the answer came. */
  newest:
    | {
        readonly body: string;
        readonly nonce: string;
        readonly by: Process;
        /** The machine's monotonic clock then. */
        readonly appliedAtMs: number;
        heard: boolean;
      }
    | undefined;
  /** The processes whose release applied, with its number among all writes. */
  readonly releasedBy = new Map<Process, number>();
  /** Its machine's monotonic clock when it was told that it had stolen the lock. */
  stolenAtMs: number | undefined;
  /** Whether a veto command is to be asked, and the record that it last allowed to steal. */
  vetoes = false;
  allowed: string | undefined;

  constructor(job: Process, given: { leaseId: string; client: string; policy: StalePolicy }) {
    this.job = job;
    this.machine = job.machine;
    this.leaseId = given.leaseId;
    this.client = given.client;
    this.policy = given.policy;
    this.beganAtMs = job.machine.clock.monotonicMs();
    this.beganMs = job.world.timeline.nowMs;
  }

  /** Whether anything still stands for the lease: what evidence that tells the truth would say. */
  get finished(): boolean {
    return this.state === 'over' || this.job.crashed;
  }

  /** Whether it believes that it holds the lock. A process that is paused counts, one that has crashed does not. */
  get believes(): boolean {
    if (this.state !== 'held' || this.job.crashed || this.told || this.broken) return false;
    const { lease, machine, keeper } = this;
    if (!lease) return false;
    // By what a dead keeper has left nobody would see that the clock was set since; main and post ask the store then.
    const unwatched = keeper?.process.crashed && lease.snapshot.sentAt.monotonicMs < machine.setBackAtMs;
    return !unwatched && lease.believes(instantOf(machine.clock));
  }

  /** Whether its deadline counts from a moment after that at which the newest write applied: too late in any case. */
  get countsFromTooLate(): boolean {
    const { lease, newest } = this;
    if (this.state !== 'held' || !lease || !newest || lease.record.nonce !== newest.nonce) return false;
    return lease.snapshot.sentAt.monotonicMs > newest.appliedAtMs + ROUNDING_MS;
  }

  /** Whether it is kept, and no fault has touched its job, its keeper or its machine since it entered. */
  get unharmed(): boolean {
    const { keeper, job, machine } = this;
    if (!keeper || keeper.process.crashed) return false;
    const troubledUntilMs = Math.max(
      keeper.process.troubledUntilMs,
      job.troubledUntilMs,
      machine.clock.wakesMs,
    );
    return troubledUntilMs < this.enteredMs;
  }

  /** Whether it is kept and no fault has touched it: from such a one nothing may be stolen. */
  get healthy(): boolean {
    const kept = this.state === 'held' && !this.job.crashed && !this.told && !this.broken;
    return kept && this.unharmed;
  }

  isIn(record: LeaseRecord | undefined): boolean {
    return record?.state === 'held' && record.holder.leaseId === this.leaseId;
  }
}
