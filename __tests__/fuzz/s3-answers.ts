import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { hostileText } from './hostile.ts';

/*
 * A service that answers anything: a real server on this machine, whose answers are written to the socket byte by byte, so
 * that they may be wrong in ways that no HTTP library lets them be.
 */

/** How the bytes of an answer are brought onto the wire. */
export type Delivery =
  | 'right'
  | 'until-closed'
  | 'chunked'
  | 'cut-in-headers'
  | 'cut-in-body'
  | 'more-than-said'
  | 'stalls-in-headers'
  | 'stalls-in-body'
  | 'silent'
  | 'reset';

export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly gzip: boolean;
  readonly delivery: Delivery;
}

/** Whether the client can have the whole answer. */
export function isWhole({ delivery }: Answer): boolean {
  return ['right', 'until-closed', 'chunked', 'more-than-said'].includes(delivery);
}

/** Whether the client can have the status and the headers. */
export function hasHead(answer: Answer): boolean {
  return isWhole(answer) || answer.delivery === 'cut-in-body' || answer.delivery === 'stalls-in-body';
}

/** A header as Node has it: of most names the first, of `date` all in one. */
export function headerOf({ headers }: Answer, name: 'etag' | 'last-modified' | 'date'): string | undefined {
  const values = headers.filter(([each]) => each === name).map(([, value]) => value.trim());
  return name === 'date' && values.length > 0 ? values.join(', ') : values[0];
}

const DATES = [
  ...['Sun, 01 Mar 2026 12:00:00 GMT', 'Sun, 01 Mar 2026 12:01:32 GMT', 'Sun, 01 Mar 2026 13:00:00 GMT'],
  ...['Thu, 01 Jan 1970 00:00:00 GMT', 'Wed, 31 Dec 1969 23:59:59 GMT', 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ...['Sat, 13 Sep 275760 00:00:00 GMT', 'Tue, 31 Feb 2026 00:00:00 GMT', 'Sun, 01 Mar 2026 12:00:60 GMT'],
  ...['Mon, 01 Mar 2026 12:00:00 GMT', 'Sun, 01 Mar 2026 12:00:00', 'Sunday, 01-Mar-26 12:00:00 GMT'],
  ...[
    'Sun Mar  1 12:00:00 2026',
    '2026-03-01T12:00:00Z',
    '1',
    '0',
    '-1',
    'yesterday 7',
    'x',
    '',
    '1e400',
    '1772366400',
  ],
];
const ETAGS = [
  '"0123456789abcdef0123456789abcdef"',
  '"e"',
  '"e"',
  'bare',
  'W/"weak"',
  '*',
  '"*"',
  '""',
  '"',
  '',
  ' ',
  '"a", "b"',
  'W/',
];
const CODES = [
  ...[
    'NoSuchKey',
    'NoSuchBucket',
    'PreconditionFailed',
    'ConditionalRequestConflict',
    'SlowDown',
    'SlowDownRead',
  ],
  ...[
    'InternalError',
    'AccessDenied',
    'ExpiredToken',
    'RequestTimeTooSkewed',
    'RequestTimeout',
    'NotModified',
  ],
  ...['PermanentRedirect', 'SignatureDoesNotMatch', 'AuthorizationHeaderMalformed', 'Unknown', 'Error', ''],
];
const STATUSES = [
  ...[
    200, 200, 200, 200, 201, 204, 206, 226, 299, 300, 301, 302, 304, 304, 304, 305, 307, 308, 399, 400, 401,
    403,
  ],
  ...[
    404, 404, 404, 404, 404, 405, 407, 408, 409, 411, 412, 412, 412, 413, 416, 417, 418, 429, 499, 500, 501,
    502,
  ],
  ...[503, 503, 504, 507, 511, 599, 600, 999],
];

/** What can be in a header: one line, bytes. */
const inHeader = (text: string): string => text.replace(/[^\x20-\x7e\xa1-\xff]/g, '').slice(0, 300);
const line = hostileText.map(inHeader);
const date = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...DATES) }, { weight: 1, arbitrary: line });
const header = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(
      fc.constant('etag'),
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ETAGS) }, { weight: 1, arbitrary: line }),
    ),
  },
  { weight: 3, arbitrary: fc.tuple(fc.constant('date'), date) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('last-modified'), date) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(
        'expires',
        'x-amz-bucket-region',
        'x-amz-request-id',
        'content-type',
        'location',
        'retry-after',
        'x-amz-version-id',
        'x-amz-delete-marker',
        'x-amz-object-size',
        'x-amz-missing-meta',
        'x-amz-checksum-crc32',
        'x-amz-meta-__proto__',
        'server',
        'set-cookie',
        'x-amzn-errortype',
        'x-amz-error-code',
        'content-range',
        'accept-ranges',
        'cache-control',
        'x-amz-restore',
        'x-amz-storage-class',
      ),
      fc.oneof(line, date, fc.constantFrom(...CODES)),
    ),
  },
  { weight: 1, arbitrary: fc.constant(['x-long', 'x'.repeat(9_000)] as const) },
);

