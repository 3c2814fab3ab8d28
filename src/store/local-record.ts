import { LONGEST_BODY, type Version } from './store.ts';

/**
 * The files of a key's directory. `v.<N>` is the N-th record, complete and never changed; `tmp~<nonce>` is a write under
 * way. A record is a header line and the body after it. The header names the format, the record's own nonce and the nonces
 * of the records before it:
 *
 *     leasehold/1 89abcdef01234567 0123456789abcdef …
 */
export interface LocalRecord {
  readonly number: number;
  /** 64 random bits, new for every write: a directory that was removed and made again never gives an old version twice. */
  readonly nonce: string;
  /** The own nonce and those before it, newest first, by which a writer knows that its record was superseded. */
  readonly chain: string;
  readonly body: string;
}

/** What tells a record from all others. */
export type RecordId = Pick<LocalRecord, 'number' | 'nonce'>;

export const NONCE_BYTES = 8;
const NONCE_CHARACTERS = 2 * NONCE_BYTES;
/** How many nonces a chain keeps: with a lease's record after it, a file then fits into one page. */
export const CHAIN_LENGTH = 128;
const CHAIN_CHARACTERS = CHAIN_LENGTH * (NONCE_CHARACTERS + 1) - 1;
const FORMAT = 'leasehold/1 ';
const CHAIN = /^[0-9a-f]{16}(?: [0-9a-f]{16})*$/;
/** So many bytes of a file tell which record it is. */
export const ID_BYTES = FORMAT.length + NONCE_CHARACTERS;
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

export function versionOf(record: RecordId): Version {
  return `${record.number}.${record.nonce}` as Version;
}

/** The record that follows `previous`; the first one without. */
export function nextRecord(nonce: string, body: string, previous: LocalRecord | undefined): LocalRecord {
  const chain = previous ? `${nonce} ${previous.chain}`.slice(0, CHAIN_CHARACTERS) : nonce;
  return { number: (previous?.number ?? 0) + 1, nonce, chain, body };
}

/** The content of a record's file. */
export function encodeRecord({ chain, body }: LocalRecord): string {
  return `${FORMAT}${chain}\n${body}`;
}

/** Whether the content, of which `ID_BYTES` are enough, is that of a record with this nonce. */
export function hasNonce(content: string, nonce: string): boolean {
  return content.startsWith(nonce, FORMAT.length) && content.startsWith(FORMAT);
}

/** The record in a file's content, or why it is none. */
export function decodeRecord(number: number, content: string): LocalRecord | { readonly damage: string } {
  if (content === '') return { damage: 'is empty' };
  const headerLength = content.indexOf('\n');
  if (headerLength < 0 || headerLength > LONGEST_HEADER)
    return { damage: 'does not begin with a header line' };
  const chain = content.slice(FORMAT.length, headerLength);
  if (!content.startsWith(FORMAT) || !CHAIN.test(chain)) {
    return { damage: 'has a header that is not of this format' };
  }
  return { number, nonce: chain.slice(0, NONCE_CHARACTERS), chain, body: content.slice(headerLength + 1) };
}
