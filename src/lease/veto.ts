import { runCommand } from '../base/command.ts';
import type { LeaseRecord } from './record.ts';

/** Asked before a steal: may it be done? */
export type Veto = (
  record: LeaseRecord,
  signal?: AbortSignal,
) => Promise<{ allowed: boolean; detail: string }>;

/**
 * The `on-stale` command as a veto. It gets the stale record as JSON on standard input. Only exit status 0 allows the
 * steal; anything else, a time-out and a command that can't be started forbid it.
 */
export function commandVeto(command: string, timeoutMs = 30_000): Veto {
  return async (record, signal) => {
    const { ok, detail } = await runCommand(command, record, { timeoutMs, signal });
    return { allowed: ok, detail };
  };
}
