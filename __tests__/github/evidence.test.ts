import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type RunEvidenceOptions, runEvidence } from '../../src/github/evidence.ts';
import { gitHubServer, tokenIn } from '../../src/github/server.ts';
import { acquire } from '../../src/lease/acquire.ts';
import type { Verdict } from '../../src/lease/evidence.ts';
import type { HeldRecord, Holder, LeaseRecord } from '../../src/lease/record.ts';
import { MemoryStore } from '../../src/store/memory.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { heldRecord, holderOf, KEY, NAME, TIMING } from '../support/fake-lock.ts';
import { FakeRandom } from '../support/fake-random.ts';
import { GitHubServer, jobBody, runBody, violations } from '../support/github-server.mjs';

const OWN = 'octo-org/octo-app';
const OTHER = 'octo-org/secret';
const TOKEN = 'ghs_ofThisJob';
const RUN = { repository: OWN, runId: 42, attempt: 1 };
const JOB = { ...RUN, jobId: 4711 };
const ENDED = { status: 'completed', conclusion: 'cancelled' };
const RUNNING = { status: 'in_progress', conclusion: null };

let github: GitHubServer;
let clock: FakeClock;

beforeAll(async () => {
  github = await GitHubServer.start();
});
afterAll(() => github.close());
beforeEach(() => {
  clock = new FakeClock();
  github.clear();
  github.repositories = new Map([
    [OWN, { private: true }],
    [OTHER, { private: true }],
    ['octo-org/open', { private: false }],
  ]);
  github.tokens = new Map([[TOKEN, { repositories: [OWN], actions: true }]]);
  github.nowS = () => Math.floor((5_000_000_000 + clock.monotonicMs()) / 1_000);
  github.used = 0;
  github.limit = 1_000;
});
afterEach(() => {
  github.requests = [];
  github.onRequest = undefined;
});

function evidenceOf(more: Partial<RunEvidenceOptions> = {}) {
  return runEvidence({
    server: { origin: 'https://github.com', apiUrl: github.apiUrl },
    token: TOKEN,
    tokenFrom: 'input github-token',
    repository: OWN,
    clock,
    random: new FakeRandom(1),
    ...more,
  });
}

function recordOf(holder: Partial<Holder> = {}, more: Partial<HeldRecord> = {}): LeaseRecord {
  const run = {
    repository: OWN,
    runId: '42',
    runAttempt: 1,
    runUrl: `https://github.com/${OWN}/actions/runs/42/attempts/1`,
  };
  return heldRecord({ holder: holderOf('b', { ...run, ...holder }), ...more });
}

/** What one look at a fresh holder gives. */
function verdictOn(record = recordOf(), more: Partial<RunEvidenceOptions> = {}): Promise<Verdict> {
  return evidenceOf(more).check(record);
}

const paths = () => github.requests.map(({ path }) => path);
const RUN_PATH = `/repos/${OWN}/actions/runs/42/attempts/1`;
const JOB_PATH = `/repos/${OWN}/actions/jobs/4711`;

describe('what the test server says is what GitHub says of itself', () => {
  test.each([ENDED, RUNNING, { status: 'waiting', conclusion: null }])('$status', (phase) => {
    expect(violations('workflow-run', runBody({ ...RUN, ...phase }))).toEqual([]);
    expect(violations('job', jobBody({ ...JOB, ...phase }))).toEqual([]);
  });

  test('and what GitHub would not say is found', () => {
    expect(violations('job', jobBody({ ...JOB, status: 'asleep', conclusion: null }))).toHaveLength(1);
    expect(violations('workflow-run', { ...runBody({ ...RUN, ...ENDED }), id: '42' })).toEqual([
      '/id must be integer',
    ]);
    expect(() => github.setJob({ ...JOB, status: 'asleep', conclusion: null })).toThrow('never say that');
  });
});

