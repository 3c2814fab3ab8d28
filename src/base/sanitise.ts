/**
 * Everything read from a lock record is somebody else's text. The runner's two log parsers act on `::command::` at the
 * start of a line (after any Unicode white space) and on `##[command]` anywhere in a line; terminals act on escape codes;
 * the job summary renders HTML and Markdown. Every foreign text passes through this file before it is shown.
 */

// C0, DEL, C1, the Unicode line and paragraph separators, and the bidirectional controls that reorder what is read.
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const LONGEST = 512;

/**
 * `text` on one line, with nothing left that a terminal or the runner's log parsers act on. At most 512 characters.
 * Control characters become `\u00xx`, `##[` becomes `##\u005b`, and `::` becomes `:\u003a`.
 */
export function sanitise(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/##\[/g, '##\\u005b')
    .replace(/::/g, ':\\u003a');
}

/** `text` sanitised and in double quotes, for a message in which it stands beside our own words. */
export function quote(text: string): string {
  return `"${sanitise(text).replace(/"/g, '\\"')}"`;
}

/** `text` sanitised, for a cell of the job summary: no HTML, no Markdown, no table breaks. */
export function escapeMarkup(text: string): string {
  return sanitise(text).replace(/[&<>"'`|*_~[\]()#!\\@]/g, (character) => `&#${character.charCodeAt(0)};`);
}
