/**
 * Milliseconds since the epoch of a date in an HTTP header (RFC 9110, section 5.6.7; whole seconds), `undefined` when there
 * is none or it can't be read.
 */
export function parseHttpDate(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : ms;
}
