import { formatDuration, parseInstant } from '../../base/duration.ts';
import { sanitise } from '../../base/sanitise.ts';
import { finishHold, type HoldEnd } from '../../keeper/finish.ts';
import type { KeeperFolder } from '../../keeper/folder.ts';
import { isStoreError, type LockContext, look } from '../../lease/context.ts';
import { describeLoss, describeRecord } from '../../lease/describe.ts';
import { endedHold, ownHold, recordHolds } from '../../lease/history.ts';
import { aloneUntilMs, isHeldBy, isLease, type LossCause } from '../../lease/lease.ts';
import { recordKey } from '../../lease/name.ts';
import { type Happening, Notifier } from '../../lease/notify.ts';
import { buildTiming, LONGEST_TTL_MS, type Timing } from '../../lease/policy.ts';
import { type LeaseRecord, parseRecord } from '../../lease/record.ts';
import { lockDocument } from '../documents.ts';
import { type Cli, fail } from '../io.ts';
import { jsonLine } from '../json.ts';
import { keeperFolder } from '../keepers.ts';
import { breakCommand, openLock } from '../lock.ts';
import { RECORD_WITHIN_MS } from '../memory.ts';
import type { ReleaseOptions } from '../options.ts';

/** How long all of it may take. */
const RELEASE_WITHIN_MS = 20_000;

/**
 * Releases a lease that `acquire` took: by way of its keeper if that is on this machine, else by the store alone.
 * @throws StoreError when the store can't be read
 */
export async function release(cli: Cli, options: ReleaseOptions): Promise<number> {
  const { leaseId } = options;
  const lock = await openLock(cli, options);
  const folder = keeperFolder(cli.environment, leaseId);
  const { record } = await look(lock);
  if (record?.state === 'held' && record.shared && isLease(record, leaseId))
    return notOurs(cli, options, record);
  // Nothing is written for a lease that there never was: a mistyped name must not make a lock.
  const known = isHeldBy(record, leaseId) ? record : keptRecord(folder, lock);
  if (!known) return notHeld(cli, options, record);
  let end: HoldEnd;
  try {
    end = await finishHold({
      folder,
      holder: known.holder,
      timing: timingOf(known),
      acquired: true,
      openLock: async () => lock,
      clock: cli.clock,
      withinMs: RELEASE_WITHIN_MS,
    });
  } catch (error) {
    if (!isStoreError(error)) throw error;
    return notReleased(cli, options, { why: error.message, ttlMs: known.ttlMs });
  }
  folder.remove();
  switch (end.kind) {
    case 'released': {
      const code = released(cli, options, end);
      await afterwards(cli, options, { lock, known, end });
      return code;
    }
    case 'lost': {
      const code = lost(cli, options, end.cause);
      await afterwards(cli, options, { lock, known, end });
      return code;
    }
    case 'nothing':
      return notHeld(cli, options, (await look(lock)).record);
  }
}

/** A reservation's ttl is its duration, which may be longer than that of any lease that is kept. */
function timingOf({ ttlMs }: LeaseRecord): Timing {
  return buildTiming({ ttlMs: Math.min(ttlMs, LONGEST_TTL_MS) });
}

type Over = Extract<HoldEnd, { kind: 'released' | 'lost' }>;

/** The history, unless the keeper has written it, and the notify command. */
async function afterwards(
  cli: Cli,
  { name, notify }: ReleaseOptions,
  { lock, known, end }: { lock: LockContext; known: LeaseRecord; end: Over },
): Promise<void> {
  const { clock } = cli;
  const nowMs = clock.wallMs();
  const seen = end.status?.state;
  const hold =
    end.kind === 'lost' ? ownHold(known, { ended: end.cause, nowMs }) : endedHold(known, 'released', nowMs);
  if (seen?.kind !== 'released' && seen?.kind !== 'lost') {
    await recordHolds(lock, [hold], { withinMs: RECORD_WITHIN_MS });
  }
  // The keeper told of a loss, with the command that "acquire" was given.
  if (seen?.kind === 'lost') return;
  const teller = { name, store: lock.store.url, self: known.holder };
  const onFailure = (detail: string): void => cli.say(`leasehold: ${detail}`);
  const notifier = new Notifier({ command: notify, teller, clock, onFailure });
  notifier.tell(happening(known, end, nowMs));
  await notifier.done;
}

