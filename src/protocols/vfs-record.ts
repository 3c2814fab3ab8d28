import { formatInstant, parseInstant } from '../base/duration.ts';

/*
 * The sidecar's record: JSON as Go's encoding/json writes and reads it, for what one side takes for a record and the other
 * does not would be two holders. https://pkg.go.dev/encoding/json
 */

/**
 * How the keys are spelt: v1.0.0 wrote `created_at` and `owner_id`, all later versions `createdAt` and `ownerId`. Each reads
 * the other's time as the year 1, so a lock with a ttl looks stale to it at once. `both` is read rightly by either.
 */
export type Keys = 'new' | 'old' | 'both';

/** What a record says. Times in nanoseconds, as Go has them. */
export interface VfsRecord {
  /** Since the epoch. The year 1, Go's zero time, where the record says none. */
  readonly createdAtNs: bigint;
  /** 0: never stale. */
  readonly ttlNs: bigint;
  readonly hostname: string;
  readonly pid: number;
  /** Empty: none. */
  readonly ownerId: string;
}

/** `unreadable`: neither the original nor we can tell whose it is; `why` is a part of a sentence. */
export type Decoded =
  | { readonly kind: 'record'; readonly record: VfsRecord }
  | { readonly kind: 'unreadable'; readonly why: string };

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000n;
/** Go's zero time: 0001-01-01T00:00:00Z. */
const ZERO_TIME_NS = -62_135_596_800n * NS_PER_S;

/** @returns the record's bytes, one character a byte: those of `json.MarshalIndent(record, "", "  ")` */
export function encodeRecord(record: VfsRecord, keys: Keys): string {
  const { createdAtNs, ttlNs, hostname, pid, ownerId } = record;
  const time = `"${formatTime(createdAtNs)}"`;
  const owner = ownerId === '' ? [] : [text(ownerId)];
  const spelt = (createdAt: string, ownerKey: string): [string, string][] => [
    [createdAt, time],
    ['ttl', String(ttlNs)],
    ['hostname', text(hostname)],
    ['pid', String(pid)],
    ...owner.map((value): [string, string] => [ownerKey, value]),
  ];
  const old: [string, string][] = [
    ['created_at', time],
    ...owner.map((value): [string, string] => ['owner_id', value]),
  ];
  const lines = {
    new: spelt('createdAt', 'ownerId'),
    old: spelt('created_at', 'owner_id'),
    both: [...spelt('createdAt', 'ownerId'), ...old],
  }[keys].map(([key, value]) => `  "${key}": ${value}`);
  return Buffer.from(`{\n${lines.join(',\n')}\n}`, 'utf8').toString('latin1');
}

/**
 * A text as Go writes it: what HTML or JavaScript could take for more is escaped, and what is no Unicode is replaced
 * (https://pkg.go.dev/encoding/json#Marshal).
 */
function text(value: string): string {
  const parts = value.split(/\p{Cs}/u).map((part) => JSON.stringify(part).slice(1, -1));
  return `"${parts.join('\\ufffd')}"`.replace(/[<>&\u2028\u2029]/g, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** RFC 3339 in UTC, the fraction to nanoseconds without trailing zeros: Go's `time.RFC3339Nano`. */
export function formatTime(ns: bigint): string {
  const fraction = ((ns % NS_PER_S) + NS_PER_S) % NS_PER_S;
  const seconds = formatInstant(Number((ns - fraction) / NS_PER_MS)).slice(0, -1);
  const digits = String(fraction).padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${digits === '' ? '' : `.${digits}`}Z`;
}

const TIME = /^(\d{4}-\d\d-\d\dT)(\d\d?)(:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])([01]\d|2[0-4]):([0-5]\d|60))$/;

/**
 * Nanoseconds since the epoch of a time in RFC 3339; `undefined` when Go's `Time.UnmarshalJSON` refuses it. It lets pass what
 * the RFC does not: an hour of one digit, a comma, offsets of 24 hours or 60 minutes (https://go.dev/issue/54580).
 */
function parseTime(written: string): bigint | undefined {
  const [, date = '', hour = '', rest = '', fraction = '', sign = '+', hours = '0', minutes = '0'] =
    TIME.exec(written) ?? [];
  const seconds = `${date}${hour.padStart(2, '0')}${rest}Z`;
  const ms = parseInstant(seconds);
  // A 30th of February is carried into March, and 24:00 into the next day; Go refuses both.
  if (ms === undefined || formatInstant(ms) !== seconds) return undefined;
  const ahead = BigInt(`${sign}1`) * BigInt(Number(hours) * 3_600 + Number(minutes) * 60) * NS_PER_S;
  return BigInt(ms) * NS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0')) - ahead;
}

/**
 * Reads a record as Go's decoder does: keys in any case, those it does not know ignored, `null` as if it were not there, what
 * follows the first value not looked at. It differs in one thing: both spellings are read.
 * @param bytes one character a byte
 */
export function decodeRecord(bytes: string): Decoded {
  const source = Buffer.from(bytes, 'latin1').toString('utf8');
  if (/^[ \t\r\n]*$/.test(source)) return { kind: 'unreadable', why: 'its record is empty' };
  try {
    const value = new Scanner(source).value(0);
    if (value.kind !== 'object' && value.kind !== 'null') throw new SyntaxError('it is no JSON object');
    return { kind: 'record', record: recordOf(value.kind === 'object' ? value.members : []) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'unreadable', why: `its record can't be read (${error.message})` };
  }
}

function recordOf(members: readonly (readonly [string, Value])[]): VfsRecord {
  let [createdAtNs, oldCreatedAtNs]: (bigint | undefined)[] = [];
  let [ownerId, oldOwnerId]: (string | undefined)[] = [];
  let [ttlNs, hostname, pid] = [0n, '', 0];
  for (const [key, value] of members) {
    if (value.kind === 'null') continue;
    switch (folded(key)) {
      case 'createdat':
        createdAtNs = timeOf(key, value);
        break;
      case 'created_at':
        oldCreatedAtNs = timeOf(key, value);
        break;
      case 'ttl':
        ttlNs = integerOf(key, value);
        break;
      case 'hostname':
        hostname = textOf(key, value);
        break;
      case 'pid':
        pid = Number(integerOf(key, value));
        break;
      case 'ownerid':
        ownerId = textOf(key, value);
        break;
      case 'owner_id':
        oldOwnerId = textOf(key, value);
        break;
    }
  }
  return {
    createdAtNs: createdAtNs ?? oldCreatedAtNs ?? ZERO_TIME_NS,
    ttlNs,
    hostname,
    pid,
    ownerId: ownerId ?? oldOwnerId ?? '',
  };
}

/** As Go compares keys: by Unicode's simple folding, in which a long s and a Kelvin sign are letters of ASCII. */
function folded(key: string): string {
  return key.replace(/\u017f/g, 's').toLowerCase();
}

function timeOf(key: string, value: Value): bigint {
  // Go looks at it as it is written, escapes and all.
  const ns = value.kind === 'string' ? parseTime(value.written.slice(1, -1)) : undefined;
  if (ns === undefined) throw new SyntaxError(`${key} is no time of RFC 3339`);
  return ns;
}

const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];

