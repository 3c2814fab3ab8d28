// @ts-check
/**
 * GitHub's provider of identities, as a job of GitHub Actions and whoever checks its tokens see it: the address at which a
 * job asks for a token, the issuer's configuration, and its keys.
 * https://docs.github.com/en/actions/reference/security/oidc (claims, the request),
 * https://openid.net/specs/openid-connect-discovery-1_0.html (configuration)
 */
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * A request for a token, and how it was answered: 0, not at all.
 * @typedef {{ audience: string | null, status: number, jti?: string, subject?: string, atMs: number }} TokenRequest
 *
 * What happens to a request for a token instead of an answer: nothing at all, a broken connection, or this very answer.
 * @typedef {'hang' | 'cut' | { status: number, body?: string }} Injection
 */

const REQUEST_TOKEN = 'ghs-runtime-token-of-this-very-job';
const REPOSITORY = { owner: 'octo-org', ownerId: '65', name: 'octo-repo', id: '74' };
const REF = 'refs/heads/main';

export class IdentityServer {
  /** By what the job asks. */
  requestToken = REQUEST_TOKEN;
  /** How long a token lasts, in seconds. GitHub's last five minutes. */
  lifeS = 300;
  /** The issuer's clock, seconds since the epoch. */
  nowS = () => Math.floor(Date.now() / 1_000);
  /** Of repositories that were created or renamed since July 2026, the subject names ids, too. */
  subjectWithIds = false;
  /** @type {TokenRequest[]} */
  requests = [];
  /** Every token that was given. @type {string[]} */
  tokens = [];
  /** @type {(() => Injection | undefined) | undefined} */
  onRequest;
  #keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  #server = createServer((request, response) => this.#answer(request, response));

  static async start() {
    const server = new IdentityServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get issuer() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  /** What the runner gives to a job with `id-token: write`. */
  get environment() {
    return {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${this.issuer}/4711/_apis/distributedtask/hubs/Actions/plans/1/jobs/2/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: this.requestToken,
    };
  }

  /**
   * A token as a job gets it.
   * @param {string} audience
   */
  token(audience) {
    const value = this.#sign(this.#claims(audience));
    this.tokens.push(value);
    return value;
  }

  /** Forgets the requests, and answers as usual again. */
  reset() {
    this.requests.length = 0;
    this.onRequest = undefined;
    this.lifeS = 300;
    this.subjectWithIds = false;
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
  #answer({ method = '', url = '', headers }, response) {
    const { pathname, searchParams } = new URL(url, this.issuer);
    /** @param {unknown} body */
    const json = (body, status = 200) =>
      response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify(body));
    if (pathname === '/.well-known/openid-configuration') return json(this.#configuration());
    if (pathname === '/.well-known/jwks') return json({ keys: [this.#publicKey()] });
    if (method !== 'GET' || !pathname.endsWith('/idtoken')) return json({ message: 'Not Found' }, 404);
    /** @type {TokenRequest} */
    const seen = { audience: searchParams.get('audience'), status: 0, atMs: Date.now() };
    this.requests.push(seen);
    const injection = this.onRequest?.();
    if (injection === 'hang') return undefined;
    if (injection === 'cut') return response.destroy();
    const allowed = headers.authorization === `Bearer ${this.requestToken}`;
    const answer = injection ?? (allowed ? undefined : { status: 401 });
    seen.status = answer?.status ?? 200;
    if (answer) return response.writeHead(answer.status).end(answer.body);
    const claims = this.#claims(seen.audience ?? `https://github.com/${REPOSITORY.owner}`);
    const value = this.#sign(claims);
    this.tokens.push(value);
    Object.assign(seen, { jti: claims.jti, subject: claims.sub });
    return json({ count: value.length, value });
  }

  #configuration() {
    return {
      issuer: this.issuer,
      jwks_uri: `${this.issuer}/.well-known/jwks`,
      subject_types_supported: ['public', 'pairwise'],
      response_types_supported: ['id_token'],
      claims_supported: Object.keys(this.#claims('')),
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid'],
    };
  }

  /** @param {string} audience */
  #claims(audience) {
    const { owner, ownerId, name, id } = REPOSITORY;
    const repository = this.subjectWithIds ? `${owner}@${ownerId}/${name}@${id}` : `${owner}/${name}`;
    const nowS = this.nowS();
    return {
      jti: randomUUID(),
      sub: `repo:${repository}:ref:${REF}`,
      aud: audience,
      ref: REF,
      ref_type: 'branch',
      sha: '6dcb09b5b57875f334f61aebed695e2e4193db5e',
      repository: `${owner}/${name}`,
      repository_owner: owner,
      repository_owner_id: ownerId,
      repository_id: id,
      repository_visibility: 'private',
      run_id: '4711',
      run_number: '10',
      run_attempt: '1',
      runner_environment: 'github-hosted',
      actor: 'octocat',
      actor_id: '12',
      workflow: 'Deploy',
      head_ref: '',
      base_ref: '',
      event_name: 'push',
      job_workflow_ref: `${owner}/${name}/.github/workflows/deploy.yml@${REF}`,
      iss: this.issuer,
      nbf: nowS - 600,
      exp: nowS + this.lifeS,
      iat: nowS,
    };
  }

  #publicKey() {
    return { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig', alg: 'RS256' };
  }

  /**
   * A JWT by RFC 7519, signed with RS256.
   * @param {object} claims
   */
  #sign(claims) {
    /** @param {object} part */
    const encoded = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const text = `${encoded({ typ: 'JWT', alg: 'RS256', kid: 'key-1' })}.${encoded(claims)}`;
    const signature = createSign('RSA-SHA256').update(text).sign(this.#keys.privateKey);
    return `${text}.${signature.toString('base64url')}`;
  }
}