describe('a run', () => {
  test('that is completed is finished', async () => {
    github.setRun({ ...RUN, ...ENDED });
    expect(await verdictOn()).toEqual({
      kind: 'finished',
      proof: 'GitHub says that attempt 1 of run 42 is completed (cancelled)',
    });
    expect(paths()).toEqual([RUN_PATH]);
  });

  // `waiting`: for an approval, while another job of it holds.
  test.each(['queued', 'in_progress', 'waiting', 'requested', 'pending'])(
    'that is %s is alive',
    async (status) => {
      github.setRun({ ...RUN, status, conclusion: null });
      expect(await verdictOn()).toEqual({
        kind: 'alive',
        detail: `GitHub says that attempt 1 of run 42 is ${status}`,
      });
    },
  );

  test('whose earlier attempt held and ended is finished, though a later one runs', async () => {
    github.setRun({ ...RUN, ...ENDED });
    github.setRun({ ...RUN, attempt: 2, ...RUNNING });
    expect(await verdictOn()).toMatchObject({ kind: 'finished' });
    const later = { runAttempt: 2, leaseId: 'c'.repeat(32) };
    expect(await verdictOn(recordOf(later))).toMatchObject({ kind: 'alive' });
  });

  const body = runBody({ ...RUN, ...ENDED });
  const { status: _status, ...withoutStatus } = body;
  const { run_attempt: _attempt, ...withoutAttempt } = body;
  test.each<[string, unknown]>([
    ['has no status', withoutStatus],
    ['has a null status', { ...body, status: null }],
    ['has a status nobody knows', { ...body, status: 'done' }],
    ['has its conclusion for a status', { ...body, status: 'success' }],
    ['is completed without a conclusion', { ...body, conclusion: null }],
    ['is completed until somebody approves it', { ...body, conclusion: 'action_required' }],
    ['is another run', { ...body, id: 43 }],
    ['is another attempt', { ...body, run_attempt: 2 }],
    ['is of an attempt that is not said', withoutAttempt],
    ['has a text for its id', { ...body, id: '42' }],
    ['is a list', [body]],
    ['is empty', ''],
    ['is cut off', JSON.stringify(body).slice(0, -9)],
    ['is null', 'null'],
    ['is a page for people', '<html>completed</html>'],
  ])('is never proof when its description %s', async (_, answer) => {
    github.onRequest = () => ({ status: 200, body: answer });
    expect((await verdictOn()).kind).toBe('unknown');
    expect(github.requests).toHaveLength(1);
  });

  test.each([201, 202, 204, 206, 400, 410, 418, 451, 500, 502, 503])(
    'is never proof with status %d, whatever comes with it',
    async (status) => {
      github.onRequest = () => ({ status, ...(status === 204 ? {} : { body }) });
      expect((await verdictOn()).kind).toBe('unknown');
    },
  );

  test('an "unchanged" that nobody asked for is no proof', async () => {
    github.onRequest = () => ({ status: 304 });
    expect((await verdictOn()).kind).toBe('unknown');
  });
});

