import { parseInstant } from '../../base/duration.ts';
import { quote, sanitise } from '../../base/sanitise.ts';
import { UsageError } from '../../base/usage-error.ts';
import { type EndCause, finishProtocolHold, type ProtocolEnd } from '../../keeper/protocol-finish.ts';
import { defaultOwnerId, describeSelf } from '../../lease/self.ts';
import { describeLeftBehind, describeLossCause } from '../../protocols/describe.ts';
import { causeDocument, type Happening, Notifier } from '../../protocols/notify.ts';
import { type Cli, fail } from '../io.ts';
import { jsonLine } from '../json.ts';
import { keeperFolder } from '../keepers.ts';
import type { ProtocolReleaseOptions } from '../protocol-options.ts';
import { openFor } from './open.ts';

/** How long all of it may take. */
const RELEASE_WITHIN_MS = 20_000;

type Over<K extends ProtocolEnd['kind']> = Extract<ProtocolEnd, { kind: K }>;

/**
 * Releases a lock of another program that `acquire` took on this machine: by way of its keeper if that lives, else by its
 * record alone.
 */
export async function releaseHeld(cli: Cli, options: ProtocolReleaseOptions): Promise<number> {
  const { leaseId, path } = options;
  const folder = keeperFolder(cli.environment, leaseId);
  const holding = folder.readProtocolStatus()?.hold?.holding;
  if (!holding) return notHeld(cli, options);
  if (holding.path !== path || holding.protocol !== options.protocol) {
    throw new UsageError(
      `--lease: ${leaseId} holds the lock ${quote(holding.path)} (${holding.protocol}), not ${quote(path)} (${options.protocol}).`,
    );
  }
  const end = await finishProtocolHold({
    folder,
    path,
    openProtocol: () => openFor(cli, options),
    clock: cli.clock,
    withinMs: RELEASE_WITHIN_MS,
  });
  switch (end.kind) {
    case 'released':
      folder.remove();
      return released(cli, options, end);
    case 'lost':
      folder.remove();
      return lost(cli, options, end);
    case 'unreleased':
      return unreleased(cli, options, end);
    case 'nothing':
      folder.remove();
      return notHeld(cli, options);
  }
}

async function released(
  cli: Cli,
  options: ProtocolReleaseOptions,
  { keeperDied, status: { hold } }: Over<'released'>,
): Promise<number> {
  const { protocol, path, leaseId, json } = options;
  if (json) cli.print(jsonLine({ protocol, path, lease: leaseId, released: true, keeperDied }));
  else cli.print(`Lock ${quote(path)} is released.`);
  if (keeperDied && !json)
    cli.say(`leasehold: The keeper of lock ${quote(path)} had died. Nobody else had taken the lock by now.`);
  const heldMs = hold && cli.clock.monotonicMs() - hold.acquiredMs;
  await notify(cli, options, {
    ownerId: hold?.holding.ownerId,
    happening: { kind: 'released', ...(heldMs === undefined ? {} : { heldMs }) },
  });
  return 0;
}

async function lost(
  cli: Cli,
  options: ProtocolReleaseOptions,
  { cause, aloneUntil, status }: Over<'lost'>,
): Promise<number> {
  const { protocol, path, json } = options;
  const known = cause.kind === 'keeper-died' ? undefined : cause;
  const code = fail(cli, json, {
    kind: 'lost',
    lines: [
      `Lock ${quote(path)} was lost before it was released: ${causeText(cause)}. Since ${aloneUntil} others may have held it.`,
    ],
    details: { cause: known ? causeDocument(protocol, known) : cause, aloneUntil },
  });
  // The keeper told of a loss, with the command that "acquire" was given.
  if (status.state.kind !== 'lost' && known) {
    const aloneUntilMs = parseInstant(aloneUntil) ?? cli.clock.wallMs();
    const happening = { kind: 'lost', cause: known, aloneUntilMs } as const;
    await notify(cli, options, { ownerId: status.hold?.holding.ownerId, happening });
  }
  return code;
}

function causeText(cause: EndCause): string {
  if (cause.kind !== 'keeper-died') return describeLossCause(cause);
  const words = cause.lastWords === '' ? '' : ` (its last words: ${sanitise(cause.lastWords)})`;
  return `its keeper, with whose process the system frees the lock, died${words}`;
}

async function unreleased(
  cli: Cli,
  options: ProtocolReleaseOptions,
  { detail, status }: Over<'unreleased'>,
): Promise<number> {
  const { path, json } = options;
  const protocol = await openFor(cli, options);
  const holding = status?.hold?.holding;
  return fail(cli, json, {
    kind: 'not-released',
    lines: [
      `Lock ${quote(path)} could not be released: ${sanitise(detail)}`,
      ...(holding ? [describeLeftBehind(protocol, holding)] : []),
    ],
  });
}

function notHeld(cli: Cli, { path, protocol, leaseId, json }: ProtocolReleaseOptions): number {
  return fail(cli, json, {
    kind: 'not-held',
    lines: [
      `Lock ${quote(path)} is not held by lease ${leaseId}, as far as this user knows on this machine, so there is nothing to release.`,
      `Who holds it: leasehold status --protocol ${protocol} --path …`,
    ],
  });
}

async function notify(
  { environment, clock, say }: Cli,
  { protocol, path, leaseId, notify: command }: ProtocolReleaseOptions,
  { happening, ownerId = defaultOwnerId(environment) }: { happening: Happening; ownerId: string | undefined },
): Promise<void> {
  const self = describeSelf(environment, { leaseId, ownerId });
  const onFailure = (detail: string): void => say(`leasehold: ${detail}`);
  const notifier = new Notifier({ command, teller: { protocol, path, self }, clock, onFailure });
  notifier.tell(happening);
  await notifier.done;
}
