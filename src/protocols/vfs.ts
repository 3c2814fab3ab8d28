import { hostname } from 'node:os';
import { basename, dirname, isAbsolute, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { instantOf, systemClock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { systemRandom } from '../base/random.ts';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/store.ts';
import { keepHold, type LossCause, releaseWithin } from './keep.ts';
import type { ProtocolOptions } from './open.ts';
import {
  type Attempt,
  type Check,
  type Held,
  type Hold,
  type Holding,
  type Identity,
  type Protocol,
  ProtocolError,
  type Request,
  type Surroundings,
} from './protocol.ts';
import { whereaboutsOf } from './vfs-holder.ts';
import { decodeRecord, encodeRecord, formatTime, type Keys, type VfsRecord } from './vfs-record.ts';
import { FileSidecar, ObjectSidecar, type Sidecar } from './vfs-sidecar.ts';

/*
 * The sidecar locks of the Go module github.com/c2fo/vfs/contrib/lockfile: the lock of `report.csv` is `report.csv.lock` beside
 * it, a record in JSON, on a disk or in S3. The original looks and then writes without a condition, and releases without
 * looking. Ours creates by link(2) or a conditional PUT, looks again after each write, and removes only its own.
 */

const NS_PER_MS = 1_000_000;
const CALL_TIMEOUT_MS = 10_000;
/** After so many changes under our eyes the lock counts as held. */
const MOST_ROUNDS = 4;

const LIMITS = [
  'The original programs of the vfs protocol do not lock exclusively: one that looked just before the lock was taken writes over it. That is noticed, at once or at the next check, but not prevented.',
  'When a vfs lock is stale is judged by the clock of who looks: machines that share one need clocks that agree.',
] as const;

export class VfsProtocol implements Protocol {
  readonly name = 'vfs';
  readonly abilities = { ttl: 'any', owner: 'pid-and-text', takeover: 'yes', limits: LIMITS } as const;
  // The original does not wait. On a disk a waiter is woken; in S3 each try is a GET.
  readonly retry = { everyMs: 2_000, jitterMs: 1_000 };
  readonly #surroundings: Surroundings;
  readonly #options: ProtocolOptions;
  readonly #stores = new Map<string, Promise<Store>>();
  /** Records of tries that failed, of which nobody knows whether they were written: found later, they are ours. */
  readonly #unsettled = new Set<string>();

  constructor(surroundings: Surroundings, options: ProtocolOptions = {}) {
    this.#surroundings = surroundings;
    this.#options = options;
  }

  async tryAcquire(request: Request): Promise<Attempt> {
    const { path, signal } = request;
    checkTtl(request.ttlMs);
    const sidecar = await this.#sidecar(path, request.ttlMs);
    let found = await sidecar.read(signal);
    for (let rounds = 0; rounds < MOST_ROUNDS; rounds += 1) {
      const attempt = found
        ? await this.#tryOver(request, sidecar, found)
        : await this.#settled(request, sidecar, {
            written: await this.#written(request, (bytes) => sidecar.create(bytes)),
          });
      if (attempt) return attempt;
      found = await sidecar.read(signal);
    }
    throw new ProtocolError(
      'contended',
      `The lock of ${quote(path)} came and went ${MOST_ROUNDS} times while it was tried: try again.`,
    );
  }

  async inspect(path: string, signal?: AbortSignal): Promise<Held | undefined> {
    const sidecar = await this.#sidecar(path);
    const found = await sidecar.read(signal);
    return found && this.#held(path, sidecar, found);
  }

  /** What its record says. @throws ProtocolError `refused-file` when nobody can read it */
  async metadata(path: string, signal?: AbortSignal): Promise<Metadata | undefined> {
    const held = await this.inspect(path, signal);
    if (!held) return undefined;
    const decoded = decodeRecord(held.identity.bytes ?? '');
    if (decoded.kind === 'record') return metadataOf(decoded.record);
    throw new ProtocolError('refused-file', `The lock of ${quote(path)}: ${held.standing.detail}`);
  }

  resume(holding: Holding): Hold {
    return new VfsHold(holding, this.#keeping(holding));
  }

  async break(held: Held): Promise<boolean> {
    const sidecar = await this.#sidecar(held.path);
    return (await sidecar.remove(held.identity)) === 'removed';
  }

  watched(path: string): string | undefined {
    const place = placeOf(path, this.#surroundings.platform);
    return place.kind === 'file' ? dirname(place.sidecar) : undefined;
  }

  /** A directory that files are taken in from has locks that come and go beside this one. */
  concerns(name: string, path: string): boolean {
    return basename(placeOf(path, this.#surroundings.platform).sidecar) === name;
  }

  /** @returns `undefined` when somebody was faster, and is gone already */
  async #tryOver(request: Request, sidecar: Sidecar, found: Identity): Promise<Attempt | undefined> {
    const { path, signal, mayTake } = request;
    const write = (): Promise<Identity | undefined> =>
      this.#written(request, (bytes) => sidecar.takeOver(bytes, found));
    // Ours, of an earlier try whose answer was lost. It is dated anew: whoever asks counts the ttl from now.
    if (this.#unsettled.has(found.bytes ?? ''))
      return this.#settled(request, sidecar, { written: await write() });
    const held = await this.#held(path, sidecar, found);
    const { takeable, holder } = held.standing;
    const may = (takeable || holder === 'finished') && (await mayTake(held));
    if (!may) return { kind: 'held', by: held };
    const settled = await this.#settled(request, sidecar, { written: await write(), took: held });
    if (settled) return settled;
    const faster = await sidecar.read(signal);
    return faster && { kind: 'held', by: await this.#held(path, sidecar, faster) };
  }

  async #written(
    request: Request,
    write: (bytes: string) => Promise<Identity | undefined>,
  ): Promise<Identity | undefined> {
    const bytes = this.#record(request);
    try {
      return await write(bytes);
    } catch (error) {
      this.#unsettled.add(bytes);
      throw error;
    }
  }

  /** Looks again once who had looked before us has written, if they do. */
  async #settled(
    request: Request,
    sidecar: Sidecar,
    { written: identity, took }: { written: Identity | undefined; took?: Held },
  ): Promise<Attempt | undefined> {
    if (!identity) return undefined;
    const { path, pid, ownerId, ttlMs, signal } = request;
    await this.#surroundings.clock.sleep(sidecar.settleMs, signal);
    const found = await this.#readOrRemove(sidecar, identity);
    if (!found) {
      const said = `The lock of ${quote(path)} was taken, and removed at once by somebody else: try again.`;
      throw new ProtocolError('vanished', said);
    }
    if (!sidecar.isSame(found, identity)) return { kind: 'held', by: await this.#held(path, sidecar, found) };
    const optional = {
      ...(ownerId === undefined ? {} : { ownerId }),
      ...(ttlMs === undefined ? {} : { ttlMs }),
    };
    const hold = this.resume({ protocol: 'vfs', path, pid, identity: found, ...optional });
    return { kind: 'acquired', hold, ...(took ? { took } : {}) };
  }

  /** @throws the error of the read, after which nothing of ours lies there, as far as can be done */
  async #readOrRemove(sidecar: Sidecar, identity: Identity): Promise<Identity | undefined> {
    try {
      return await sidecar.read();
    } catch (error) {
      this.#unsettled.add(identity.bytes ?? '');
      await sidecar.remove(identity).catch(() => {});
      throw error;
    }
  }

  #keeping({ path, ttlMs }: Holding): Keeping {
    let opened: Promise<Sidecar> | undefined;
    return {
      sidecar: () => {
        opened ??= this.#sidecar(path, ttlMs);
        return opened;
      },
      record: (holding) => this.#record(holding),
      isExpired: ({ bytes = '' }) => {
        const decoded = decodeRecord(bytes);
        return decoded.kind === 'record' && this.#leftNs(decoded.record) < 0n;
      },
      held: (sidecar, found) => this.#held(path, sidecar, found),
    };
  }

  async #held(path: string, sidecar: Sidecar, identity: Identity): Promise<Held> {
    const decoded = decodeRecord(identity.bytes ?? '');
    if (decoded.kind === 'unreadable') {
      const detail = `${decoded.why}, so it counts as held; the original can't take it either, ever. Look at it, and break it by hand if nobody is writing it`;
      return { path, standing: { holder: 'unknown', takeable: false, detail }, identity };
    }
    const { record } = decoded;
    const { hostname: host, pid, ownerId, ttlNs, createdAtNs } = record;
    const { holder, detail } = whereaboutsOf({ host, pid }, await sidecar.ofThisMachine());
    const leftNs = this.#leftNs(record);
    const expired = ttlNs === 0n ? {} : { expired: leftNs < 0n };
    return {
      path,
      ...(pid > 0 ? { pid } : {}),
      ...(host === '' ? {} : { host }),
      ...(ownerId === '' ? {} : { ownerId }),
      since: formatTime(createdAtNs),
      ...(ttlNs === 0n ? {} : { ttlMs: Number(ttlNs) / NS_PER_MS }),
      standing: {
        ...expired,
        holder,
        takeable: expired.expired === true,
        detail: `${describeTtl(record, leftNs)}, and ${detail}`,
      },
      identity,
    };
  }

  /** Until others may call it stale; what is below zero is since when. Nothing of it counts without a ttl. */
  #leftNs({ createdAtNs, ttlNs }: VfsRecord): bigint {
    return createdAtNs + ttlNs - BigInt(Math.floor(this.#surroundings.clock.wallMs())) * BigInt(NS_PER_MS);
  }

  /**
   * A record of now. Below the millisecond its time is random, so that no two are alike: in S3 the ETag of equal bytes is
   * equal, and a condition on it would let through what it is there to stop.
   */
  #record({ pid, ttlMs = 0, ownerId = '' }: Pick<Request, 'pid' | 'ttlMs' | 'ownerId'>): string {
    const { clock, random } = this.#surroundings;
    const belowMs = Math.floor(random.fraction() * NS_PER_MS);
    const createdAtNs = BigInt(Math.floor(clock.wallMs())) * BigInt(NS_PER_MS) + BigInt(belowMs);
    const ttlNs = BigInt(Math.round(ttlMs * NS_PER_MS));
    const keys: Keys = this.#options.keys ?? 'new';
    return encodeRecord({ createdAtNs, ttlNs, hostname: hostname(), pid, ownerId }, keys);
  }

  async #sidecar(path: string, ttlMs = Number.POSITIVE_INFINITY): Promise<Sidecar> {
    const { clock, random, platform } = this.#surroundings;
    const place = placeOf(path, platform);
    switch (place.kind) {
      case 'file':
        return new FileSidecar(place.sidecar, { clock, random });
      case 'object':
        return new ObjectSidecar(await this.#store(place.store), place.sidecar, {
          clock,
          callTimeoutMs: Math.min(CALL_TIMEOUT_MS, ttlMs / 6),
        });
    }
  }

  #store(url: string): Promise<Store> {
    const { region, role } = this.#options;
    const access = { ...(region === undefined ? {} : { region }), ...(role === undefined ? {} : { role }) };
    const opened = this.#stores.get(url) ?? openStore(url, access);
    this.#stores.set(url, opened);
    return opened;
  }
}