const escaped = (text: string): string =>
  text.replace(/[<&]/g, (character) => `&#${character.charCodeAt(0)};`);

/** An error as S3 words it, more or less. */
const errorBody = fc
  .record({
    code: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...CODES) },
      { weight: 1, arbitrary: hostileText },
    ),
    message: hostileText,
    shape: fc.nat({ max: 14 }),
  })
  .map(({ code, message, shape }) => {
    const shapes = [
      `<Error><Code><a>1</a></Code><Message><b/></Message><Region><c/></Region></Error>`,
      `<Error><Code>${code}</Code><Code>${code}</Code><Message>a</Message><Message>b</Message></Error>`,
      `<Error><Code a="1">${code}</Code><Message>${message}</Message></Error>`,
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Error><Code>&b;</Code></Error>`,
      `<Error><__proto__><Code>NoSuchKey</Code></__proto__><constructor/><Message>${escaped(message)}</Message></Error>`,
      `<Error><Code>${code}</Code><name>x</name><stack>y</stack><Type>z</Type><$metadata>1</$metadata></Error>`,
      `<Error><Code>TimeoutError</Code><Message>did not establish a connection</Message></Error>`,
      `<Error><Code>${code}</Code><syscall>connect</syscall><code>CERT_HAS_EXPIRED</code></Error>`,
      `${'<a>'.repeat(500)}${'</a>'.repeat(500)}`,
      `<Error><Code>${code}</Code><Message>${escaped(message)}`,
      `{"Error":{"Code":${JSON.stringify(code)}}}`,
    ];
    return (
      shapes[shape] ??
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`
    );
  });

const listBody = fc
  .record({ keys: fc.array(hostileText, { maxLength: 3 }), shape: fc.nat({ max: 5 }), token: fc.boolean() })
  .map(({ keys, shape, token }) => {
    const contents = keys.map(
      (key) => `<Contents><Key>${escaped(key)}</Key><Size>x</Size><LastModified>y</LastModified></Contents>`,
    );
    const shapes = [
      '<Contents><Key><a/></Key></Contents>',
      '<Contents/>',
      '<Contents>x</Contents>',
      '<Name/>',
    ];
    const more = token ? '<NextContinuationToken>again</NextContinuationToken>' : '';
    return `<ListBucketResult>${shapes[shape] ?? ''}${contents.join('')}${more}</ListBucketResult>`;
  });

const body = fc.oneof(
  { weight: 5, arbitrary: errorBody },
  { weight: 2, arbitrary: listBody },
  { weight: 2, arbitrary: hostileText },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      '{}',
      '<html>Bad Gateway</html>',
      '<',
      '\ufeff<Error/>',
      'x'.repeat(64 * 1024),
      'x'.repeat(64 * 1024 + 1),
    ),
  },
);

const delivery: fc.Arbitrary<Delivery> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('right' as const) },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'until-closed' as const,
      'chunked' as const,
      'cut-in-headers' as const,
      'cut-in-body' as const,
      'more-than-said' as const,
      'reset' as const,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('stalls-in-headers' as const, 'stalls-in-body' as const, 'silent' as const),
  },
);

