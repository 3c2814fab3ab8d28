/**
 * Everything read from a lock record is somebody else's text. The runner's two log parsers act on `::command::` at the
 * start of a line (after any Unicode white space) and on `##[command]` anywhere in a line; terminals act on escape codes;
 * the job summary renders HTML and Markdown. Every foreign text passes through this file before it is shown.
 */

// Control characters, line and paragraph separators, what is invisible or reorders what is read (bidirectional controls,
// zero-width characters, fillers, tags), and surrogates without their other half. The variation selectors of emoji stay.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/gu;
const LONGEST = 512;

/**
 * `text` on one line, with nothing left that a terminal or the runner's log parsers act on. What is beyond 512 characters is
 * cut off. Control characters become `\u00xx`, `##[` becomes `##\u005b`, and `::` becomes `:\u003a`.
 */
export function sanitise(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return escapeUnprintable(cut)
    .replace(/##\[/g, `##${unicodeEscape('[')}`)
    .replace(/::/g, `:${unicodeEscape(':')}`);
}

/** What a terminal acts on or nobody sees, as `\uxxxx`. Enough by itself only within JSON: see `jsonLine`. */
export function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, unicodeEscape);
}

/** As JSON writes it: one `\uxxxx` for each UTF-16 unit. */
function unicodeEscape(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** `text` sanitised and in double quotes, for a message in which it stands beside our own words. */
export function quote(text: string): string {
  return `"${sanitise(text).replace(/"/g, '\\"')}"`;
}

/**
 * `text` sanitised, for a cell of the job summary: a code span, in which GitHub renders nothing and makes no links,
 * mentions or references. Entities are not enough: it looks for e-mail addresses and mentions after it has decoded them.
 * Of nothing a dash: two backticks would begin another span.
 */
export function codeSpan(text: string): string {
  if (text === '') return '–';
  return `\`${sanitise(text).replace(/[`|]/g, unicodeEscape)}\``;
}