describe('a job, where it is known', () => {
  const record = recordOf({ checkRunId: '4711' });

  test('that is completed is finished while its run goes on', async () => {
    github.setRun({ ...RUN, ...RUNNING });
    github.setJob({ ...JOB, status: 'completed', conclusion: 'failure' });
    expect(await verdictOn(record)).toEqual({
      kind: 'finished',
      proof: 'GitHub says that job 4711 of run 42 is completed (failure)',
    });
    expect(paths()).toEqual([JOB_PATH]);
  });

  test.each(['queued', 'in_progress', 'waiting', 'requested', 'pending'])(
    'that is %s is alive, and the run is not asked for',
    async (status) => {
      github.setRun({ ...RUN, ...ENDED });
      github.setJob({ ...JOB, status, conclusion: null });
      expect(await verdictOn(record)).toMatchObject({ kind: 'alive' });
      expect(paths()).toEqual([JOB_PATH]);
    },
  );

  test.each<[string, () => void]>([
    ['there is none of that number', () => {}],
    ['it is of another run', () => github.setJob({ ...JOB, runId: 43, ...ENDED })],
    ['it is of another attempt', () => github.setJob({ ...JOB, attempt: 2, ...ENDED })],
  ])('when %s, its run is asked for, then and from then on', async (_, prepare) => {
    prepare();
    github.setRun({ ...RUN, ...RUNNING });
    const evidence = evidenceOf();
    expect(await evidence.check(record)).toMatchObject({ kind: 'alive' });
    expect(paths()).toEqual([JOB_PATH, RUN_PATH]);
    await clock.advance(20_000);
    await evidence.check(record);
    expect(paths()).toEqual([JOB_PATH, RUN_PATH, RUN_PATH]);
  });

  test('that is not shown any more is not mixed up with its run: the ETag of the one is not sent for the other', async () => {
    github.setRun({ ...RUN, ...RUNNING });
    github.setJob({ ...JOB, ...RUNNING });
    const evidence = evidenceOf();
    expect(await evidence.check(record)).toMatchObject({ kind: 'alive' });
    github.clear();
    github.setRun({ ...RUN, ...ENDED });
    await clock.advance(20_000);
    expect(await evidence.check(record)).toMatchObject({ kind: 'finished' });
    expect(paths()).toEqual([JOB_PATH, JOB_PATH, RUN_PATH]);
    expect(github.requests.map(({ headers }) => 'if-none-match' in headers)).toEqual([false, true, false]);
  });
});

describe('nothing is sent', () => {
  test.each<[string, Partial<Holder>, string]>([
    ['to another server', { runUrl: 'https://ghe.example/o/a/actions/runs/42' }, 'https://ghe.example'],
    ['about a holder without a run', { runUrl: 'somewhere' }, 'no run of GitHub Actions'],
    ['about a path in place of a repository', { repository: '../../user' }, 'no run'],
    ['about a folder above', { repository: '../user' }, 'no run'],
    ['about a repository with a path behind it', { repository: 'octo-org/octo-app/x' }, 'no run'],
    ['about a repository with a query', { repository: 'octo-org/octo-app?x=' }, 'no run'],
    ['about a path in place of a run', { runId: '42/../43' }, 'no run'],
    ['about an empty run', { runId: '' }, 'no run'],
  ])('%s', async (_, holder, words) => {
    expect(await verdictOn(recordOf(holder))).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining(words),
    });
    expect(github.requests).toEqual([]);
  });

  test('of a job number that is none', async () => {
    github.setRun({ ...RUN, ...ENDED });
    await verdictOn(recordOf({ checkRunId: '1/../../x' }));
    expect(paths()).toEqual([RUN_PATH]);
  });

  test.each(['', 'two words', 'a\nx-header: b', 'ümlaut'])('without a usable token: %j', async (token) => {
    const verdict = await verdictOn(recordOf(), { token });
    expect(verdict).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('(input github-token)'),
    });
    if (token !== '') expect(JSON.stringify(verdict)).not.toContain(token);
    expect(github.requests).toEqual([]);
  });

  test('when nobody knows which server to ask', async () => {
    const verdict = await verdictOn(recordOf(), { server: undefined });
    expect(verdict).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('GITHUB_SERVER_URL') });
  });
});