/** What a hold needs of the protocol that it was taken by. */
interface Keeping {
  sidecar(): Promise<Sidecar>;
  record(holding: Holding): string;
  isExpired(identity: Identity): boolean;
  held(sidecar: Sidecar, found: Identity): Promise<Held>;
}

class VfsHold implements Hold {
  readonly renew?: (signal?: AbortSignal) => Promise<Check>;
  #holding: Holding;
  readonly #keeping: Keeping;
  /** Records of renewals of which nobody knows whether they applied. */
  readonly #unsettled = new Set<string>();
  #removing = false;

  constructor(holding: Holding, keeping: Keeping) {
    this.#holding = holding;
    this.#keeping = keeping;
    if (holding.ttlMs !== undefined) this.renew = (signal) => this.#renew(signal);
  }

  get holding(): Holding {
    return this.#holding;
  }

  async check(signal?: AbortSignal): Promise<Check> {
    const sidecar = await this.#keeping.sidecar();
    const found = await sidecar.read(signal);
    if (!found) return { kind: 'compromised', detail: `${this.#subject()} was removed by somebody else` };
    if (this.#isOurs(sidecar, found)) {
      this.#holding = { ...this.#holding, identity: found };
      return { kind: 'ours' };
    }
    const by = await this.#keeping.held(sidecar, found);
    return { kind: 'compromised', detail: `${this.#subject()} was written over by somebody else`, by };
  }

