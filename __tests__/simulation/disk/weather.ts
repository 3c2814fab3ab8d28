import { FakeRandom } from '../../support/fake-random.ts';

/*
 * Which faults a seed has, and how often. Each seed has some of them only, each at a rate of its own (swarm testing: Groce
 * et al., "Swarm Testing", ISSTA 2012): with all at once, what needs a long quiet course would hardly ever come up.
 */

export const KINDS = ['local', 'network'] as const;
/** How the store treats the file system: as a disk of this machine, or as one that several machines share. */
export type Kind = (typeof KINDS)[number];

/** The system calls, by the name of what `Disk` does. A listing on a network is one call for each page. */
export const CALLS = [
  'create',
  'write',
  'open',
  'sync',
  'close',
  'read',
  'exists',
  'names',
  'mtime',
  'link',
  'unlink',
  'mkdir',
  'list',
] as const;
export type CallName = (typeof CALLS)[number] | 'sleep' | 'rest';

/** What a call may suffer. */
export type CallFault =
  /** Nothing happens, and an error is answered. */
  | { readonly kind: 'refused'; readonly code: string }
  /** It happens, and an error is answered: the reply of a file server got lost. */
  | { readonly kind: 'lost'; readonly code: string }
  /** Nothing happens, and success is answered. */
  | { readonly kind: 'false' }
  /** An error is answered, and it happens some time afterwards. */
  | { readonly kind: 'later'; readonly code: string }
  /** It happens, and some time afterwards again: a server without a cache of replies. */
  | { readonly kind: 'twice' }
  /** Half of it happens, and an error is answered. */
  | { readonly kind: 'half'; readonly code: string };

interface FaultRule {
  readonly call: CallName;
  readonly fault: CallFault['kind'];
  readonly codes: readonly string[];
  /** Absent: of both. */
  readonly only?: Kind;
}

const FULL = ['ENOSPC', 'EDQUOT'];

/**
 * Left out, for nothing can be safe from it: a read or a listing that shows what never was, a file that is changed or a
 * highest record that is deleted by somebody else, and an unlink that says it worked and did not. A create that is said
 * to have failed with EEXIST although it worked: the protocols of NFS have an exclusive create that can be sent again.
 */
const RULES: readonly FaultRule[] = [
  { call: 'link', fault: 'lost', codes: ['EEXIST', 'EIO', 'ETIMEDOUT'] },
  { call: 'link', fault: 'false', codes: [''] },
  { call: 'link', fault: 'refused', codes: [...FULL, 'EIO', 'EEXIST', 'EMLINK', 'EROFS', 'EACCES', 'EPERM'] },
  { call: 'link', fault: 'later', codes: ['ETIMEDOUT', 'EIO'], only: 'network' },
  { call: 'link', fault: 'twice', codes: [''], only: 'network' },
  { call: 'create', fault: 'refused', codes: [...FULL, 'EIO', 'EMFILE', 'EROFS'] },
  { call: 'create', fault: 'lost', codes: ['EIO', 'ETIMEDOUT'] },
  { call: 'write', fault: 'refused', codes: ['EIO', ...FULL] },
  { call: 'write', fault: 'half', codes: FULL },
  { call: 'sync', fault: 'refused', codes: ['EIO', ...FULL] },
  // A network file system may write only when a file is closed.
  { call: 'close', fault: 'half', codes: ['EIO', ...FULL], only: 'network' },
  // A directory that may not be opened is one whose durability is left to the system, so EACCES is none of these.
  { call: 'open', fault: 'refused', codes: ['EIO', 'EMFILE'] },
  { call: 'read', fault: 'refused', codes: ['EIO', 'EMFILE', 'ESTALE', 'EACCES'] },
  { call: 'list', fault: 'refused', codes: ['EIO', 'EMFILE', 'ESTALE', 'EACCES'] },
  // On a network it does not ask.
  { call: 'exists', fault: 'refused', codes: ['EIO', 'ESTALE'], only: 'local' },
  { call: 'names', fault: 'refused', codes: ['EIO', 'ESTALE'], only: 'local' },
  { call: 'mtime', fault: 'refused', codes: ['EIO', 'ESTALE'] },
  { call: 'unlink', fault: 'refused', codes: ['EIO', 'EBUSY', 'EROFS'] },
  { call: 'unlink', fault: 'lost', codes: ['EIO', 'ENOENT'] },
  { call: 'mkdir', fault: 'refused', codes: [...FULL, 'EIO'] },
];

/** What happens beside the calls. `only` as above. */
const EVENTS: Readonly<Record<EventName, { readonly only?: Kind; readonly rate: number }>> = {
  'a process crashes': { rate: 0.004 },
  'a process is paused': { rate: 0.02 },
  'a call is given up': { rate: 0.01 },
  'minutes pass': { rate: 0.004 },
  'others write many records': { rate: 0.004 },
  'the directory vanishes': { rate: 0.002 },
  'the power is cut': { rate: 0.004, only: 'local' },
};
export type EventName =
  | 'a process crashes'
  | 'a process is paused'
  | 'a call is given up'
  | 'minutes pass'
  | 'others write many records'
  | 'the directory vanishes'
  | 'the power is cut';

