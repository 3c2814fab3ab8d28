/** What the user gave can't be used. Thrown before anything is written; the message names the field and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
