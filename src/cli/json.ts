/**
 * `value` as JSON on one line that is safe to print: what a terminal or the runner's log parsers would act on (control
 * and invisible characters, `##[`) is written as `\uxxxx`, which a JSON parser reads as the very same text.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escapeUnits)
    .replace(/##\[/g, '##\\u005b');
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
