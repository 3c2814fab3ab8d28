import { currentScope, type ProcessId } from '../base/process.ts';
import { shellQuote } from '../base/shell.ts';
import { runEvidence } from '../github/evidence.ts';
import { gitHubServer, tokenIn } from '../github/server.ts';
import type { AcquireRequest } from '../lease/acquire.ts';
import type { LockContext } from '../lease/context.ts';
import { type Evidence, laterAttemptEvidence, processEvidence } from '../lease/evidence.ts';
import { describeSelf } from '../lease/self.ts';
import { commandVeto } from '../lease/veto.ts';
import { openStore } from '../store/open.ts';
import type { Cli } from './io.ts';
import type { Common, Take } from './options.ts';

/** How long one call to the store may take where no ttl bounds it. */
export const CALL_TIMEOUT_MS = 10_000;

/** The lock `name` in the store that the options name. */
export async function openLock(
  cli: Cli,
  options: Common & { readonly name: string },
  callTimeoutMs = CALL_TIMEOUT_MS,
): Promise<LockContext> {
  const { clock, random } = cli;
  return { name: options.name, store: await openStore(options.store), clock, random, callTimeoutMs };
}

/**
 * What to ask of the lock, by the options.
 * @param processes what lives as long as the hold does
 */
export function requestOf(cli: Cli, options: Take, processes: readonly ProcessId[]): AcquireRequest {
  const { ownerId, reason, timing, stalePolicy, onStale, lockDelayMs, waitTimeoutMs } = options;
  const holder = describeSelf(cli.environment, {
    leaseId: cli.random.hex(16),
    ownerId,
    ...(reason ? { reason } : {}),
    processes,
  });
  return {
    holder,
    timing,
    stalePolicy,
    evidence: [laterAttemptEvidence(holder), processEvidence(currentScope()), gitHubEvidence(cli)],
    ...(onStale ? { veto: commandVeto(onStale) } : {}),
    lockDelayMs,
    waitTimeoutMs,
  };
}

/** What GitHub says of a holder's run, for whoever has a token for it in the environment. */
export function gitHubEvidence({ environment, clock, random }: Cli): Evidence {
  return runEvidence({
    server: gitHubServer(environment),
    token: tokenIn(environment),
    tokenFrom: 'GH_TOKEN or GITHUB_TOKEN in the environment',
    repository: environment.GITHUB_REPOSITORY,
    clock,
    random,
  });
}

/** The command line that gives the lease `leaseId` back, ready to be copied. */
export function releaseCommand(
  { name, store, defaultStore }: Common & { name: string },
  leaseId: string,
): string {
  return `leasehold release ${name} --lease ${leaseId}${defaultStore ? '' : ` --store ${shellQuote(store)}`}`;
}

/** The command line that ends the lease `leaseId` by hand, ready to be copied. */
export function breakCommand(
  { name, store, defaultStore }: Common & { name: string },
  leaseId: string,
): string {
  const where = defaultStore ? '' : ` --store ${shellQuote(store)}`;
  return `leasehold break ${name} --lease ${leaseId} --reason '…'${where}`;
}
