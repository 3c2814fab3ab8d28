import { createHash } from 'node:crypto';
import type { Version } from './store.ts';

/** What was read or written, with the ETag and the headers of the answer. */
export interface Tagged {
  readonly body: Buffer;
  readonly version: Version;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * - `together` as far as can be known, body and ETag belong together
 * - `apart` they do not: this service's ETags are MD5s, and this one is of another body
 * - `unclear` the ETag may be of another body, or be no MD5 though it looks like one
 */
export type Bond = 'together' | 'apart' | 'unclear';

/**
 * Knows a torn answer: the ETag of one write with the body of another, from a service that reads one after the other and
 * lets a write pass in between (versitygw 1.8.0 does). Under a version that is newer than the body, a conditional write
 * would replace a record that nobody has looked at.
 *
 * It shows where an ETag is the MD5 of the body: on S3, and on most services like it, that is so for what was put in one
 * part, unless it is encrypted with SSE-KMS or SSE-C (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html). What
 * this service's ETags are is learnt from its answers. That one matches is no accident; that one does not may be.
 */
export class EtagCheck {
  #etags: 'not-known' | 'md5' | 'opaque' = 'not-known';

  /**
   * @param before the answer that was not `together`, if this one was asked for because of it. The same once more is taken
   * for the truth where nothing is known of the service's ETags yet: then they are no MD5s
   */
  judge(answer: Tagged, before?: Tagged): Bond {
    const claimed = MD5.exec(answer.version)?.[1]?.toLowerCase();
    const actual = claimed === undefined || isEncrypted(answer) ? undefined : md5Of(answer.body);
    if (actual === undefined) return 'together';
    if (actual === claimed) this.#etags = 'md5';
    else if (this.#etags === 'md5') return 'apart';
    else if (before?.version === answer.version && before.body.equals(answer.body)) this.#etags = 'opaque';
    else if (this.#etags === 'not-known') return 'unclear';
    return 'together';
  }
}

const MD5 = /^"?([\da-f]{32})"?$/i;

function isEncrypted({ headers }: Tagged): boolean {
  return (
    headers['x-amz-server-side-encryption']?.startsWith('aws:kms') === true ||
    headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined
  );
}

/** Nothing where OpenSSL has no MD5, as in FIPS mode. */
function md5Of(body: Buffer): string | undefined {
  try {
    return createHash('md5').update(body).digest('hex');
  } catch {
    return undefined;
  }
}
