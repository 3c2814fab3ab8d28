/**
 * Everything read from a lock record is somebody else's text. The runner's two log parsers act on `::command::` at the
 * start of a line (after any Unicode white space) and on `##[command]` anywhere in a line; terminals act on escape codes;
 * the job summary renders HTML and Markdown. Every foreign text passes through this file before it is shown.
 */

// Control characters, line and paragraph separators, what is invisible or reorders what is read (bidirectional controls,
// zero-width characters, tags), and surrogates without their other half.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const LONGEST = 512;

/**
 * `text` on one line, with nothing left that a terminal or the runner's log parsers act on. What is beyond 512 characters is
 * cut off. Control characters become `\u00xx`, `##[` becomes `##\u005b`, and `::` becomes `:\u003a`.
 */
export function sanitise(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut
    .replace(UNPRINTABLE, unicodeEscape)
    .replace(/##\[/g, `##${unicodeEscape('[')}`)
    .replace(/::/g, `:${unicodeEscape(':')}`);
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

/** `text` sanitised, for a cell of the job summary: no HTML, no Markdown, no table breaks. */
export function escapeMarkup(text: string): string {
  return sanitise(text).replace(/[&<>"'`|*_~[\]()#!\\@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