describe('what the token may', () => {
  /** What is known of a completed run that the token may not see. */
  async function refused(repository = OWN, more: Partial<RunEvidenceOptions> = {}): Promise<string> {
    github.setRun({ ...RUN, repository, ...ENDED });
    const verdict = await verdictOn(recordOf({ repository }), more);
    if (verdict.kind !== 'unknown') throw new Error(`it is ${verdict.kind}`);
    return verdict.detail;
  }

  test('without the permission: says which line to add', async () => {
    github.tokens.set(TOKEN, { repositories: [OWN], actions: false });
    expect(await refused()).toBe(
      'GitHub refuses (403, Resource not accessible by integration): add "actions: read" to the permissions of this job',
    );
  });

  test('of another private repository: says what a token it takes', async () => {
    expect(await refused(OTHER)).toBe(
      'GitHub does not show runs of octo-org/secret to this token (404): give one with "actions: read" there (input github-token)',
    );
    github.tokens.set('ghs_ofAnApp', { repositories: [OWN, OTHER], actions: true });
    expect(await verdictOn(recordOf({ repository: OTHER }), { token: 'ghs_ofAnApp' })).toMatchObject({
      kind: 'finished',
    });
  });

  test('a public repository needs no permission: that of a fork sees the runs of its upstream', async () => {
    github.tokens.set('ghs_ofAFork', { repositories: ['mona/octo-app'], actions: false });
    github.setRun({ ...RUN, repository: 'octo-org/open', ...ENDED });
    const verdict = await verdictOn(recordOf({ repository: 'octo-org/open' }), { token: 'ghs_ofAFork' });
    expect(verdict).toMatchObject({ kind: 'finished' });
  });

  test('one that is not valid any more', async () => {
    expect(await refused(OWN, { token: 'ghs_expired' })).toContain('does not accept the token (401)');
  });

  test('a run that was deleted proves nothing', async () => {
    const verdict = await verdictOn();
    expect(verdict).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('(404): it was deleted'),
    });
  });

  test('what the server says is made harmless', async () => {
    github.onRequest = () => ({ status: 403, body: { message: '##[error]x\n::error::y' } });
    const { detail } = (await verdictOn()) as { detail: string };
    expect(detail).not.toMatch(/##\[|\n|::/);
  });

  test('the token goes into one header of a request, and nowhere else', async () => {
    github.setRun({ ...RUN, ...ENDED });
    await verdictOn();
    const [{ headers, path } = { headers: {}, path: '' }] = github.requests;
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(headers['user-agent']).toBe('leasehold');
    expect(path + JSON.stringify({ ...headers, authorization: '' })).not.toContain(TOKEN);
  });
});

/** Polls as a waiter does, and counts the requests. */
async function poll(
  evidence: ReturnType<typeof evidenceOf>,
  { forMs, everyMs = 1_000 }: { forMs: number; everyMs?: number },
  recordAt: (ms: number) => LeaseRecord,
): Promise<number[]> {
  const startMs = clock.monotonicMs();
  const askedAt: number[] = [];
  for (let ms = 0; ms < forMs; ms = clock.monotonicMs() - startMs) {
    const before = github.requests.length;
    await evidence.check(recordAt(ms));
    askedAt.push(...github.requests.slice(before).map(() => ms));
    await clock.advance(everyMs);
  }
  return askedAt;
}

/** A record that is renewed every `everyMs`. */
const renewed = (everyMs: number, more: Partial<HeldRecord> = {}) => {
  return (ms: number) =>
    recordOf(
      {},
      {
        nonce: Math.floor(ms / everyMs)
          .toString(16)
          .padStart(32, '0'),
        ...more,
      },
    );
};