export function ruleName({ call, fault }: FaultRule): string {
  return `${call}: ${fault}`;
}

/** All that can be covered, of one kind. */
export function faultsOf(kind: Kind): { readonly calls: string[]; readonly events: EventName[] } {
  const isOf = ({ only = kind }: { readonly only?: Kind }): boolean => only === kind;
  return {
    calls: RULES.filter(isOf).map(ruleName),
    events: (Object.keys(EVENTS) as EventName[]).filter((name) => isOf(EVENTS[name])),
  };
}

/** What the cache of a network file system's client may show of the past. */
export type Cache =
  | 'none'
  /** Attributes and missing names; a directory that is opened is asked for anew (close-to-open, the default of NFS). */
  | 'attributes'
  /** Listings too (`nocto`). */
  | 'all';

/** One seed's share of all that can go wrong. */
export class Weather {
  readonly kind: Kind;
  readonly random: FakeRandom;
  readonly processes: number;
  /** Of each process. */
  readonly operations: number;
  readonly fsync: boolean;
  readonly cache: Cache;
  /** How likely it is that the process goes on that made the last call. */
  readonly steadiness: number;
  /** How many names one call of a listing gives; the directory may change before the next. */
  readonly pageLength: number;
  /** Whether a link to a name that exists fails with EPERM, as on sshfs. */
  readonly sftp: boolean;
  /** Before which calls processes are paused by preference: what matters is mostly between two certain calls. */
  readonly slowAt: ReadonlySet<CallName>;
  /** Whether minutes pass while such a process is paused, and others write so much that its number is used, and deleted. */
  readonly sleepy: boolean;
  readonly #rules = new Map<CallName, { readonly rule: FaultRule; readonly rate: number }[]>();
  readonly #events: { readonly name: EventName; readonly rate: number }[] = [];
  #over = false;

  constructor(seed: number, kind: Kind) {
    const random = new FakeRandom(seed * 2 + (kind === 'local' ? 0 : 1));
    this.kind = kind;
    this.random = random;
    this.processes = 2 + random.below(3);
    this.operations = 4 + random.below(14);
    this.fsync = random.chance(0.5);
    this.cache = kind === 'local' ? 'none' : random.pick(['none', 'attributes', 'attributes', 'all']);
    this.steadiness = random.pick([0, 0, 0.5, 0.9]);
    this.pageLength =
      kind === 'local' || random.chance(0.5) ? Number.POSITIVE_INFINITY : 4 + random.below(30);
    this.sftp = this.cache === 'all' && random.chance(0.5);
    const calm = random.chance(0.05);
    this.sleepy = !calm && random.chance(0.25);
    const slowAt: CallName[] = [random.pick([...CALLS]), random.pick(['link', 'read', 'exists'])];
    this.slowAt = new Set(this.sleepy ? ['write', 'link', 'read', 'exists'] : slowAt);
    for (const rule of RULES) {
      const rate = 0.4 * random.fraction() ** 3;
      if (calm || (rule.only ?? kind) !== kind || random.chance(0.7)) continue;
      const rules = this.#rules.get(rule.call) ?? [];
      this.#rules.set(rule.call, [...rules, { rule, rate }]);
    }
    for (const name of Object.keys(EVENTS) as EventName[]) {
      const { rate, only = kind } = EVENTS[name];
      const often = rate * random.pick([0.3, 1, 1, 3]);
      if (calm || only !== kind) continue;
      if (random.chance(this.sleepy ? 0.9 : 0.5)) continue;
      // Without fsync a power cut may take back what it likes.
      if (name === 'the power is cut' && !this.fsync) continue;
      this.#events.push({ name, rate: often });
    }
  }

  /** From now on nothing goes wrong. */
  clear(): void {
    this.#over = true;
  }

  faultOf(call: CallName): { readonly name: string; readonly fault: CallFault } | undefined {
    if (this.#over) return undefined;
    for (const { rule, rate } of this.#rules.get(call) ?? []) {
      if (!this.random.chance(rate)) continue;
      const code = rule.codes[this.random.below(rule.codes.length)] ?? 'EIO';
      return { name: ruleName(rule), fault: { kind: rule.fault, code } as CallFault };
    }
    return undefined;
  }

  /** What happens next beside the calls, if anything. */
  event(): EventName | undefined {
    if (this.#over) return undefined;
    for (const { name, rate } of this.#events) if (this.random.chance(rate)) return name;
    return undefined;
  }

  get pausesAtCalls(): boolean {
    if (this.#over) return false;
    return this.sleepy || this.#events.some(({ name }) => name === 'a process is paused');
  }
}
