import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Clock, withTimeout } from '../base/clock.ts';
import { parseHttpDate } from '../base/http-date.ts';
import { proxyAgents } from '../base/proxy.ts';

/** What came of one request. Every answer may ask for a rest: `restMs`, during which nothing may be asked. */
export type Answer = { readonly restMs: number } & (
  | { readonly kind: 'found'; readonly body: unknown; readonly etag?: string }
  /** It is as it was when the given ETag was. */
  | { readonly kind: 'unchanged' }
  /** It has another address on the same server: a repository that was renamed. */
  | { readonly kind: 'moved'; readonly url: string }
  | { readonly kind: 'limited'; readonly limit: 'primary' | 'secondary' }
  /** The server's own words are in `message`, and not sanitised. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'failed'; readonly detail: string }
);

export interface Question {
  /** Of the API: the token is sent there. */
  readonly url: string;
  readonly token: string;
  /** That of the last answer: with it an unchanged resource costs nothing of the token's hourly limit. */
  readonly etag?: string | undefined;
}

/** How long one request may take, with all that belongs to it: a waiter looks at nothing else meanwhile. */
const ANSWER_WITHIN_MS = 5_000;
const LONGEST_BODY = 1_000_000;
/** "Otherwise, wait for at least one minute before retrying." */
const REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;

/**
 * One GET to GitHub's REST API: one request, no retry, no redirect followed. Whatever goes wrong is an answer.
 * Limits are told apart as https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api says.
 */
export async function ask(question: Question, clock: Clock, signal?: AbortSignal): Promise<Answer> {
  return exchange('GET', question, { clock, signal, judge: answerOf });
}

/** One POST without a body, in the same way. `accepted`: GitHub does it, or has done it. */
export async function order(
  question: Omit<Question, 'etag'>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Answer | { readonly kind: 'accepted' }> {
  return exchange('POST', question, {
    clock,
    signal,
    judge: (received, at) =>
      received.status >= 200 && received.status < 300 ? { kind: 'accepted' } : answerOf(received, at),
  });
}

interface Received {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** `undefined`: it is no JSON. */
  readonly body: unknown;
}

async function exchange<A>(
  method: 'GET' | 'POST',
  question: Question,
  { clock, signal, judge }: { clock: Clock; signal: AbortSignal | undefined; judge: Judge<A> },
): Promise<A | Answer> {
  return withTimeout(clock, ANSWER_WITHIN_MS, signal, async (limited) => {
    try {
      const response = await send(method, question, limited);
      const { statusCode: status = 0, headers } = response;
      const received = { status, headers, body: await bodyOf(response) };
      return judge(received, { url: question.url, nowMs: clock.wallMs() });
    } catch (error) {
      const detail = failureOf(limited.aborted ? limited.reason : error);
      return { kind: 'failed', restMs: 0, detail };
    }
  });
}

type Judge<A> = (received: Received, at: { readonly url: string; readonly nowMs: number }) => A;

async function send(
  method: 'GET' | 'POST',
  { url, token, etag }: Question,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = new URL(url);
  const { httpAgent, httpsAgent } = await proxyAgents(target);
  const headers = {
    // No X-GitHub-Api-Version: a version that is retired one day is refused, and what is read here is in all of them.
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    // GitHub refuses requests without one.
    'user-agent': 'leasehold',
    ...(method === 'POST' ? { 'content-length': '0' } : {}),
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
  };
  const agent = httpsAgent ?? httpAgent ?? false;
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // A request that hangs before it has a socket (a proxy that does not answer) does not hear of the signal itself.
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const sent: ClientRequest = request(target, { method, agent, headers, signal });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
}

async function bodyOf(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > LONGEST_BODY) throw new Error(`its answer is longer than ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function answerOf(
  { status, headers, body }: Received,
  { url, nowMs }: { url: string; nowMs: number },
): Answer {
  const spent = headers['x-ratelimit-remaining'] === '0';
  const restMs = restOf(headers, spent, nowMs);
  const message = messageIn(body);
  if (status === 200 && body !== undefined) {
    const { etag } = headers;
    return { kind: 'found', restMs, body, ...(etag === undefined ? {} : { etag }) };
  }
  if (status === 304) return { kind: 'unchanged', restMs };
  if ([301, 302, 307, 308].includes(status)) return { ...redirection(url, headers.location), restMs };
  const limited = status === 429 || (status === 403 && (restMs > 0 || /rate limit/i.test(message)));
  if (limited) {
    return { kind: 'limited', limit: spent ? 'primary' : 'secondary', restMs: restMs || REST_MS };
  }
  if (status === 407) {
    return { kind: 'failed', restMs, detail: 'the proxy wants credentials: put them into HTTPS_PROXY' };
  }
  if (status >= 400 && status < 500) return { kind: 'refused', restMs, status, message };
  return { kind: 'failed', restMs, detail: `it answered with status ${status}${body ? '' : ' and no JSON'}` };
}

/**
 * How long the headers of an answer want nothing to be asked: `retry-after` seconds, or until `x-ratelimit-reset` (seconds
 * since the epoch) when nothing is left. The time until then is taken by the server's own `date`: our clock may be wrong.
 */
function restOf(headers: IncomingMessage['headers'], spent: boolean, nowMs: number): number {
  const retryAfter = headers['retry-after'];
  if (retryAfter !== undefined)
    return bounded(/^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : REST_MS);
  if (!spent) return 0;
  const reset = Number(headers['x-ratelimit-reset']) * 1_000;
  // A second for the whole seconds of `date`.
  const leftMs = reset - (parseHttpDate(headers.date) ?? nowMs) + 1_000;
  return bounded(leftMs > 0 ? leftMs : REST_MS);
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, 1_000), LONGEST_REST_MS);
}

function redirection(from: string, location: string | undefined) {
  const to = location !== undefined && URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (to?.origin === new URL(from).origin) return { kind: 'moved', url: to.href } as const;
  // The token is for the API alone.
  return { kind: 'failed', detail: 'it redirects to another server' } as const;
}

function messageIn(body: unknown): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof message === 'string' ? message : '';
}

function failureOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return `it could not be reached (${code})`;
  return error instanceof Error ? error.message : 'no answer';
}
