import { runCommand } from '../base/command.ts';
import type { AcquireRequest } from './acquire.ts';
import { heldDocument } from './describe.ts';
import type { ProtocolName } from './protocol.ts';

/**
 * The `on-stale` command as a veto: as for leases, only exit status 0 in time allows that a lock is taken over. It gets the
 * stale lock as JSON (`HeldDocument`) on standard input.
 */
export function commandVeto(
  command: string,
  protocol: ProtocolName,
  environment?: Readonly<Record<string, string>>,
): NonNullable<AcquireRequest['veto']> {
  return async (held, signal) => {
    const end = await runCommand(command, heldDocument(protocol, held), {
      timeoutMs: VETO_WITHIN_MS,
      signal,
      environment,
    });
    return { allowed: end.ok, detail: end.detail };
  };
}

const VETO_WITHIN_MS = 30_000;
