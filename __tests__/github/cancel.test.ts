import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type CancelOutcome, cancelRun } from '../../src/github/cancel.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { GitHubServer, violations } from '../support/github-server.mjs';

const REPOSITORY = 'octo-org/octo-app';
const TOKEN = 'ghs_ofThisJob';
const RUN = { repository: REPOSITORY, runId: 42, attempt: 1 };
const RUNNING = { status: 'in_progress', conclusion: null };
const PATH = `/repos/${REPOSITORY}/actions/runs/42/cancel`;

let github: GitHubServer;
let clock: FakeClock;
let stop: AbortController;

beforeAll(async () => {
  github = await GitHubServer.start('/api/v3');
});
afterAll(() => github.close());
beforeEach(() => {
  clock = new FakeClock();
  stop = new AbortController();
  github.clear();
  github.repositories = new Map([[REPOSITORY, { private: true }]]);
  github.tokens = new Map([[TOKEN, { repositories: [REPOSITORY], actions: 'write' }]]);
  github.setRun({ ...RUN, ...RUNNING });
  github.requests = [];
  github.onRequest = undefined;
  github.used = 0;
  github.nowS = () => Math.floor((5_000_000_000 + clock.monotonicMs()) / 1_000);
});

function cancel(token = TOKEN): Promise<CancelOutcome> {
  const run = { apiUrl: github.apiUrl, repository: REPOSITORY, runId: '42', token };
  return cancelRun(run, { clock, random: new FakeRandom(1), signal: stop.signal });
}

/** Lets time pass while the server answers, which takes real time. */
async function outcomeOf(cancelling: Promise<CancelOutcome>): Promise<CancelOutcome> {
  let outcome: CancelOutcome | undefined;
  void cancelling.then((settled) => {
    outcome = settled;
  });
  while (!outcome) {
    // Only while it sleeps between two requests: the alarm of a request must not ring before its answer.
    if (answered()) await clock.advance(500);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  return outcome;
}

const answered = () => clock.timeline.sleepers > 0 && github.requests.every(({ status }) => status > 0);

describe('a run is cancelled', () => {
  test('by one POST without a body, with the token', async () => {
    expect(await cancel()).toEqual({ kind: 'accepted' });
    expect(github.requests).toHaveLength(1);
    const [request] = github.requests;
    expect(request).toMatchObject({ method: 'POST', path: `/api/v3${PATH}`, status: 202 });
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-length': '0' });
    expect(violations('empty-object', {})).toEqual([]);
  });

  test.each([
    ['202 with an empty body, as some servers do', { status: 202, body: '' }],
    ['204', { status: 204 }],
  ])('if the answer is %s too', async (_, answer) => {
    github.onRequest = () => answer;
    expect(await cancel()).toEqual({ kind: 'accepted' });
  });
});

describe('what GitHub refuses is said once, with what to do', () => {
  test('without the permission', async () => {
    github.tokens.set(TOKEN, { repositories: [REPOSITORY], actions: true });
    expect(await cancel()).toEqual({
      kind: 'failed',
      detail:
        'GitHub refuses (403, Resource not accessible by integration): add "actions: write" to the permissions of this job',
    });
    expect(github.requests).toHaveLength(1);
  });

  test('with a token of another repository', async () => {
    github.tokens.set(TOKEN, { repositories: ['octo-org/other'], actions: 'write' });
    expect(await cancel()).toMatchObject({ detail: expect.stringContaining('(404, Not Found)') });
  });

  test('with a token that is none', async () => {
    expect(await cancel('ghs_expired')).toMatchObject({
      detail: expect.stringContaining('(401, Bad credentials)'),
    });
  });

  test('when the run is over', async () => {
    github.setRun({ ...RUN, status: 'completed', conclusion: 'success' });
    expect(await cancel()).toEqual({
      kind: 'failed',
      detail:
        'GitHub refuses (409, Cannot cancel a workflow run that is completed.): the run is over, or is being cancelled already',
    });
    expect(github.requests).toHaveLength(1);
  });

  test('when the repository has moved: the token follows no redirect', async () => {
    const location = `${github.apiUrl}${PATH}`;
    github.onRequest = () => ({ status: 307, headers: { location }, body: {} });
    expect(await cancel()).toEqual({ kind: 'failed', detail: 'GitHub has moved this repository' });
    expect(github.requests).toHaveLength(1);
  });

  test('and what it says is neutralised', async () => {
    github.onRequest = () => ({ status: 422, body: { message: '##[error]x\n::error::y' } });
    expect(await cancel()).toEqual({
      kind: 'failed',
      detail: 'GitHub refuses (422, ##\\u005berror]x\\u000a:\\u003aerror:\\u003ay)',
    });
  });
});

describe('where GitHub does not answer', () => {
  test('it is tried again until it does', async () => {
    const failures = ['cut', { status: 502, body: '<html>' }, 'cut'] as const;
    let count = 0;
    github.onRequest = (request) => {
      const failure = failures[count];
      count += 1;
      // A request that was cut off has been answered, as far as the clock of this test is concerned.
      if (failure === 'cut') request.status = -1;
      return failure;
    };
    const cancelling = cancel();
    for (let n = 0; github.requests.length < 4; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await clock.advance(1_000);
      if (n > 200) throw new Error('it is not tried again');
    }
    expect(await cancelling).toEqual({ kind: 'accepted' });
    expect(github.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST']);
  });

  test('a rate limit is waited for', async () => {
    github.onRequest = () =>
      github.requests.length === 1
        ? {
            status: 429,
            headers: { 'retry-after': '60' },
            body: { message: 'You have exceeded a secondary rate limit' },
          }
        : undefined;
    const startMs = clock.monotonicMs();
    expect(await outcomeOf(cancel())).toEqual({ kind: 'accepted' });
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(60_000);
    expect(github.requests).toHaveLength(2);
  });

  test('the end of the job ends that, and what was wrong is told', async () => {
    github.onRequest = () => ({ status: 503, body: {} });
    const cancelling = cancel();
    while (!answered()) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    expect(await cancelling).toEqual({
      kind: 'failed',
      detail: 'GitHub did not answer: it answered with status 503',
    });
  });
});
