import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { proxyAgents } from '../base/proxy.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { StoreError, type StoreErrorKind } from './store.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const ANSWER_MS = 10_000;
const LONGEST_ANSWER = 64 * 1024;

/**
 * A new identity token (a JWT, RFC 7519) of this job of GitHub Actions, which lasts a few minutes. Fetched without the
 * runner's toolkit, whose function prints the token as a command to the runner: in a keeper, that would put it into a file.
 *
 * https://docs.github.com/en/actions/reference/security/oidc
 * @param audience for whom it is made out: its claim `aud`
 * @throws StoreError `denied` with the lines to add to the workflow, `unavailable` when it may be tried again
 */
export async function identityToken(audience: string, environment: Environment): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: secret } = environment;
  if (!url || !secret || !URL.canParse(url)) {
    throw new StoreError(
      'denied',
      'role-to-assume: this job may not ask for an identity token. Add to the job (or the workflow): permissions: { id-token: write, contents: read }. A pull request from a fork is never given one: let that job run without the lock (enabled).',
    );
  }
  const target = new URL(url);
  target.searchParams.set('audience', audience);
  const { status, body } = await get(target, secret);
  const token = status === 200 ? valueIn(body) : undefined;
  if (token !== undefined) return token;
  const [kind, advice]: [StoreErrorKind, string] =
    status === 401 || status === 403
      ? ['denied', 'It is asked for with a token of the job, which ends with the job.']
      : ['unavailable', 'It may be tried again.'];
  throw new StoreError(
    kind,
    `role-to-assume: GitHub gave no identity token (status ${status} from ${target.host}). ${advice}`,
  );
}

/** What a trust policy looks at. The claims of a token are no secret, its signature is. */
export function claimsOf(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { iss, sub, aud } = Object(claims) as Record<string, unknown>;
    return `iss ${quote(String(iss))}, sub ${quote(String(sub))}, aud ${quote(String(aud))}`;
  } catch {
    return 'claims that can not be read';
  }
}

async function get(target: URL, secret: string): Promise<{ status: number; body: string }> {
  const { httpAgent, httpsAgent } = await proxyAgents(target);
  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${secret}`,
    'user-agent': 'leasehold',
  };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      // A request that waits for its socket does not hear of the signal.
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const sent = send(target, { agent: httpsAgent ?? httpAgent ?? false, headers, signal });
      sent.on('response', resolve).on('error', reject).end();
    });
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) {
      body += chunk;
      if (body.length > LONGEST_ANSWER) throw new Error('the answer is too long');
    }
    return { status: response.statusCode ?? 0, body };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = sanitise(typeof code === 'string' ? code : message);
    throw new StoreError(
      'unavailable',
      `role-to-assume: GitHub's service for identity tokens at ${target.host} did not answer (${reason}). It may be tried again.`,
      { cause },
    );
  }
}

function valueIn(body: string): string | undefined {
  try {
    const { value } = Object(JSON.parse(body)) as { value?: unknown };
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