  async #renew(signal?: AbortSignal): Promise<Check> {
    const before = await this.check(signal);
    if (before.kind === 'compromised') return before;
    const sidecar = await this.#keeping.sidecar();
    const bytes = this.#keeping.record(this.#holding);
    const { identity } = this.#holding;
    this.#unsettled.add(bytes);
    // One that is stale may be taken by others at any moment, so it is not written over: theirs would be lost.
    const isStale = (): boolean => this.#keeping.isExpired(identity);
    const renewed = isStale()
      ? await sidecar.takeOver(bytes, identity)
      : await sidecar.renew(bytes, identity, { signal, isStale });
    if (renewed) {
      this.#unsettled.clear();
      this.#holding = { ...this.#holding, identity: renewed };
    }
    const after = await this.check(signal);
    if (after.kind === 'compromised' || renewed) return after;
    throw new ProtocolError(
      'io',
      `${this.#subject()} could not be renewed, though it is still ours: something else refuses the write. On S3, see whether the service supports If-Match.`,
    );
  }

  async release(signal?: AbortSignal): Promise<Check> {
    const sidecar = await this.#keeping.sidecar();
    const before = await this.check(signal);
    if (before.kind === 'compromised') return this.#removing && !before.by ? { kind: 'ours' } : before;
    this.#removing = true;
    switch (await sidecar.remove(this.#holding.identity, signal)) {
      case 'removed':
        return { kind: 'ours' };
      case 'gone':
      case 'other':
      case 'lost':
        return this.check(signal);
    }
  }

  #isOurs(sidecar: Sidecar, found: Identity): boolean {
    if (sidecar.isSame(found, this.#holding.identity)) return true;
    return found.bytes !== undefined && this.#unsettled.has(found.bytes);
  }

  #subject(): string {
    return `the lock of ${quote(this.#holding.path)}`;
  }
}

