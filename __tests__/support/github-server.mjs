// @ts-check
/**
 * As much of GitHub's REST API as is asked: run attempts and jobs, and runs to be cancelled, with tokens, permissions, ETags and rate limits. What it
 * answers is made from the examples of GitHub's own OpenAPI description and checked against its schemas before it is sent
 * (github-openapi.json, see scripts/github-openapi.mjs). Limits and their headers:
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

/** A null where the schema says `nullable` beside an `enum` without it: so GitHub's own clients read it, and ajv does not. */
const DESCRIPTION = JSON.parse(
  readFileSync(new URL('./github-openapi.json', import.meta.url), 'utf8'),
  (_, node) => (node?.nullable && node.enum ? { ...node, enum: [...node.enum, null] } : node),
);
const HOUR_S = 3_600;

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(DESCRIPTION, 'github');

/** @typedef {'workflow-run' | 'job' | 'basic-error' | 'empty-object'} SchemaName */

/**
 * What GitHub's description finds wrong with `body`, one line each.
 * @param {SchemaName} schema
 * @param {unknown} body
 * @returns {string[]}
 */
export function violations(schema, body) {
  const validate = ajv.getSchema(`github#/components/schemas/${schema}`);
  if (!validate) throw new Error(`The description has no schema ${schema}.`);
  validate(body);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** @typedef {{ repository: string, runId: number, attempt: number, status: string | null, conclusion: string | null }} Run */
/** @typedef {Run & { jobId: number }} Job */

/**
 * A run attempt as GitHub describes it.
 * @param {Run} run
 */
export function runBody({ repository, runId, attempt, status, conclusion }) {
  const example = structuredClone(DESCRIPTION.components.examples['workflow-run'].value);
  const url = `https://api.github.com/repos/${repository}/actions/runs/${runId}`;
  return {
    ...example,
    id: runId,
    run_attempt: attempt,
    status,
    conclusion,
    url,
    html_url: `https://github.com/${repository}/actions/runs/${runId}`,
    previous_attempt_url: attempt > 1 ? `${url}/attempts/${attempt - 1}` : null,
    repository: { ...example.repository, full_name: repository, name: repository.split('/')[1] },
  };
}

/**
 * A job as GitHub describes it.
 * @param {Job} job
 */
export function jobBody({ repository, runId, attempt, jobId, status, conclusion }) {
  const example = structuredClone(DESCRIPTION.components.examples.job.value);
  const url = `https://api.github.com/repos/${repository}`;
  return {
    ...example,
    id: jobId,
    run_id: runId,
    run_attempt: attempt,
    run_url: `${url}/actions/runs/${runId}`,
    url: `${url}/actions/jobs/${jobId}`,
    check_run_url: `${url}/check-runs/${jobId}`,
    status,
    conclusion,
    // Required by the schema, and missing in the example.
    created_at: example.started_at,
    completed_at: status === 'completed' ? example.completed_at : null,
  };
}

/**
 * What happens to one request instead of an answer: nothing at all, a broken connection, or this very answer.
 * @typedef {'hang' | 'cut' | { status: number, headers?: Record<string, string>, body?: unknown, delayMs?: number }} Injection
 */

/**
 * One request as it came, and how it was answered: 0, not at all.
 * @typedef {{ method: string, path: string, headers: import('node:http').IncomingHttpHeaders, status: number }} SeenRequest
 */

/** @typedef {{ status: number, headers?: Record<string, string>, body?: unknown }} Answer */

/** @typedef {{ private: boolean, movedTo?: string }} Repository */

/**
 * A token: the repositories that it belongs to, and what it may do with their `actions` (`true`: read).
 * @typedef {{ repositories: string[], actions: boolean | 'write' }} Grant
 */

export class GitHubServer {
  /** @type {Map<string, Repository>} */
  repositories = new Map();
  /** @type {Map<string, Grant>} */
  tokens = new Map();
  /** @type {SeenRequest[]} */
  requests = [];
  /** Of the hour that runs. */
  limit = 1_000;
  used = 0;
  /** The server's clock, seconds since the epoch. */
  nowS = () => Math.floor(Date.now() / 1_000);
  /** @type {((request: SeenRequest) => Injection | undefined) | undefined} */
  onRequest;
  /** @type {Map<string, unknown>} */
  #bodies = new Map();
  #server;
  #prefix;

  /** @param {string} prefix `/api/v3` on an Enterprise Server */
  constructor(prefix) {
    this.#prefix = prefix;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  /** @param {string} [prefix] */
  static async start(prefix = '') {
    const github = new GitHubServer(prefix);
    github.#server.listen(0, '127.0.0.1');
    await once(github.#server, 'listening');
    return github;
  }

  get origin() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  get apiUrl() {
    return `${this.origin}${this.#prefix}`;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /**
   * Sets what is known of a run attempt.
   * @param {Run} run
   */
  setRun(run) {
    this.#set(
      `/repos/${run.repository}/actions/runs/${run.runId}/attempts/${run.attempt}`,
      'workflow-run',
      runBody(run),
    );
  }

  /**
   * Sets what is known of a job.
   * @param {Job} job
   */
  setJob(job) {
    this.#set(`/repos/${job.repository}/actions/jobs/${job.jobId}`, 'job', jobBody(job));
  }

  /** Deletes all runs. */
  clear() {
    this.#bodies.clear();
  }

  /**
   * @param {string} path
   * @param {SchemaName} schema
   * @param {unknown} body
   */
  #set(path, schema, body) {
    this.#bodies.set(path, checked(schema, body));
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer({ method = '', url: path = '', headers, socket }, response) {
    /** @type {SeenRequest} */
    const seen = { method, path, headers, status: 0 };
    this.requests.push(seen);
    const injection = this.onRequest?.(seen);
    if (injection === 'hang') return;
    if (injection === 'cut') return void socket.destroy();
    if (injection?.delayMs) await new Promise((resolve) => setTimeout(resolve, injection.delayMs));
    const answer = injection ?? this.#route(seen);
    seen.status = answer.status;
    const body =
      answer.body === undefined
        ? ''
        : typeof answer.body === 'string'
          ? answer.body
          : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(this.nowS() * 1_000).toUTCString(),
      ...answer.headers,
    });
    response.end(body);
  }

  /**
   * @param {SeenRequest} request
   * @returns {Answer}
   */
  #route({ method, path, headers }) {
    if (headers['user-agent'] === undefined) return error(403, 'Request forbidden by administrative rules.');
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    const may = token === undefined ? undefined : this.tokens.get(token);
    if (token !== undefined && !may) return error(401, 'Bad credentials');
    if (this.used >= this.limit) {
      return {
        ...error(403, `API rate limit exceeded for installation ID 1.`),
        headers: this.#limitHeaders(),
      };
    }
    const resource = path.startsWith(`${this.#prefix}/`) ? path.slice(this.#prefix.length) : '';
    /** @type {Answer} */
    const answer =
      method === 'GET' ? this.#resource(resource, headers, may) : this.#cancel(method, resource, may);
    if (answer.status !== 304) this.used += 1;
    return { ...answer, headers: { ...answer.headers, ...this.#limitHeaders() } };
  }

  /**
   * @param {string} resource
   * @param {import('node:http').IncomingHttpHeaders} headers
   * @param {Grant | undefined} may
   * @returns {Answer}
   */
  #resource(resource, headers, may) {
    const name = /^\/repos\/([^/]+\/[^/]+)\//.exec(resource)?.[1] ?? '';
    const repository = this.repositories.get(name);
    if (repository?.movedTo) {
      const location = this.apiUrl + resource.replace(name, repository.movedTo);
      return { status: 301, headers: { location }, body: { message: 'Moved Permanently', url: location } };
    }
    const own = may?.repositories.includes(name) === true;
    if (!repository || (repository.private && !own)) return error(404, 'Not Found');
    if (repository.private && !may?.actions) return error(403, 'Resource not accessible by integration');
    const body = this.#bodies.get(resource);
    if (body === undefined) return error(404, 'Not Found');
    const etag = `W/"${createHash('sha256').update(JSON.stringify(body)).digest('hex')}"`;
    if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
    return { status: 200, headers: { etag }, body };
  }

  /**
   * Cancels a run: as an attempt that is completed, it can't be cancelled again.
   * @param {string} method
   * @param {string} resource
   * @param {Grant | undefined} may
   * @returns {Answer}
   */
  #cancel(method, resource, may) {
    const path = /^\/repos\/([^/]+\/[^/]+)\/actions\/runs\/(\d+)\/cancel$/.exec(resource);
    const [, repository = '', runId = ''] = path ?? [];
    const known = this.repositories.has(repository) && may?.repositories.includes(repository);
    if (method !== 'POST' || !path || !known) return error(404, 'Not Found');
    if (may?.actions !== 'write') return error(403, 'Resource not accessible by integration');
    const prefix = `/repos/${repository}/actions/runs/${runId}/attempts/`;
    const attempts = [...this.#bodies.keys()].filter((key) => key.startsWith(prefix)).sort();
    const last = attempts.at(-1);
    if (last === undefined) return error(404, 'Not Found');
    const run = /** @type {ReturnType<typeof runBody>} */ (this.#bodies.get(last));
    if (run.status === 'completed') return error(409, 'Cannot cancel a workflow run that is completed.');
    this.#set(last, 'workflow-run', { ...run, status: 'completed', conclusion: 'cancelled' });
    return { status: 202, body: checked('empty-object', {}) };
  }

  /** @returns {Record<string, string>} */
  #limitHeaders() {
    const nowS = this.nowS();
    return {
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(Math.max(0, this.limit - this.used)),
      'x-ratelimit-used': String(this.used),
      'x-ratelimit-reset': String(nowS - (nowS % HOUR_S) + HOUR_S),
      'x-ratelimit-resource': 'core',
    };
  }
}

/**
 * An error in the form that all errors of the API have.
 * @param {number} status
 * @param {string} message
 */
export function error(status, message) {
  const documentation_url = 'https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run-attempt';
  return { status, body: checked('basic-error', { message, documentation_url, status: String(status) }) };
}

/**
 * @template T
 * @param {SchemaName} schema
 * @param {T} body
 */
function checked(schema, body) {
  const wrong = violations(schema, body);
  if (wrong.length > 0) throw new Error(`GitHub would never say that: ${wrong.join('; ')}`);
  return body;
}
