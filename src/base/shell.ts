/** `text` as one word of a POSIX shell's command line, for commands in messages that are to be copied. */
export function shellQuote(text: string): string {
  return /^[A-Za-z0-9_/.:@%+,=-]+$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}