describe('rate limits', () => {
  test('the hourly one: nothing is asked until it is over, by the server’s clock though ours is an hour off', async () => {
    clock.jumpWall(-3_600_000);
    github.setRun({ ...RUN, ...ENDED });
    github.used = github.limit;
    const evidence = evidenceOf();
    const first = await evidence.check(recordOf());
    expect(first).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('the hourly rate limit'),
    });
    const leftS = 3_600 - (github.nowS() % 3_600);
    await clock.advance((leftS - 2) * 1_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'unknown' });
    expect(github.requests).toHaveLength(1);
    github.used = 0;
    await clock.advance(4_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'finished' });
    expect(github.requests).toHaveLength(2);
  });

  test('the last request of the hour is the last one', async () => {
    github.setRun({ ...RUN, ...RUNNING });
    github.used = github.limit - 1;
    const leftMs = (3_600 - (github.nowS() % 3_600)) * 1_000;
    const asked = await poll(evidenceOf(), { forMs: leftMs - 2_000 }, renewed(30_000));
    expect(asked).toEqual([0]);
  });

  test.each<[string, Record<string, string>, number, number]>([
    ['403 with retry-after', { 'retry-after': '90' }, 403, 90],
    ['429 with retry-after', { 'retry-after': '30' }, 429, 30],
    ['403 with the documented words only', {}, 403, 60],
    ['429 without a word', {}, 429, 60],
    ['a retry-after that is no number', { 'retry-after': 'soon' }, 403, 60],
  ])('the secondary one, %s', async (_, headers, status, restS) => {
    github.setRun({ ...RUN, ...ENDED });
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    github.onRequest = () => ({ status, headers, body: { message } });
    const evidence = evidenceOf();
    const verdict = await evidence.check(recordOf());
    expect(verdict).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('secondary rate limit'),
    });
    github.onRequest = undefined;
    const asked = await poll(evidence, { forMs: (restS + 20) * 1_000 }, () => recordOf());
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeGreaterThanOrEqual(restS * 1_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'finished' });
  });

  test('an unchanged answer is asked for with its ETag, and does not count', async () => {
    github.setRun({ ...RUN, ...RUNNING });
    const evidence = evidenceOf();
    const asked = await poll(evidence, { forMs: 100_000 }, renewed(30_000));
    expect(asked.length).toBeGreaterThan(2);
    expect(github.requests.map(({ status }) => status)).toEqual([200, ...asked.slice(1).map(() => 304)]);
    expect(github.used).toBe(1);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'alive' });
    github.setRun({ ...RUN, ...ENDED });
    await clock.advance(130_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'finished' });
    expect(github.used).toBe(2);
  });
});

describe('how often it asks', () => {
  beforeEach(() => github.setRun({ ...RUN, ...RUNNING }));

  test('at once, then with backoff from 15 s to 2 min, while the holder renews', async () => {
    const asked = await poll(evidenceOf(), { forMs: 700_000 }, renewed(30_000));
    const gaps = asked.slice(1).map((ms, index) => (ms - (asked[index] ?? 0)) / 1_000);
    expect(asked[0]).toBe(0);
    for (const [index, expected] of [15, 30, 60, 120, 120].entries()) {
      expect(gaps[index]).toBeGreaterThan(expected * 0.9 - 1.5);
      expect(gaps[index]).toBeLessThan(expected * 1.1 + 1.5);
    }
  });

  test('at once when a renewal is overdue', async () => {
    const evidence = evidenceOf();
    await poll(evidence, { forMs: 600_000 }, renewed(30_000));
    github.setRun({ ...RUN, ...ENDED });
    // The last renewal is 600 s old at the end: half the ttl of 90 s later it is asked again.
    const last = renewed(30_000)(599_000);
    const asked = await poll(evidence, { forMs: 60_000 }, () => last);
    expect(asked[0]).toBeLessThan(45_000);
    expect(await evidence.check(last)).toMatchObject({ kind: 'finished' });
  });

  test('not again once it has the proof', async () => {
    github.setRun({ ...RUN, ...ENDED });
    expect(await poll(evidenceOf(), { forMs: 600_000 }, () => recordOf())).toEqual([0]);
  });

  test('not at once of who took the lock while we watched', async () => {
    const evidence = evidenceOf();
    await evidence.check(recordOf());
    const next = recordOf({ leaseId: 'c'.repeat(32) });
    const asked = await poll(evidence, { forMs: 20_000 }, () => next);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toBeGreaterThanOrEqual(13_000);
  });

  const HOUR_MS = 3_600_000;
  const leaseAt = (ms: number, everyMs: number) =>
    Math.floor(ms / everyMs)
      .toString(16)
      .padStart(32, '0');

  test.each<[string, () => void, (ms: number) => LeaseRecord]>([
    ['a holder that renews', () => {}, renewed(30_000)],
    ['a holder that does not', () => {}, () => recordOf()],
    ['a new holder every 20 s', () => {}, (ms) => recordOf({ leaseId: leaseAt(ms, 20_000) })],
    [
      'a holder that renews late each time, with the shortest ttl',
      () => {},
      renewed(10_000, { ttlMs: 15_000 }),
    ],
    [
      'new holders in a repository that was renamed, with jobs that are not to be had',
      () => {
        github.repositories.set('octo-org/new', { private: true });
        github.repositories.set(OWN, { private: true, movedTo: 'octo-org/new' });
        github.tokens.set(TOKEN, { repositories: [OWN, 'octo-org/new'], actions: true });
      },
      (ms) => recordOf({ leaseId: leaseAt(ms, 20_000), checkRunId: '4711' }),
    ],
    [
      'a server that is down',
      () => {
        github.onRequest = () => 'cut';
      },
      renewed(30_000),
    ],
  ])('at most 60 times in an hour of waiting, in any: %s', async (_, prepare, recordAt) => {
    prepare();
    const asked = await poll(evidenceOf(), { forMs: 2 * HOUR_MS, everyMs: 2_500 }, recordAt);
    const mostInAnHour = Math.max(
      ...asked.map((from) => asked.filter((ms) => ms >= from && ms < from + HOUR_MS).length),
    );
    expect(mostInAnHour).toBeGreaterThan(20);
    expect(mostInAnHour).toBeLessThanOrEqual(60);
  });
});

