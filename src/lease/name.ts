import { createHash } from 'node:crypto';
import { quote } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';

const LONGEST_NAME = 200;
const MOST_SEGMENTS = 8;
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Checks a lock's name. A name is a path of 1 to 8 segments, `prod/api`; a segment is letters, digits, `.`, `_` and `-`
 * and starts with a letter or a digit; 200 characters at most in all.
 * @throws UsageError that says which rule it breaks
 */
export function checkName(name: string): string {
  const refuse = (why: string): never => {
    const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
    throw new UsageError(
      `name: ${quote(shown)} ${why}. A lock's name is a path such as "deploy" or "prod/api": letters, digits, ".", "_" and "-", segments joined by "/", at most ${LONGEST_NAME} characters.`,
    );
  };
  if (name === '') refuse('is empty');
  if (name.length > LONGEST_NAME) refuse(`has ${name.length} characters`);
  const segments = name.split('/');
  if (segments.length > MOST_SEGMENTS) refuse(`has ${segments.length} segments, more than ${MOST_SEGMENTS}`);
  for (const segment of segments) {
    if (segment === '') refuse('has an empty segment');
    if (segment === '.' || segment === '..') refuse(`has the segment "${segment}"`);
    if (!SEGMENT.test(segment)) refuse(`has the segment ${quote(segment.slice(0, 60))}`);
  }
  return name;
}

const RECORD = 'lease.json';
const HISTORY = 'history.json';
const ROOT = 'locks';

/**
 * The key of a lock's record: `locks/<segment>-<hash>/…/lease.json`. The lower-cased segment is there for people; the hash
 * keeps names apart that differ only in case on a disk that does not, and from what a file system reserves. One folder a
 * segment, so that everything below a name shares its prefix.
 */
export function recordKey(name: string): string {
  // A process works with a lock or two, and asks for their keys at every call.
  if (last?.name !== name) last = { name, key: keyOf(name) };
  return last.key;
}

let last: { readonly name: string; readonly key: string } | undefined;

function keyOf(name: string): string {
  return [ROOT, ...checkName(name).split('/').map(folder), RECORD].join('/');
}

/** The key of what is remembered of a lock's last holds, beside its record. A segment's folder always has a hash: none is named so. */
export function historyKey(name: string): string {
  return `${treePrefix(name)}${HISTORY}`;
}

/** The names above, the outermost first: `prod` and `prod/api` of `prod/api/eu`. */
export function ancestorsOf(name: string): string[] {
  const segments = name.split('/');
  return segments.slice(1).map((_, above) => segments.slice(0, above + 1).join('/'));
}

/** The prefix of the keys of all names below, and of the name's own. */
export function treePrefix(name: string): string {
  return recordKey(name).slice(0, -RECORD.length);
}

/** The prefix under which the records of all locks are. */
export const RECORDS_PREFIX = `${ROOT}/`;

export function isRecordKey(key: string): boolean {
  return key.startsWith(RECORDS_PREFIX) && key.endsWith(`/${RECORD}`);
}

function folder(segment: string): string {
  const hash = createHash('sha256').update(segment).digest('hex').slice(0, 12);
  return `${segment.toLowerCase().slice(0, 40)}-${hash}`;
}
