// @ts-check
/**
 * AWS's Security Token Service as far as AssumeRoleWithWebIdentity goes, in the form of its documentation, on a clock that
 * the test owns. What is real about it is the clock that is not: a session of an hour is over within a second. MinIO has the
 * real one (minio.mjs).
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const XMLNS = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * @typedef {{ roleArn: string, sessionName: string, token: string, jti: string, audience: string, atMs: number }} Assumption
 *
 * What is answered in place of credentials: an error as AWS has it, any other answer, nothing, or a broken connection.
 * @typedef {{ code: string, message: string, status: number } | { status: number, body: string } | 'hang' | 'cut'} Injection
 */

export class StsServer {
  /** How long a session lasts, in milliseconds. AWS's own default. */
  lifetimeMs = 3_600_000;
  /** The server's clock, milliseconds since the epoch. */
  nowMs = () => Date.now();
  /** Who assumed the role. @type {Assumption[]} */
  assumed = [];
  /** How many requests came to their end. */
  answered = 0;
  /** @type {((body: URLSearchParams) => Injection | undefined) | undefined} */
  onRequest;
  /** By session token. @type {Map<string, number>} */
  #expiries = new Map();
  #server = createServer((request, response) => void this.#answer(request, response));

  static async start() {
    const server = new StsServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get endpoint() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  /**
   * Whether a service would take the credentials with this session token now.
   * @param {string | undefined} sessionToken
   */
  isValid(sessionToken = '') {
    return this.nowMs() < (this.#expiries.get(sessionToken) ?? 0);
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    const body = new URLSearchParams(String(Buffer.concat(await request.toArray())));
    response.once('close', () => {
      this.answered += 1;
    });
    const injection = this.onRequest?.(body);
    if (injection === 'hang') return;
    if (injection === 'cut') return void response.destroy();
    const answer = injection ? injected(injection) : this.#assume(body);
    response
      .writeHead(answer.status, { 'content-type': 'text/xml', date: new Date(this.nowMs()).toUTCString() })
      .end(answer.body);
  }

  /** @param {URLSearchParams} body */
  #assume(body) {
    const {
      Action,
      Version,
      RoleArn = '',
      RoleSessionName = '',
      WebIdentityToken = '',
    } = Object.fromEntries(body);
    if (Action !== 'AssumeRoleWithWebIdentity' || Version !== '2011-06-15')
      return injected({ status: 400, code: 'InvalidAction', message: `Could not find operation ${Action}` });
    const { jti, aud, exp } = JSON.parse(
      Buffer.from(WebIdentityToken.split('.')[1] ?? '', 'base64url').toString(),
    );
    if (this.nowMs() >= exp * 1_000)
      return injected({ status: 400, code: 'ExpiredTokenException', message: 'Token expired' });
    const expiresMs = this.nowMs() + this.lifetimeMs;
    const sessionToken = randomBytes(32).toString('base64');
    this.#expiries.set(sessionToken, expiresMs);
    this.assumed.push({
      ...{ roleArn: RoleArn, sessionName: RoleSessionName, token: WebIdentityToken },
      ...{ jti, audience: aud, atMs: this.nowMs() },
    });
    const arn = `arn:aws:sts::111122223333:assumed-role/locks/${RoleSessionName}`;
    return {
      status: 200,
      body: `<AssumeRoleWithWebIdentityResponse xmlns="${XMLNS}">
  <AssumeRoleWithWebIdentityResult>
    <Audience>${aud}</Audience>
    <AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>AROACLKWSDQRAOEXAMPLE:${RoleSessionName}</AssumedRoleId></AssumedRoleUser>
    <Credentials>
      <SessionToken>${sessionToken}</SessionToken>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <Expiration>${new Date(expiresMs).toISOString()}</Expiration>
      <AccessKeyId>ASgeIAIOSFODNN7EXAMPLE</AccessKeyId>
    </Credentials>
    <Provider>arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com</Provider>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>`,
    };
  }
}

/** @param {Exclude<Injection, string>} injection */
function injected(injection) {
  if (!('code' in injection)) return injection;
  const { status, code, message } = injection;
  return {
    status,
    body: `<ErrorResponse xmlns="${XMLNS}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>ad4156e9-bce1-11e2-82e6-6b6efEXAMPLE</RequestId></ErrorResponse>`,
  };
}
