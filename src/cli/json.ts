import { escapeUnprintable } from '../base/sanitise.ts';

/**
 * `value` as JSON on one line that is safe to print: what a terminal or the runner's log parsers would act on (control
 * and invisible characters, `##[`) is written as `\uxxxx`, which a JSON parser reads as the very same text.
 */
export function jsonLine(value: unknown): string {
  return escapeUnprintable(JSON.stringify(value)).replace(/##\[/g, '##\\u005b');
}