describe('a server that is slow, down or elsewhere', () => {
  test('no answer within 5 s is no proof, and the wait goes on', async () => {
    github.onRequest = () => 'hang';
    const checking = evidenceOf().check(recordOf());
    while (github.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(4_999);
    expect(await Promise.race([checking, Promise.resolve('open')])).toBe('open');
    await clock.advance(2);
    expect(await checking).toEqual({
      kind: 'unknown',
      detail: 'GitHub did not say: no answer within 5000 ms',
    });
  });

  test('a cancel ends the question', async () => {
    github.onRequest = () => 'hang';
    const cancel = new AbortController();
    const checking = evidenceOf().check(recordOf(), cancel.signal);
    while (github.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    cancel.abort(new Error('cancelled'));
    expect(await checking).toMatchObject({ kind: 'unknown' });
  });

  test('a connection that breaks, and one that is refused', async () => {
    github.onRequest = () => 'cut';
    expect(await verdictOn()).toMatchObject({
      detail: expect.stringMatching(/could not be reached \(E\w+\)/),
    });
    const apiUrl = 'http://127.0.0.1:1';
    expect(await verdictOn(recordOf(), { server: { origin: 'https://github.com', apiUrl } })).toMatchObject({
      kind: 'unknown',
      detail: 'GitHub did not say: it could not be reached (ECONNREFUSED)',
    });
  });

  test('an answer that does not end is cut off', async () => {
    github.onRequest = () => ({ status: 200, body: 'x'.repeat(1_000_001) });
    expect(await verdictOn()).toMatchObject({ detail: expect.stringContaining('longer than') });
  });

  test('what was known stays known after a failure, when it is unchanged', async () => {
    github.setRun({ ...RUN, ...RUNNING });
    const evidence = evidenceOf();
    await evidence.check(recordOf());
    github.onRequest = () => 'cut';
    await clock.advance(20_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'unknown' });
    github.onRequest = undefined;
    await clock.advance(70_000);
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'alive' });
    expect(github.requests.at(-1)?.status).toBe(304);
  });

  test('a repository that was renamed is followed, and asked for at its new place from then on', async () => {
    github.repositories.set('octo-org/new', { private: true });
    github.repositories.set(OWN, { private: true, movedTo: 'octo-org/new' });
    github.tokens.set(TOKEN, { repositories: ['octo-org/new'], actions: true });
    github.setRun({ ...RUN, repository: 'octo-org/new', ...RUNNING });
    const evidence = evidenceOf();
    expect(await evidence.check(recordOf())).toMatchObject({ kind: 'alive' });
    await clock.advance(20_000);
    await evidence.check(recordOf());
    const moved = RUN_PATH.replace(OWN, 'octo-org/new');
    expect(paths()).toEqual([RUN_PATH, moved, moved]);
  });

  test('a circle of redirections ends', async () => {
    github.onRequest = ({ path }) => ({ status: 302, headers: { location: path } });
    expect(await verdictOn()).toMatchObject({ kind: 'unknown' });
    expect(github.requests).toHaveLength(3);
  });

  test('a redirection to another server is not followed: the token is for the API alone', async () => {
    const other = await GitHubServer.start();
    try {
      github.onRequest = ({ path }) => ({ status: 307, headers: { location: `${other.origin}${path}` } });
      expect(await verdictOn()).toMatchObject({
        kind: 'unknown',
        detail: expect.stringContaining('redirects to another server'),
      });
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });
});