type Place =
  | { readonly kind: 'file'; readonly sidecar: string }
  /** `store`: the bucket, without a prefix. */
  | { readonly kind: 'object'; readonly sidecar: string; readonly store: string };

/**
 * Where the sidecar of a path lies: a path, a `file:` URL, or `s3://bucket/key?region=…&endpoint=…&force-path-style=true`.
 * @throws ProtocolError, UsageError for what can't be locked
 */
function placeOf(path: string, platform: NodeJS.Platform): Place {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]?.toLowerCase();
  if (scheme === 's3') return objectOf(path);
  if (scheme !== undefined && scheme !== 'file') {
    const said = `vfs: ${quote(path)} is on a backend that Leasehold does not lock on. Use a path on a disk, or s3://bucket/key.`;
    throw new ProtocolError('unsupported', said);
  }
  if (platform === 'win32') {
    const said = `vfs: ${quote(path)} can't be locked on Windows, where a file that somebody reads can't be replaced. Use s3://bucket/key, or a runner with Linux or macOS.`;
    throw new ProtocolError('unsupported', said);
  }
  return { kind: 'file', sidecar: `${fileOf(path, scheme)}.lock` };
}

function fileOf(path: string, scheme: string | undefined): string {
  const file =
    scheme === 'file' && URL.canParse(path) && new URL(path).host === '' ? fileURLToPath(path) : path;
  if (!isAbsolute(file)) {
    const said = `vfs: ${quote(path)} is not absolute, and who shares the lock may run in another directory. Write the whole path.`;
    throw new ProtocolError('not-absolute', said);
  }
  if (file.endsWith('/') || file.includes('\0')) {
    const said = `vfs: ${quote(path)} names no file. The lock of a file is beside it: of /data/in.csv it is /data/in.csv.lock.`;
    throw new ProtocolError('refused-file', said);
  }
  return normalize(file);
}

