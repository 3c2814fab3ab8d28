import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import { proxyAgents } from '../base/proxy.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { StoreError, type StoreErrorKind } from './store.ts';

/** A role of AWS that a job of GitHub Actions assumes by its own identity. Nothing in it is a secret. */
export interface Role {
  /** `arn:aws:iam::<account>:role/<name>` */
  readonly arn: string;
  /** What the session is called in AWS's logs. */
  readonly sessionName: string;
  /** For whom the identity token is made out: what the role's trust policy wants to see as `aud`. */
  readonly audience: string;
}

export type Credentials = Awaited<ReturnType<ReturnType<typeof fromWebToken>>>;

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
const LONGEST_ANSWER = 64 * 1024;

/**
 * What gets the credentials of `role`, to be called again whenever they are about to expire: with a new identity token each
 * time, for one lasts a few minutes and a job may take hours.
 *
 * https://docs.github.com/en/actions/reference/security/oidc and
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @returns a provider that throws StoreError: `denied` with what to change, `unavailable` when it may be tried again
 */
export function assumeRole(
  role: Role,
  { region, environment }: { region: string; environment: Environment },
): () => Promise<Credentials> {
  return async () => {
    const token = await identityToken(role.audience, environment);
    const endpoint = environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL;
    const clientConfig = {
      region,
      ...(endpoint ? { endpoint } : {}),
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
        ...(await proxyAgents(new URL(endpoint || `https://sts.${region}.amazonaws.com`))),
      },
    };
    const provider = fromWebToken({
      roleArn: role.arn,
      roleSessionName: role.sessionName,
      webIdentityToken: token,
      clientConfig,
    });
    try {
      return await provider();
    } catch (error) {
      throw refusal(role, token, error);
    }
  };
}

/**
 * A new identity token of this job. Fetched without the runner's toolkit, whose function prints the token as a command to
 * the runner: in a keeper, that would put it into a file.
 */
async function identityToken(audience: string, environment: Environment): Promise<string> {
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
    throw new StoreError(
      'unavailable',
      `role-to-assume: GitHub's service for identity tokens at ${target.host} did not answer (${sanitise(code ?? message)}). It may be tried again.`,
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

/*
 * What STS says. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */

function refusal(role: Role, token: string, thrown: unknown): StoreError {
  const { name, message, $metadata } = thrown as Error & { $metadata?: { httpStatusCode?: number } };
  const { kind, advice } = judge(role, { name, status: $metadata?.httpStatusCode, token });
  const said = sanitise(message === '' ? name : `${name}: ${message}`);
  // The cause is made anew: the SDK copies the answer onto its errors.
  return new StoreError(
    kind,
    `role-to-assume: the role ${sanitise(role.arn)} could not be assumed (${said}). ${advice}`,
    { cause: Object.assign(new Error(message), { name }) },
  );
}

function judge(
  role: Role,
  { name, status, token }: { name: string; status: number | undefined; token: string },
): { kind: StoreErrorKind; advice: string } {
  switch (name) {
    case 'AccessDenied':
    case 'AccessDeniedException':
      return {
        kind: 'denied',
        advice: `Its trust policy must allow sts:AssumeRoleWithWebIdentity for this job's token, ${claimsOf(token)}.`,
      };
    case 'InvalidIdentityToken':
    case 'InvalidIdentityTokenException':
      return {
        kind: 'denied',
        advice: `The account needs an identity provider for the issuer, with the audience ${quote(role.audience)}; the token has ${claimsOf(token)}.`,
      };
    case 'IDPRejectedClaim':
    case 'IDPRejectedClaimException':
      return {
        kind: 'denied',
        advice: `The identity provider does not accept the token, ${claimsOf(token)}.`,
      };
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return { kind: 'unavailable', advice: 'A new token is asked for at the next try.' };
    case 'ValidationError':
      return {
        kind: 'misconfigured',
        advice: 'Check role-to-assume (arn:aws:iam::<account>:role/<name>) and role-session-name.',
      };
    case 'RegionDisabledException':
      return { kind: 'misconfigured', advice: 'Activate STS in that region, or give another aws-region.' };
    default:
      return status !== undefined && status >= 400 && status < 500 && status !== 429
        ? { kind: 'denied', advice: 'Check the role and its trust policy.' }
        : { kind: 'unavailable', advice: 'It may be tried again.' };
  }
}

/** What a trust policy looks at. The token is a JWT (RFC 7519), whose claims are no secret. */
function claimsOf(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { iss, sub, aud } = Object(claims) as Record<string, unknown>;
    return `iss ${quote(String(iss))}, sub ${quote(String(sub))}, aud ${quote(String(aud))}`;
  } catch {
    return 'whose claims can not be read';
  }
}
