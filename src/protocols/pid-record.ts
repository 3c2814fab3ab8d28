/*
 * The two records of the protocol `pid`: `L`, one line with the pid of who holds it, and its companion `L.expire`, one line
 * with the Unix second after which others may take it. Both are read as Go's `fmt.Sscanln` reads an int.
 */

// White space by Go's `fmt`, without the newline: that one ends the line.
const BLANK = '[\\t\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
// An integer literal of Go: an underscore stands between two digits, or between the prefix and a digit.
const LITERAL = '0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|0(?:_?[0-7])*|[1-9](?:_?[0-9])*';
const LINE = new RegExp(`^${BLANK}*([+-]?)(${LITERAL})${BLANK}*(?:\\n|$)`);

const LARGEST = 2n ** 63n - 1n;

/**
 * The integer in the first line of a file, as `fmt.Sscanln(text, &n)` of Go finds it (https://pkg.go.dev/fmt#hdr-Scanning):
 * blanks around it, a sign, the prefixes `0x`, `0o`, `0b`, a leading 0 for octal, and underscores between digits; whatever
 * comes after the first newline is not looked at.
 * @param bytes one character a byte
 * @returns `undefined` when Go reports an error: nothing there, something else beside it, or more than 64 bits
 */
export function scanInteger(bytes: string): bigint | undefined {
  // Go decodes UTF-8, in which some blanks are two or three bytes long.
  const [, sign, literal] = LINE.exec(Buffer.from(bytes, 'latin1').toString('utf8')) ?? [];
  if (literal === undefined) return undefined;
  const digits = literal.replaceAll('_', '');
  const size = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (sign === '-') return size <= LARGEST + 1n ? -size : undefined;
  return size <= LARGEST ? size : undefined;
}

/**
 * The pid in a record; `undefined` for what the original calls an invalid pid: no integer, or none above 0. More than a
 * system's pids can be is given as it is read.
 * @param bytes one character a byte
 */
export function parsePid(bytes: string): number | undefined {
  const value = scanInteger(bytes);
  return value !== undefined && value > 0n ? Number(value) : undefined;
}

/** The bytes of `L` that name a process. */
export function pidRecord(pid: number): string {
  return `${pid}\n`;
}

/** The bytes of a companion that lets others take the lock `ttlMs` from now on, in whole seconds: never sooner. */
export function companionRecord(nowMs: number, ttlMs: number): string {
  return `${Math.floor(nowMs / 1_000) + ttlMs / 1_000}\n`;
}