function objectOf(path: string): Place {
  const url = URL.canParse(path) ? new URL(path) : undefined;
  const key = url && decodedKey(url);
  if (!url || !key || key.endsWith('/'))
    throw new UsageError(
      'path: names no object. Write s3://bucket/key, for the lock at key.lock in the bucket.',
    );
  url.pathname = '';
  return { kind: 'object', sidecar: `${key}.lock`, store: url.href };
}

function decodedKey({ pathname }: URL): string | undefined {
  try {
    return decodeURIComponent(pathname).slice(1);
  } catch {
    throw new UsageError('path: the key has a % that begins no escape. Write %25 for a percent sign.');
  }
}

function checkTtl(ttlMs: number | undefined): void {
  if (ttlMs === undefined || (ttlMs > 0 && ttlMs * NS_PER_MS < 2 ** 63)) return;
  throw new UsageError(
    `ttl: ${ttlMs} ms can't be written into a record of vfs. Leave it out for a lock that is never stale.`,
  );
}

function describeTtl({ ttlNs, createdAtNs }: VfsRecord, leftNs: bigint): string {
  if (ttlNs === 0n) return 'it has no ttl, so it is never stale';
  const ttl = `its ttl of ${formatDuration(Number(ttlNs) / NS_PER_MS)}`;
  const ms = Number(leftNs) / NS_PER_MS;
  if (leftNs >= 0n) return `${ttl} lasts for another ${formatDuration(ms)}`;
  return createdAtNs < 0n
    ? `${ttl} has no beginning, which counts as over`
    : `${ttl} ran out ${formatDuration(-ms)} ago`;
}

/*
 * The operations of the original for programs that use Leasehold as a library.
 * https://pkg.go.dev/github.com/c2fo/vfs/contrib/lockfile
 */

/** A record as the original's `Metadata`. All of it is somebody else's text: sanitise before people see it. */
export interface Metadata {
  /** RFC 3339, UTC. */
  readonly createdAt: string;
  /** The same in milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Milliseconds; 0: never stale. */
  readonly ttlMs: number;
  readonly hostname: string;
  readonly pid: number;
  /** Empty: none. */
  readonly ownerId: string;
}

function metadataOf({ createdAtNs, ttlNs, ...rest }: VfsRecord): Metadata {
  return {
    createdAt: formatTime(createdAtNs),
    createdAtMs: Number(createdAtNs) / NS_PER_MS,
    ttlMs: Number(ttlNs) / NS_PER_MS,
    ...rest,
  };
}

export interface LockOptions extends ProtocolOptions {
  /** The original's `WithTTL`, milliseconds. Absent: never stale. */
  readonly ttlMs?: number;
  /** The original's `WithOwnerID`. */
  readonly ownerId?: string;
  /** The original's `OnStale`: what it throws forbids that a stale lock is taken over. */
  readonly onStale?: (stale: Metadata) => void | Promise<void>;
  /** The process that the record names. Default: this one. */
  readonly pid?: number;
  readonly signal?: AbortSignal;
  readonly surroundings?: Surroundings;
}

const SYSTEM: Surroundings = { clock: systemClock, random: systemRandom, platform: process.platform };

/**
 * The original's `NewLock` and `Acquire`: takes the lock of a file or an object, a stale one too. One try. The hold is not
 * renewed by itself: see `keepHold`, or use `withLock`.
 * @returns the hold, whose `release` is the original's `Release`; or who holds the lock, where the original has
 * `ErrLockAlreadyHeld`
 * @throws ProtocolError; `vetoed` when `onStale` threw
 */
export async function acquire(path: string, options: LockOptions = {}): Promise<Attempt> {
  const { ttlMs, ownerId, onStale, pid = process.pid, signal, surroundings = SYSTEM, ...rest } = options;
  return new VfsProtocol(surroundings, rest).tryAcquire({
    path,
    pid,
    ...(ttlMs === undefined ? {} : { ttlMs }),
    ...(ownerId === undefined ? {} : { ownerId }),
    ...(signal === undefined ? {} : { signal }),
    mayTake: async ({ standing, identity }) => {
      const decoded = decodeRecord(identity.bytes ?? '');
      if (!standing.takeable || decoded.kind !== 'record') return false;
      await askHandler(path, metadataOf(decoded.record), onStale);
      return true;
    },
  });
}

