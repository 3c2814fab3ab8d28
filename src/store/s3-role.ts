import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import type { Clock } from '../base/clock.ts';
import { parseHttpDate } from '../base/http-date.ts';
import { proxyAgents } from '../base/proxy.ts';
import { quote, sanitise } from '../base/sanitise.ts';
import { UsageError } from '../base/usage-error.ts';
import { claimsOf, type Environment, identityToken } from './s3-identity.ts';
import { type Assumed, RoleSession } from './s3-session.ts';
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

const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;

/**
 * The credentials of `role`, got by the identity of this job, and renewed with a new identity token each time: one lasts a
 * few minutes, and a job may take hours.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 * @returns a session that throws StoreError: `denied` with what to change, `unavailable` when it may be tried again
 */
export function assumeRole(role: Role, { environment, ...sts }: Access): RoleSession<Credentials> {
  return new RoleSession(async () => {
    const token = await identityToken(role.audience, environment);
    return askSts(role, token, { environment, ...sts });
  }, sts.clock);
}

interface Access {
  readonly region: string;
  readonly environment: Environment;
  readonly clock: Clock;
}

async function askSts(
  role: Role,
  token: string,
  { region, environment, clock }: Access,
): Promise<Assumed<Credentials>> {
  const { host, config } = await stsAt(region, environment);
  let dateMs: number | undefined;
  const provider = fromWebToken({
    roleArn: role.arn,
    roleSessionName: role.sessionName,
    webIdentityToken: token,
    clientConfig: config,
    clientPlugins: [
      onHeaders(({ date }) => {
        dateMs = parseHttpDate(date);
      }),
    ],
  });
  try {
    const credentials = await provider();
    const endMs = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    return { credentials, lifetimeMs: endMs - (dateMs ?? clock.wallMs()) };
  } catch (error) {
    throw refusal({ role, token, host }, error);
  }
}

/** @throws UsageError when a variable of the environment is no URL */
async function stsAt(region: string, environment: Environment): Promise<{ host: string; config: object }> {
  const endpoint = environment.AWS_ENDPOINT_URL_STS || environment.AWS_ENDPOINT_URL;
  if (endpoint && !URL.canParse(endpoint))
    throw new UsageError('AWS_ENDPOINT_URL_STS (or AWS_ENDPOINT_URL) is not a URL.');
  const url = new URL(endpoint || `https://sts.${region}.amazonaws.com`);
  const config = {
    region,
    ...(endpoint ? { endpoint } : {}),
    // Who wants the credentials tries again, with a new token.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      ...(await proxyAgents(url)),
    },
  };
  return { host: url.host, config };
}

type Next = (request: unknown) => Promise<{ response: { headers: Record<string, string> } }>;

/** A step of the SDK's that shows the headers of an answer: what the SDK returns has none. */
function onHeaders(tell: (headers: Record<string, string>) => void) {
  const step = (next: Next) => async (request: unknown) => {
    const result = await next(request);
    tell(result.response.headers);
    return result;
  };
  return {
    applyToStack: (stack: { add(step: unknown, options: object): void }) =>
      stack.add(step, { step: 'deserialize', priority: 'low', name: 'leaseholdHeaders' }),
  };
}

/*
 * What STS says. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 */

interface Asked {
  readonly role: Role;
  readonly token: string;
  readonly host: string;
}

function refusal(asked: Asked, thrown: unknown): StoreError {
  const { name, code, message, $metadata } = thrown as NodeJS.ErrnoException & {
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const foreign = isForeign({ name, code, message, status });
  const { kind, advice } = judge(asked, { name: name.replace(/Exception$/, ''), status, foreign });
  // A service that repeats what it was sent must not bring the token into a log.
  const clean = message.replaceAll(asked.token, '…');
  const said = foreign
    ? `status ${status ?? 200}`
    : [status === undefined ? code : name, clean].filter((part) => part).join(': ');
  // The cause is made anew: the SDK copies the answer onto its errors.
  return new StoreError(
    kind,
    `role-to-assume: ${nameOf(asked.role)} could not be assumed (${sanitise(said)}). ${advice}`,
    { cause: Object.assign(new Error(clean), { name }) },
  );
}

interface Failed {
  readonly name: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly status: number | undefined;
}

/** Whether something else than STS has answered, a proxy mostly: of its page the SDK makes words of its own. */
function isForeign({ name, code, message, status }: Failed): boolean {
  if (status === undefined) return code === undefined && /^Invalid response/.test(message);
  return name === 'Unknown' || /Deserialization error/.test(message);
}

/** Not the ARN, whose two colons in a row no log shows. */
function nameOf({ arn }: Role): string {
  const [, , , , account, ...rest] = arn.split(':');
  return `${sanitise(rest.join(':').replace('/', ' '))}${account ? ` of account ${sanitise(account)}` : ''}`;
}

interface Judgement {
  readonly kind: StoreErrorKind;
  readonly advice: string;
}

function judge(
  { role, token, host }: Asked,
  { name, status, foreign }: { name: string; status: number | undefined; foreign: boolean },
): Judgement {
  const denied = (advice: string): Judgement => ({ kind: 'denied', advice });
  const misconfigured = (advice: string): Judgement => ({ kind: 'misconfigured', advice });
  const what = foreign
    ? `${host} did not answer as STS does: if that stays, see AWS_ENDPOINT_URL_STS and HTTPS_PROXY. `
    : status === undefined
      ? `${host} gave no answer. `
      : '';
  const later: Judgement = { kind: 'unavailable', advice: `${what}It may be tried again.` };
  // Throttling is a 400.
  const passes = status === undefined || status === 408 || status === 429 || status >= 500;
  if (passes || /Throttl/.test(name)) return later;
  if (foreign) return denied(what.trim());
  switch (name) {
    case 'AccessDenied':
      return denied(
        `Its trust policy must allow sts:AssumeRoleWithWebIdentity for this job's token, which has ${claimsOf(token)}.`,
      );
    case 'InvalidIdentityToken':
      return denied(
        `The account needs an identity provider for the issuer, with the audience ${quote(role.audience)}; the token has ${claimsOf(token)}.`,
      );
    case 'IDPRejectedClaim':
      return denied(`The identity provider does not accept the token, which has ${claimsOf(token)}.`);
    // AWS could not reach the issuer.
    case 'IDPCommunicationError':
    case 'ExpiredToken':
      return later;
    case 'ValidationError':
      return misconfigured('Check role-to-assume, which is the ARN of a role, and role-session-name.');
    case 'RegionDisabled':
      return misconfigured('Activate STS in that region, or give another aws-region.');
  }
  return denied(
    `Check role-to-assume, audience and the role's trust policy; the token has ${claimsOf(token)}.`,
  );
}