describe('a proxy', () => {
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const seen: string[] = [];
  let host: string;
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200).end(JSON.stringify(runBody({ ...RUN, ...ENDED })));
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  afterEach(() => {
    for (const name of names) delete process.env[name];
    seen.length = 0;
  });

  test('carries the request', async () => {
    process.env.HTTP_PROXY = host;
    expect(await verdictOn()).toMatchObject({ kind: 'finished' });
    expect(seen).toEqual([`GET ${github.apiUrl}${RUN_PATH}`]);
  });

  test('is asked for a tunnel, and what it refuses is said', async () => {
    process.env.HTTPS_PROXY = host;
    const server = { origin: 'https://github.com', apiUrl: 'https://api.github.com' };
    expect(await verdictOn(recordOf(), { server })).toMatchObject({
      kind: 'unknown',
      detail: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(seen).toEqual(['CONNECT api.github.com:443']);
  });

  test('is passed by for the hosts of NO_PROXY', async () => {
    process.env.HTTP_PROXY = host;
    process.env.NO_PROXY = '127.0.0.1';
    github.setRun({ ...RUN, ...RUNNING });
    expect(await verdictOn()).toMatchObject({ kind: 'alive' });
    expect(seen).toEqual([]);
  });

  test('that is none is said without its password', async () => {
    process.env.HTTP_PROXY = 'socks5://me:hidden@127.0.0.1:1';
    const verdict = await verdictOn();
    expect(verdict).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('check HTTP_PROXY') });
    expect(JSON.stringify(verdict)).not.toContain('hidden');
  });
});

