import { isAlive, type ProcessScope } from '../base/process.ts';
import type { Holder, LeaseRecord } from './record.ts';

/** `unknown` is never proof: no answer, no permission, another machine. */
export type Verdict =
  | { readonly kind: 'finished'; readonly proof: string }
  | { readonly kind: 'alive'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * A way to find out whether a holder is gone. Asked at every poll while its answer can matter; how often it really looks
 * (an API with a rate limit) is its own business.
 */
export interface Evidence {
  readonly name: string;
  check(record: LeaseRecord, signal?: AbortSignal): Promise<Verdict>;
}

/**
 * What the first of `evidence` says that knows; unknown, with all details, when none does. So the order matters: what is seen
 * on this very machine comes before what a server believes, and a server is not asked what is known here.
 */
export async function weigh(
  evidence: readonly Evidence[],
  record: LeaseRecord,
  signal?: AbortSignal,
): Promise<Verdict> {
  const details: string[] = [];
  for (const source of evidence) {
    const verdict = await source.check(record, signal);
    if (verdict.kind !== 'unknown') return verdict;
    details.push(verdict.detail);
  }
  return { kind: 'unknown', detail: details.join('; ') || 'no evidence to ask' };
}

/** Proof of death on the same boot and pid namespace: none of the holder's processes is there any more. */
export function processEvidence(here: ProcessScope | undefined): Evidence {
  return {
    name: 'process',
    async check({ holder }) {
      const { processes = [], bootId, pidNamespace, host } = holder;
      if (!here || processes.length === 0 || !bootId) {
        return { kind: 'unknown', detail: 'the holder left no process to look for' };
      }
      if (bootId !== here.bootId || pidNamespace !== here.pidNamespace || host !== here.host) {
        return { kind: 'unknown', detail: 'the holder runs on another machine, boot or container' };
      }
      const alive = processes.find(isAlive);
      if (alive) return { kind: 'alive', detail: `its process ${alive.pid} runs on this machine` };
      return { kind: 'finished', proof: `its process ${processes.map(({ pid }) => pid).join(', ')} is gone` };
    },
  };
}

/**
 * A run can be started again only after its attempt has ended: a later attempt that asks proves the earlier one dead.
 */
export function laterAttemptEvidence(asking: Holder): Evidence {
  return {
    name: 'later-attempt',
    async check({ holder }) {
      const later = (asking.runAttempt ?? 0) > (holder.runAttempt ?? Number.POSITIVE_INFINITY);
      if (later && isSameRun(asking, holder)) {
        return {
          kind: 'finished',
          proof: `attempt ${asking.runAttempt} of the same run is asking, so attempt ${holder.runAttempt} has ended`,
        };
      }
      return { kind: 'unknown', detail: 'it is not an earlier attempt of this run' };
    },
  };
}

/** Whether both are of one run, whatever attempt. Only with server, repository and run all known: two unknown ones are not the same one. */
function isSameRun(one: Holder, other: Holder): boolean {
  return (
    one.runId !== undefined &&
    one.runId === other.runId &&
    one.repository !== undefined &&
    one.repository === other.repository &&
    originOf(one.runUrl) !== undefined &&
    originOf(one.runUrl) === originOf(other.runUrl)
  );
}

/** Whether both are jobs of one run attempt, known as such. */
export function isSameAttempt(one: Holder, other: Holder): boolean {
  return one.runAttempt !== undefined && one.runAttempt === other.runAttempt && isSameRun(one, other);
}

function originOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}
