const IMF_FIXDATE_CHARACTERS = 'Sun, 06 Nov 1994 08:49:37 GMT'.length;

/**
 * Milliseconds since the epoch of a date in an HTTP header (IMF-fixdate of RFC 9110, section 5.6.7; whole seconds),
 * `undefined` when there is none or it is anything else: no age is better than a wrong one, and `Date.parse` finds a date
 * in almost any text.
 */
export function parseHttpDate(text = ''): number | undefined {
  const ms = Date.parse(text);
  const isDate = text.length === IMF_FIXDATE_CHARACTERS && !Number.isNaN(ms);
  return isDate && new Date(ms).toUTCString() === text ? ms : undefined;
}