describe('which server', () => {
  test.each([
    ['github.com by default', {}, 'https://github.com', 'https://api.github.com'],
    [
      'an Enterprise Server, as its runner says',
      { GITHUB_SERVER_URL: 'https://ghe.example', GITHUB_API_URL: 'https://ghe.example/api/v3' },
      'https://ghe.example',
      'https://ghe.example/api/v3',
    ],
    [
      'an Enterprise Server, by its pages alone',
      { GITHUB_SERVER_URL: 'https://ghe.example/' },
      'https://ghe.example',
      'https://ghe.example/api/v3',
    ],
    [
      'a tenant with data residency',
      { GITHUB_SERVER_URL: 'https://octo.ghe.com', GITHUB_API_URL: 'https://api.octo.ghe.com/' },
      'https://octo.ghe.com',
      'https://api.octo.ghe.com',
    ],
  ])('%s', (_, environment, origin, apiUrl) => {
    expect(gitHubServer(environment)).toEqual({ origin, apiUrl });
  });

  test.each([{ GITHUB_SERVER_URL: 'ghe.example' }, { GITHUB_API_URL: 'api' }])(
    '%j is none',
    (environment) => {
      expect(gitHubServer(environment)).toBeUndefined();
    },
  );

  test('an Enterprise Server is asked below its path', async () => {
    const enterprise = await GitHubServer.start('/api/v3');
    try {
      enterprise.repositories.set(OWN, { private: true });
      enterprise.tokens.set(TOKEN, { repositories: [OWN], actions: true });
      enterprise.setRun({ ...RUN, ...ENDED });
      const server = gitHubServer({ GITHUB_SERVER_URL: enterprise.origin });
      const runUrl = `${enterprise.origin}/${OWN}/actions/runs/42/attempts/1`;
      expect(await verdictOn(recordOf({ runUrl }), { server })).toMatchObject({ kind: 'finished' });
      expect(enterprise.requests.map(({ path }) => path)).toEqual([`/api/v3${RUN_PATH}`]);
    } finally {
      await enterprise.close();
    }
  });

  test('the token is that of GitHub’s own CLI', () => {
    expect(tokenIn({ GH_TOKEN: 'a', GITHUB_TOKEN: 'b' })).toBe('a');
    expect(tokenIn({ GH_TOKEN: '', GITHUB_TOKEN: 'b\n' })).toBe('b');
    expect(tokenIn({})).toBe('');
  });
});

describe('a waiter', () => {
  const lock = () => ({
    name: NAME,
    store: new MemoryStore(systemClock),
    clock: systemClock,
    random: systemRandom,
    callTimeoutMs: TIMING.callTimeoutMs,
  });
  const request = (stalePolicy: 'holder-finished' | 'expired-and-holder-finished') => ({
    holder: holderOf('a'),
    timing: TIMING,
    stalePolicy,
    evidence: [evidenceOf({ clock: systemClock })],
    waitTimeoutMs: 0,
  });

  test('takes the lock of a run that is over, and of no other', async () => {
    const context = lock();
    await context.store.write(KEY, JSON.stringify(recordOf()), 'absent');
    for (const prepare of [
      () => {},
      () => github.setRun({ ...RUN, ...RUNNING }),
      () => github.setRun({ ...RUN, status: 'waiting', conclusion: null }),
      () => github.tokens.set(TOKEN, { repositories: [OWN], actions: false }),
      () => {
        github.onRequest = () => 'cut';
      },
    ]) {
      prepare();
      expect(await acquire(context, request('holder-finished'))).toMatchObject({ kind: 'busy' });
    }
    github.onRequest = undefined;
    github.tokens.set(TOKEN, { repositories: [OWN], actions: true });
    github.setRun({ ...RUN, ...ENDED });
    expect(await acquire(context, request('expired-and-holder-finished'))).toMatchObject({ kind: 'busy' });
    expect(await acquire(context, request('holder-finished'))).toMatchObject({
      kind: 'acquired',
      stolen: {
        because: 'holder-finished',
        proof: 'GitHub says that attempt 1 of run 42 is completed (cancelled)',
      },
    });
  });
});

test('a run whose last job has left the lock it shares is asked for anew at once', async () => {
  github.setRun({ ...RUN, ...RUNNING });
  const evidence = evidenceOf();
  const member = { memberId: 'c'.repeat(32), ttlMs: 90_000, gapMs: 1_800_000, joinedAt: '' };
  expect(await evidence.check(recordOf({}, { shared: { members: [member] } }))).toMatchObject({
    kind: 'alive',
  });
  await clock.advance(1_000);
  github.setRun({ ...RUN, ...ENDED });
  const left = recordOf({}, { nonce: 'd'.repeat(32), ttlMs: 1_800_000, shared: { members: [] } });
  expect(await evidence.check(left)).toMatchObject({ kind: 'finished' });
});