const anything: fc.Arbitrary<Answer> = fc.record({
  status: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...STATUSES) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 999 }) },
  ),
  headers: fc.array(header, { maxLength: 5 }),
  body,
  gzip: fc.integer({ min: 0, max: 15 }).map((number) => number === 0),
  delivery,
});

const usual = (status: number, code: string, text = ''): Answer => ({
  status,
  headers: [
    ['etag', '"e"'],
    ['date', DATES[1] ?? ''],
    ['last-modified', DATES[0] ?? ''],
  ],
  body: code === '' ? text : `<Error><Code>${code}</Code><Message>Because.</Message></Error>`,
  gzip: false,
  delivery: 'right',
});

/** Anything, and now and then what a service does answer, so that every outcome comes up. */
export const answer: fc.Arbitrary<Answer> = fc.oneof(
  { weight: 9, arbitrary: anything },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...[usual(200, '', '{}'), usual(304, ''), usual(404, 'NoSuchKey'), usual(412, 'PreconditionFailed')],
      ...[usual(503, 'SlowDown'), usual(500, 'InternalError'), usual(403, 'AccessDenied')],
      usual(200, '', 'x'.repeat(64 * 1024 + 1)),
    ),
  },
);

function bytesOf({ status, headers, body: text, gzip, delivery: how }: Answer): {
  head: Buffer;
  content: Buffer;
} {
  const content = gzip ? gzipSync(text) : Buffer.from(text);
  const said = {
    ...{ right: content.length, 'cut-in-body': content.length + 10, 'stalls-in-body': content.length + 10 },
    'more-than-said': Math.max(0, content.length - 3),
  } as Partial<Record<Delivery, number>>;
  const length = said[how];
  const framing =
    how === 'chunked'
      ? ['transfer-encoding: chunked']
      : length === undefined
        ? []
        : [`content-length: ${length}`];
  const lines = [
    `HTTP/1.1 ${status} Whatever`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framing,
    ...(gzip ? ['content-encoding: gzip'] : []),
    'connection: close',
  ];
  return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), content };
}

function deliver(given: Answer, socket: Socket): void {
  const { head, content } = bytesOf(given);
  switch (given.delivery) {
    case 'right':
    case 'until-closed':
    case 'more-than-said':
    case 'cut-in-body':
      socket.end(Buffer.concat([head, content]));
      return;
    case 'chunked':
      socket.end(
        Buffer.concat([
          head,
          Buffer.from(content.length > 0 ? `${content.length.toString(16)}\r\n` : ''),
          content,
          Buffer.from(content.length > 0 ? '\r\n0\r\n\r\n' : '0\r\n\r\n'),
        ]),
      );
      return;
    case 'cut-in-headers':
      socket.end(head.subarray(0, head.length - 6));
      return;
    case 'stalls-in-headers':
      socket.write(head.subarray(0, head.length - 6));
      return;
    case 'stalls-in-body':
      socket.write(Buffer.concat([head, content]));
      return;
    case 'silent':
      return;
    case 'reset':
      socket.resetAndDestroy();
  }
}

/** One request as the service got it. */
export interface Received {
  /** The path of the request. */
  readonly path: string;
  readonly body: string;
}

/** A service whose answers are set one after another; when there are none left, the last is given again. */
export class AnsweringServer {
  /** What came since the answers were set. */
  readonly received: Received[] = [];
  #answers: Answer[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request) => void this.#answer(request));

  async listen(): Promise<string> {
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  set answers(answers: readonly Answer[]) {
    this.received.length = 0;
    this.#answers = [...answers];
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #answer(request: IncomingMessage): Promise<void> {
    const { socket, url: path = '' } = request;
    const chunks = await request.toArray().catch(() => undefined);
    if (chunks === undefined) return;
    this.received.push({ path, body: Buffer.concat(chunks).toString('utf8') });
    const next = this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0];
    if (next) deliver(next, socket);
  }
}