function happening(record: LeaseRecord, end: Over, nowMs: number): Happening {
  const { token, acquiredAt } = record;
  const sinceMs = parseInstant(acquiredAt) ?? nowMs;
  switch (end.kind) {
    case 'released':
      return { kind: 'released', token, heldMs: Math.max(0, nowMs - sinceMs) };
    case 'lost': {
      const { cause, status } = end;
      const sentAt = status?.snapshot.sentAt ?? { wallMs: sinceMs, monotonicMs: 0 };
      const at = { timing: timingOf(record), nowMs };
      return { kind: 'lost', token, cause, aloneUntilMs: aloneUntilMs(cause, { sentAt, token }, at) };
    }
  }
}

/** What the keeper on this machine was given, if there is or was one. */
function keptRecord(folder: KeeperFolder, { name, store }: LockContext): LeaseRecord | undefined {
  const status = folder.readStatus();
  if (!status) return undefined;
  try {
    return parseRecord(status.snapshot.body, { name, key: recordKey(name), storeUrl: store.url });
  } catch (error) {
    // Another lock's: the name was mistyped.
    if (isStoreError(error)) return undefined;
    throw error;
  }
}

function released(
  cli: Cli,
  { name, store, leaseId, json }: ReleaseOptions,
  { keeperDied, status }: Extract<HoldEnd, { kind: 'released' }>,
): number {
  if (json) cli.print(jsonLine({ name, store, lease: leaseId, released: true, keeperDied }));
  else cli.print(`Lock "${name}" is released.`);
  // A lease may be released from another machine, where there is no keeper to be missed.
  if (keeperDied && status && !json) {
    cli.say(`leasehold: The keeper of lock "${name}" had died. Nobody else had taken the lock by now.`);
  }
  return 0;
}

function lost(cli: Cli, { name, json }: ReleaseOptions, cause: LossCause): number {
  return fail(cli, json, {
    kind: 'lost',
    lines: [
      `The lease of lock "${name}" was lost before it was released: ${describeLoss(cause)}. Since then others may have held the lock.`,
    ],
    details: { cause },
  });
}

/** Each of its jobs leaves by itself; one that is taken out from under them is broken, and they are told. */
function notOurs(cli: Cli, options: ReleaseOptions, record: LeaseRecord): number {
  const { name, store, leaseId, json } = options;
  return fail(cli, json, {
    kind: 'busy',
    lines: [
      ...describeRecord(record),
      `Its jobs leave it by themselves. To end it under them: ${breakCommand(options, leaseId)}`,
    ],
    details: { lock: lockDocument({ name, store }, record) },
  });
}

function notHeld(cli: Cli, options: ReleaseOptions, record: LeaseRecord | undefined): number {
  const { name, store, leaseId, json } = options;
  if (record?.state === 'released' && record.holder.leaseId === leaseId && record.ended.how === 'broken') {
    const { by, reason } = record.ended;
    return lost(cli, options, { kind: 'broken', ...(by ? { by } : {}), ...(reason ? { reason } : {}) });
  }
  return fail(cli, json, {
    kind: 'not-held',
    lines: [
      `Lock "${name}" is not held by lease ${leaseId}, so there is nothing to release.`,
      ...(record ? describeRecord(record) : [`Nobody has ever held it in ${sanitise(store)}.`]),
    ],
    details: { lock: lockDocument({ name, store }, record) },
  });
}

function notReleased(
  cli: Cli,
  { name, json }: ReleaseOptions,
  { why, ttlMs }: { why: string; ttlMs: number },
): number {
  return fail(cli, json, {
    kind: 'not-released',
    lines: [
      `Lock "${name}" could not be released: ${sanitise(why)}`,
      `It is not renewed any more, so its lease runs out by itself within ${formatDuration(ttlMs)}.`,
    ],
  });
}
