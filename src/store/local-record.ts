import { LONGEST_BODY, type Version } from './store.ts';

/**
 * The files of a key's directory. `v.<N>` is the N-th record, complete and never changed; `tmp~<nonce>` is a write under
 * way. A record is one line of JSON and the body after it:
 *
 *     {"format":"leasehold/1","nonce":"<16 hex digits>","trail":"<the nonces before it, newest first>"}
 */
export interface LocalRecord {
  readonly number: number;
  /** 64 random bits, new for every write: a directory that was removed and made again never gives an old version twice. */
  readonly nonce: string;
  /** The nonces of the records before this one, newest first, by which a writer knows that its own was superseded. */
  readonly trail: string;
  readonly body: string;
}

export const NONCE_BYTES = 8;
/** How many nonces a trail keeps. */
export const TRAIL_LENGTH = 256;
const TRAIL_CHARACTERS = TRAIL_LENGTH * (2 * NONCE_BYTES + 1) - 1;
const FORMAT = 'leasehold/1';
const LONGEST_HEADER = 8 * 1024;
/** Of a file that is longer only the header is of use. */
export const LONGEST_FILE = LONGEST_HEADER + LONGEST_BODY;

// `~` is in no key, so a temporary file is never taken for a part of one.
const TEMPORARY_PREFIX = 'tmp~';
// 15 digits are exact as a number.
const RECORD_NAME = /^v\.[1-9]\d{0,14}$/;

export function recordName(number: number): string {
  return `v.${number}`;
}

/** The N of `v.<N>`, 0 for any other name. */
export function numberOf(name: string): number {
  return RECORD_NAME.test(name) ? Number(name.slice(2)) : 0;
}

export function temporaryName(nonce: string): string {
  return TEMPORARY_PREFIX + nonce;
}

export function isTemporary(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

export function versionOf(record: Pick<LocalRecord, 'number' | 'nonce'>): Version {
  return `${record.number}.${record.nonce}` as Version;
}

/** The content of the record that follows `previous`. */
export function encodeRecord(nonce: string, body: string, previous: LocalRecord | undefined): string {
  const trail = previous ? `${previous.nonce} ${previous.trail}`.slice(0, TRAIL_CHARACTERS).trimEnd() : '';
  return `${JSON.stringify({ format: FORMAT, nonce, trail })}\n${body}`;
}

/** The record in a file's content, or why it is none. */
export function decodeRecord(number: number, content: string): LocalRecord | { readonly damage: string } {
  if (content === '') return { damage: 'is empty' };
  const headerLength = content.indexOf('\n');
  if (headerLength < 0 || headerLength > LONGEST_HEADER)
    return { damage: 'does not begin with a header line' };
  const header = parseHeader(content.slice(0, headerLength));
  if (!header) return { damage: 'has a header that is not of this format' };
  return { number, ...header, body: content.slice(headerLength + 1) };
}

function parseHeader(line: string): Pick<LocalRecord, 'nonce' | 'trail'> | undefined {
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof header !== 'object' || header === null) return undefined;
  const { format, nonce, trail } = header as Record<string, unknown>;
  if (format !== FORMAT || typeof nonce !== 'string' || typeof trail !== 'string') return undefined;
  return { nonce, trail };
}
