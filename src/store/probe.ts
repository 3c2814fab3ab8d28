import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import {
  type Reading,
  type Store,
  StoreError,
  type StoreErrorKind,
  type Version,
  type WriteResult,
} from './store.ts';

/**
 * Finds out whether a store keeps the promises of the contract. Some services accept a condition and ignore it: a lock on
 * one of them always succeeds. So no store is trusted on its word; it has to show it, on keys of the probe's own.
 */
export interface ProbeReport {
  /**
   * Every promise that the safety of a lock rests on was seen to be kept; of one that is about a race, that holds also of a
   * store which never lets two writes of a key race.
   */
  readonly ok: boolean;
  /** The variant of the protocol that works; the store speaks it from now on. Absent where it has only one. */
  readonly dialect?: string;
  readonly promises: readonly ProbedPromise[];
  /** Whether the store says how old a record is. */
  readonly storeClock: boolean;
}

export interface ProbedPromise extends Finding {
  readonly id:
    | 'create'
    | 'exists'
    | 'replace'
    | 'stale'
    | 'missing'
    | 'replace-race'
    | 'list'
    | 'remove'
    | 'clock';
  /** One plain sentence for people. */
  readonly promise: string;
  /** Whether a lock is unsafe without it. */
  readonly safety: boolean;
}

interface Finding {
  /** `unknown`: the store let too little through to tell. */
  readonly held: 'yes' | 'no' | 'unknown';
  readonly detail: string;
  /** It is unknown only because the store does not let writes of one key race at all (one a second: R2, GCS). */
  readonly throttled?: boolean;
}

export interface ProbeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
}

/** Racers of each attempt: a store that turns most of them away (429) is asked again with fewer. */
const RACERS = [16, 8, 4, 2];
/** Some services take one write a second for each key (Cloudflare R2, GCS). */
const PAUSE_MS = 1_200;
/** How often one call is made to a store that says it is busy. */
const ATTEMPTS = 5;

/**
 * Takes about fifty small requests, and removes what it wrote as far as it may.
 * @throws StoreError when the store can't be used at all (`denied`, `misconfigured`), does not answer or is too busy
 * (`unavailable`): that is no finding about its promises
 */
export async function probeStore(store: Store, options: ProbeOptions): Promise<ProbeReport> {
  return new Probe(store, options).run();
}

class Probe {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #options: { readonly signal?: AbortSignal };
  readonly #prefix: string;
  readonly #keys = new Set<string>();

  constructor(store: Store, { clock, random, signal }: ProbeOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#options = signal ? { signal } : {};
    // Each racer listens to it, and Node warns of a leak at ten.
    if (signal) setMaxListeners(0, signal);
    this.#prefix = `probe/${random.hex(8)}/`;
  }