function integerOf(key: string, value: Value): bigint {
  const written = value.kind === 'number' ? value.written : '';
  const integer = /^-?\d+$/.test(written) ? BigInt(written) : undefined;
  if (integer === undefined || integer < LEAST || integer > MOST)
    throw new SyntaxError(`${key} is no whole number of 64 bits`);
  return integer;
}

function textOf(key: string, value: Value): string {
  if (value.kind !== 'string') throw new SyntaxError(`${key} is no text`);
  return String(JSON.parse(value.written)).replace(/\p{Cs}/gu, '\ufffd');
}

/** A value of which only what a record may have is kept. */
type Value =
  | { readonly kind: 'null' | 'other' }
  | { readonly kind: 'number' | 'string'; readonly written: string }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Value])[] };

const BLANK = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON forbids in a text
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const UNENDED = /"(?:[^"\\]|\\.)*\\?$/y;
const WORD = /true|false|null/y;

/** Deeper nesting is nobody's record. */
const DEEPEST = 500;

/**
 * Reads the first JSON value of a text (RFC 8259) and keeps numbers and texts as they are written: `JSON.parse` reads neither
 * a value that something follows, nor a ttl over 104 days without rounding.
 */
class Scanner {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** @throws SyntaxError */
  value(depth: number): Value {
    if (depth > DEEPEST) throw new SyntaxError('it is nested too deeply');
    this.#match(BLANK);
    switch (this.#source[this.#at]) {
      case '{':
        return { kind: 'object', members: this.#list('}', () => this.#member(depth)) };
      case '[':
        this.#list(']', () => this.value(depth + 1));
        return { kind: 'other' };
      case '"':
        return { kind: 'string', written: this.#demand(STRING) };
      case 't':
      case 'f':
      case 'n':
        return { kind: this.#demand(WORD) === 'null' ? 'null' : 'other' };
      default:
        return { kind: 'number', written: this.#demand(NUMBER) };
    }
  }

  #member(depth: number): readonly [string, Value] {
    this.#match(BLANK);
    const key = String(JSON.parse(this.#demand(STRING)));
    this.#match(BLANK);
    this.#expect(':');
    return [key, this.value(depth + 1)];
  }

  /** What stands between an opening character and `close`, with commas. */
  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    this.#at += 1;
    this.#match(BLANK);
    if (this.#source[this.#at] === close) {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(item());
      this.#match(BLANK);
      if (this.#source[this.#at] === close) break;
      this.#expect(',');
    }
    this.#at += 1;
    return items;
  }

  #expect(character: string): void {
    if (this.#source[this.#at] !== character) throw this.#broken();
    this.#at += 1;
  }

  #demand(pattern: RegExp): string {
    const found = this.#match(pattern);
    if (found === '') throw this.#broken();
    return found;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#source) ?? [];
    this.#at += found.length;
    return found;
  }

  #broken(): SyntaxError {
    if (this.#match(UNENDED) !== '' || this.#at >= this.#source.length)
      return new SyntaxError('it is cut off');
    return new SyntaxError(`no JSON at character ${this.#at + 1}`);
  }
}