async function askHandler(path: string, stale: Metadata, onStale: LockOptions['onStale']): Promise<void> {
  try {
    await onStale?.(stale);
  } catch (cause) {
    const said = `The stale lock of ${quote(path)} is left alone, for its handler forbids that it is taken over: ${quote(String(cause))}.`;
    throw new ProtocolError('vetoed', said, { cause });
  }
}

/**
 * The original's `Release`, but only of what is ours: `compromised` says that it was somebody else's by now, or gone.
 * @throws ProtocolError when it may still be there
 */
export function release(hold: Hold, signal?: AbortSignal): Promise<Check> {
  return hold.release(signal);
}

type LookOptions = Pick<LockOptions, 'region' | 'role' | 'surroundings' | 'signal'>;

/**
 * The original's `Metadata`, never from a cache. Anybody may ask.
 * @returns `undefined` when nobody holds the lock
 * @throws ProtocolError `refused-file` for a record that nobody can read
 */
export function metadata(path: string, options: LookOptions = {}): Promise<Metadata | undefined> {
  const { surroundings = SYSTEM, signal, ...rest } = options;
  return new VfsProtocol(surroundings, rest).metadata(path, signal);
}

/** The original's `Age`: milliseconds since the lock was taken or last renewed, by this machine's clock. */
export async function age(path: string, options: LookOptions = {}): Promise<number | undefined> {
  const { clock } = options.surroundings ?? SYSTEM;
  const said = await metadata(path, options);
  return said && clock.wallMs() - said.createdAtMs;
}

/** The original's `IsStale`, by this machine's clock. `undefined`: nobody holds the lock. */
export async function isStale(path: string, options: LookOptions = {}): Promise<boolean | undefined> {
  const { surroundings = SYSTEM, signal, ...rest } = options;
  const held = await new VfsProtocol(surroundings, rest).inspect(path, signal);
  return held?.standing.takeable;
}

/** How long a release that fails is tried again. */
const RELEASE_WITHIN_MS = 30_000;

/** `released`: whether it was ours to the end. */
export type Scoped<T> =
  | { readonly kind: 'done'; readonly result: T; readonly released: Check }
  | { readonly kind: 'held'; readonly by: Held };

/**
 * The original's `WithLock`: takes the lock, does `work`, releases it, whatever happens. With a ttl it is renewed in between;
 * the signal that `work` gets aborts when the lock is lost.
 * @throws ProtocolError when the lock could not be tried; otherwise what `work` throws
 */
export async function withLock<T>(
  path: string,
  work: (signal: AbortSignal) => T | Promise<T>,
  options: LockOptions = {},
): Promise<Scoped<T>> {
  const { clock } = options.surroundings ?? SYSTEM;
  const since = instantOf(clock);
  const attempt = await acquire(path, options);
  if (attempt.kind === 'held') return attempt;
  const { hold } = attempt;
  const [over, lost] = [new AbortController(), new AbortController()];
  const keeping = keepHold(hold, { clock, since, signal: over.signal }).then((end) => {
    if (end.kind === 'lost') lost.abort(lossOf(path, end.cause));
  });
  let result: T;
  try {
    result = await work(lost.signal);
  } catch (error) {
    over.abort();
    await keeping.catch(() => {});
    await releaseWithin(hold, clock, RELEASE_WITHIN_MS).catch(() => {});
    throw error;
  }
  over.abort();
  await keeping;
  return { kind: 'done', result, released: await releaseWithin(hold, clock, RELEASE_WITHIN_MS) };
}

function lossOf(path: string, cause: LossCause): ProtocolError {
  const detail = cause.kind === 'max-hold' ? 'it was held for too long' : cause.detail;
  return new ProtocolError('rogue-deletion', `The lock of ${quote(path)} was lost: ${detail}.`);
}