  async run(): Promise<ProbeReport> {
    try {
      // What is wrong with the whole store shows here, at once: the reads after it have patience.
      await this.#store.read(`${this.#prefix}first`, this.#options);
      const { race, exists } = await this.#create();
      const { finding: replace, key, dialect, stale, current } = await this.#replace();
      const promises: ProbedPromise[] = [
        {
          id: 'create',
          promise: 'Of concurrent creates of one key, exactly one applies.',
          safety: true,
          ...race,
        },
        {
          id: 'exists',
          promise: 'A create of a key that exists does not apply.',
          safety: true,
          ...exists,
        },
        {
          id: 'replace',
          promise: 'A write that names the current version applies.',
          safety: true,
          ...replace,
        },
        {
          id: 'stale',
          promise: 'A write that names an older version does not apply.',
          safety: true,
          ...(await this.#stale(key, stale, current)),
        },
        {
          id: 'missing',
          promise: 'A write that names a version of a missing key writes nothing.',
          safety: true,
          ...(await this.#missing(stale)),
        },
        {
          id: 'replace-race',
          promise: 'Of concurrent writes at one version, exactly one applies.',
          safety: true,
          ...(await this.#replaceRace(current !== undefined)),
        },
        { id: 'list', promise: 'Listing shows what was written.', safety: false, ...(await this.#list(key)) },
      ];
      const clock = await this.#storeClock(key);
      promises.push(
        { id: 'clock', promise: 'The store says how old a record is.', safety: false, ...clock },
        { id: 'remove', promise: 'Removing a key works.', safety: false, ...(await this.#remove(key)) },
      );
      return {
        ok: promises.every(({ safety, held, throttled }) => !safety || held === 'yes' || throttled),
        ...(dialect === undefined ? {} : { dialect }),
        promises,
        storeClock: clock.held === 'yes',
      };
    } finally {
      await this.#cleanUp();
    }
  }

  async #create(): Promise<{ race: Finding; exists: Finding }> {
    const { finding, key } = await this.#race('create', async () => 'absent');
    const stored = await this.#bodyOf(key);
    // Also one after another: a service may serialise writes and still ignore the condition.
    const late = await this.#write(key, this.#body('late'), 'absent');
    if (stored === undefined) {
      return { race: finding, exists: { held: 'unknown', detail: 'no create before it applied' } };
    }
    const kept = late.kind === 'conflict' && (await this.#bodyOf(key)) === stored;
    const exists: Finding = kept
      ? { held: 'yes', detail: 'it was refused' }
      : { held: 'no', detail: 'it replaced what was there' };
    return { race: finding, exists };
  }

  /** Tries the dialects in order; the store goes on in the first that works. */
  async #replace(): Promise<{
    finding: Finding;
    key: string;
    stale: Version | undefined;
    current?: Version;
    dialect?: string;
  }> {
    const key = this.#key('replace');
    const created = await this.#write(key, this.#body('first'), 'absent');
    if (created.kind === 'conflict') {
      const detail = 'a create of a fresh key was refused, so nothing could be replaced';
      return { finding: { held: 'no', detail }, key, stale: undefined };
    }
    const stale = created.version;
    const failures: string[] = [];
    for (const dialect of this.#store.dialects ?? [undefined]) {
      if (dialect !== undefined) this.#store.speak?.(dialect);
      const result = await this.#tryReplace(key, stale);
      const name = dialect === undefined ? '' : ` (${dialect} versions)`;
      if (typeof result !== 'string' && result.kind === 'written') {
        const finding: Finding = { held: 'yes', detail: `it applied${name}` };
        return {
          finding,
          key,
          stale,
          current: result.version,
          ...(dialect === undefined ? {} : { dialect }),
        };
      }
      failures.push(typeof result === 'string' ? `${result}${name}` : `it was refused as a conflict${name}`);
    }
    const [first] = this.#store.dialects ?? [];
    if (first !== undefined) this.#store.speak?.(first);
    return { finding: { held: 'no', detail: failures.join('; ') }, key, stale };
  }

  /** A dialect that the service does not understand may be refused in any way; that is no fault of the whole store. */
  async #tryReplace(key: string, expected: Version): Promise<WriteResult | string> {
    try {
      return await this.#write(key, this.#body('second'), expected);
    } catch (error) {
      if (isOf(error, 'misconfigured', 'indeterminate', 'unavailable')) return error.message;
      throw error;
    }
  }

  async #stale(key: string, stale: Version | undefined, current: Version | undefined): Promise<Finding> {
    if (!stale || !current) return { held: 'unknown', detail: 'no write made an older version' };
    const before = await this.#bodyOf(key);
    const result = await this.#write(key, this.#body('stale'), stale);
    if (result.kind === 'written')
      return { held: 'no', detail: 'a write that named an older version applied' };
    const after = await this.#bodyOf(key);
    return after === before
      ? { held: 'yes', detail: 'it was refused' }
      : { held: 'no', detail: 'a write that named an older version was refused, and applied all the same' };
  }

  async #missing(version: Version | undefined): Promise<Finding> {
    if (!version) return { held: 'unknown', detail: 'no version was there to be named' };
    const key = this.#key('missing');
    const result = await this.#write(key, this.#body('missing'), version);
    if (result.kind === 'conflict' && (await this.#bodyOf(key)) === undefined) {
      return { held: 'yes', detail: 'it was refused' };
    }
    return { held: 'no', detail: 'it made the key' };
  }

  async #replaceRace(replaces: boolean): Promise<Finding> {
    if (!replaces) return { held: 'unknown', detail: 'no write that named a version applied' };
    const { finding } = await this.#race('replace-race', async (key) => {
      const created = await this.#write(key, this.#body('first'), 'absent');
      return created.kind === 'written' ? created.version : undefined;
    });
    return finding;
  }

  async #list(key: string): Promise<Finding> {
    return this.#informal('then there can be no queue', async () => {
      const listed = await this.#store.list(this.#prefix, this.#options);
      return listed.includes(key)
        ? { held: 'yes', detail: 'it does' }
        : { held: 'no', detail: 'a key was missing from the list; then there can be no queue' };
    });
  }

  async #remove(key: string): Promise<Finding> {
    return this.#informal(
      'tickets and probe keys will stay behind; a lifecycle rule can expire them',
      async () => {
        await this.#store.remove(key, this.#options);
        return (await this.#bodyOf(key)) === undefined
          ? { held: 'yes', detail: 'it does' }
          : { held: 'no', detail: 'the key was still there afterwards' };
      },
    );
  }

  async #storeClock(key: string): Promise<Finding> {
    const reading = await this.#read(key, true);
    const clock = reading.kind === 'absent' ? reading.storeTimeMs : reading.ageMs;
    const fallback =
      'a lease counts as expired once a waiter has seen it unchanged for its ttl on its own clock';
    return clock === undefined
      ? { held: 'no', detail: `it does not; ${fallback}` }
      : { held: 'yes', detail: 'expiry is judged by the clock of the store' };
  }

  /** For what no lock's safety depends on: a failure is a finding. */
  async #informal(consequence: string, look: () => Promise<Finding>): Promise<Finding> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      const passing = isOf(error, 'unavailable', 'indeterminate');
      return { held: passing ? 'unknown' : 'no', detail: `${error.message} (${consequence})` };
    }
  }

  /** Races writes with one expectation on a fresh key, with fewer racers each time until enough of them get through. */
  async #race(
    name: string,
    prepare: (key: string) => Promise<Version | 'absent' | undefined>,
  ): Promise<{ finding: Finding; key: string }> {
    let key = '';
    for (const count of RACERS) {
      if (count !== RACERS[0]) await this.#clock.sleep(PAUSE_MS, this.#options.signal);
      key = this.#key(`${name}-${count}`);
      const expected = await prepare(key);
      if (expected === undefined) continue;
      const racers = await this.#start(key, count, expected);
      const stored = await this.#bodyOf(key);
      const finding = judge(racers, stored);
      if (finding) return { finding, key };
    }
    const detail = `the store lets no writes of one key race: of ${RACERS.at(-1)} at once it turned away all but one`;
    return { finding: { held: 'unknown', detail, throttled: true }, key };
  }

  async #start(key: string, count: number, expected: Version | 'absent'): Promise<Racer[]> {
    const racing = Array.from({ length: count }, async (_, index): Promise<Racer> => {
      const body = this.#body(`racer ${index}`);
      try {
        return { body, end: (await this.#store.write(key, body, expected, this.#options)).kind };
      } catch (error) {
        if (isOf(error, 'unavailable')) return { body, end: 'turned away' };
        if (isOf(error, 'indeterminate')) return { body, end: 'open' };
        throw error;
      }
    });
    // All must have ended before anything is said: a racer left behind would write into what comes next.
    await Promise.allSettled(racing);
    return Promise.all(racing);
  }

  /** One write; what is left open by a lost answer is settled by reading. */
  async #write(key: string, body: string, expected: Version | 'absent'): Promise<WriteResult> {
    return this.#patiently(async () => {
      try {
        return await this.#store.write(key, body, expected, this.#options);
      } catch (error) {
        if (!isOf(error, 'indeterminate')) throw error;
        const reading = await this.#read(key);
        if (reading.kind === 'found' && reading.body === body)
          return { kind: 'written', version: reading.version };
        const version = reading.kind === 'found' ? reading.version : 'absent';
        if (version !== expected) return { kind: 'conflict' };
        throw error;
      }
    });
  }

  async #read(key: string, age = false): Promise<Reading> {
    return this.#patiently(() => this.#store.read(key, { age, ...this.#options }));
  }

  async #bodyOf(key: string): Promise<string | undefined> {
    const reading = await this.#read(key);
    return reading.kind === 'found' ? reading.body : undefined;
  }

  /** Calls again while the store is busy. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const passing = isOf(error, 'unavailable', 'indeterminate');
        if (!passing || attempt === ATTEMPTS || this.#options.signal?.aborted) throw error;
        await this.#clock.sleep(PAUSE_MS, this.#options.signal);
      }
    }
  }

  #key(name: string): string {
    const key = this.#prefix + name;
    this.#keys.add(key);
    return key;
  }

  /** No two are equal, for a version may be a digest of the body. */
  #body(name: string): string {
    return JSON.stringify({ probe: name, nonce: this.#random.hex(16) });
  }

  async #cleanUp(): Promise<void> {
    // Deleting may not be allowed, and need not be.
    await Promise.allSettled([...this.#keys].map((key) => this.#store.remove(key, this.#options)));
  }
}

interface Racer {
  readonly body: string;
  readonly end: WriteResult['kind'] | 'turned away' | 'open';
}

/**
 * What a race showed; `undefined` when too few got through. A lost answer breaks no promise: what is stored says who won.
 */
function judge(racers: readonly Racer[], stored: string | undefined): Finding | undefined {
  const ended = (end: Racer['end']): Racer[] => racers.filter((racer) => racer.end === end);
  const no = (detail: string): Finding => ({ held: 'no', detail });
  const [winner, ...others] = ended('written');
  if (others.length > 0)
    return no(`${others.length + 1} of ${racers.length} concurrent writes were told that they applied`);
  const holder = racers.find(({ body }) => body === stored);
  if (winner && holder !== winner)
    return no('a write was told that it applied, and something else is stored');
  if (holder?.end === 'turned away') return no('a write was told that it did not apply, and it is stored');
  const through = racers.length - ended('turned away').length;
  if (!holder && through === ended('conflict').length && through > 0) {
    return no(`all of ${through} concurrent writes were refused as conflicts`);
  }
  if (!holder || through < 2) return undefined;
  return { held: 'yes', detail: `of ${through} concurrent writes one applied` };
}

function isOf(error: unknown, ...kinds: StoreErrorKind[]): error is StoreError {
  return error instanceof StoreError && kinds.includes(error.kind);
}
