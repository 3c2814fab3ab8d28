// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of a workflow, and of a shell, look like that
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePairs } from '../support/runner/file-commands.mjs';
import { killJobs, phaseOf, runJob } from '../support/runner/runner.mjs';
import type { Contexts, JobResult, JobSpec, Phase, Variables } from '../support/runner/types.ts';
import { PLAIN, SCRIPTED } from '../support/runner.test-fixtures/actions.ts';

afterEach(killJobs);

/** JavaScript that prints the environment, for `environmentOf`. */
const SHOW = 'console.log("environment " + JSON.stringify(process.env))';

function environmentOf({ log }: JobResult, step: string, phase: Phase): Variables {
  const prefix = 'environment ';
  const line = log.find(
    (known) => known.step === step && known.phase === phase && known.raw.startsWith(prefix),
  );
  if (!line) throw new Error(`${step}.${phase} has not shown its environment.`);
  return JSON.parse(line.raw.slice(prefix.length));
}

const showAll = { pre: SHOW, main: SHOW, post: SHOW };

describe('inputs', () => {
  test('come with their defaults as written, upper case, spaces as underscores, hyphens kept', async () => {
    const result = await runJob({
      github: { token: 'ghs_1' },
      steps: [{ id: 'a', uses: SCRIPTED, with: { main: SHOW, 'TWO words': 'mine', unheard: 'x' } }],
    });
    const environment = environmentOf(result, 'a', 'main');

    expect(environment).toMatchObject({
      'INPUT_WITH-HYPHEN': 'true',
      INPUT_TWO_WORDS: 'mine',
      INPUT_TOKEN: 'ghs_1',
      INPUT_NONE: '',
      INPUT_UNHEARD: 'x',
    });
    expect(environment).not.toHaveProperty('GITHUB_TOKEN');
    expect(result.annotations[0]?.message).toMatch(
      /^Unexpected input\(s\) 'unheard', valid inputs are \['pre', 'main'/,
    );
  });

  test('built from the output of a step are empty in pre, and filled in main and post', async () => {
    const result = await runJob({
      steps: [
        { id: 'first', run: 'echo name=prod >> "$GITHUB_OUTPUT"' },
        {
          id: 'a',
          uses: SCRIPTED,
          with: {
            ...showAll,
            none: ({ steps, job }) => `${steps.first?.outputs.name ?? ''} ${job.status}`,
            token: 'at ${{ steps.first.outputs.name }}!',
          },
        },
      ],
    });

    const inputs = (['pre', 'main', 'post'] as const).map((phase) => {
      const { INPUT_NONE, INPUT_TOKEN } = environmentOf(result, 'a', phase);
      return [phase, INPUT_NONE, INPUT_TOKEN];
    });
    expect(inputs).toEqual([
      ['pre', ' success', 'at !'],
      ['main', 'prod success', 'at prod!'],
      ['post', 'prod success', 'at prod!'],
    ]);
  });
});

describe('the files of a process', () => {
  test('state is one dictionary over the phases of one step', async () => {
    const result = await runJob({
      steps: [
        {
          id: 'a',
          uses: SCRIPTED,
          with: {
            pre: 't.state("lease", "1"); t.state("text", "two\\nlines = 2\\n")',
            main: `t.state("lease", "2"); ${SHOW}`,
            post: SHOW,
          },
        },
        { id: 'b', uses: SCRIPTED, with: showAll },
      ],
    });

    expect(environmentOf(result, 'a', 'main')).toMatchObject({
      STATE_lease: '1',
      STATE_text: 'two\nlines = 2\n',
    });
    expect(environmentOf(result, 'a', 'post')).toMatchObject({
      STATE_lease: '2',
      STATE_text: 'two\nlines = 2\n',
    });
    expect(environmentOf(result, 'b', 'main')).not.toHaveProperty('STATE_lease');
    expect(result.steps.a?.state).toEqual({ lease: '2', text: 'two\nlines = 2\n' });
    const files = (['pre', 'main', 'post'] as const).map(
      (phase) => environmentOf(result, 'b', phase).GITHUB_STATE,
    );
    expect(new Set(files).size).toBe(3);
  });

  test('outputs of pre and of post are dropped', async () => {
    const seen = ({ steps }: Contexts): string => JSON.stringify(steps.a?.outputs ?? 'nothing');
    const result = await runJob({
      steps: [
        // Its main runs after the pre of a, its post after the post of a.
        { id: 'observer', uses: SCRIPTED, with: { main: SHOW, post: SHOW }, env: { SEEN: seen } },
        {
          id: 'a',
          uses: SCRIPTED,
          with: {
            pre: 't.output("early", "1")',
            main: 't.output("token", "41")',
            post: 't.output("late", "1")',
          },
        },
      ],
    });

    expect(result.phases.map(({ step, phase }) => `${step}.${phase}`).slice(-2)).toEqual([
      'a.post',
      'observer.post',
    ]);
    expect(environmentOf(result, 'observer', 'main').SEEN).toBe('"nothing"');
    expect(environmentOf(result, 'observer', 'post').SEEN).toBe('{"token":"41"}');
    expect(result.steps.a?.outputs).toEqual({ token: '41' });
    expect(phaseOf(result, 'a', 'pre').outputs).toEqual({ early: '1' });
  });

  test('GITHUB_ENV and GITHUB_PATH reach later steps and all posts, but not the process that wrote them', async () => {
    const result = await runJob({
      env: { AWS_REGION: 'of the job', STAGE: 'of the job' },
      steps: [
        { id: 'a', uses: SCRIPTED, with: showAll },
        {
          id: 'b',
          uses: PLAIN,
          with: {
            main: `t.env("AWS_REGION", "eu"); t.append("GITHUB_PATH", "/one\\n/two\\n"); ${SHOW}`,
            post: SHOW,
          },
          env: { STAGE: 'of b', AWS_REGION: 'of b' },
        },
        { id: 'c', run: 'echo "${PATH%%:/usr*}"' },
      ],
    });

    expect(environmentOf(result, 'a', 'pre')).toMatchObject({
      AWS_REGION: 'of the job',
      STAGE: 'of the job',
    });
    expect(environmentOf(result, 'b', 'main')).toMatchObject({ AWS_REGION: 'of b', STAGE: 'of b' });
    expect(environmentOf(result, 'b', 'main').PATH).toBe(process.env.PATH);
    expect(environmentOf(result, 'a', 'post')).toMatchObject({ AWS_REGION: 'eu', STAGE: 'of the job' });
    expect(environmentOf(result, 'a', 'post').PATH).toBe(`/two:/one:${process.env.PATH}`);
    expect(result).toMatchObject({ env: { AWS_REGION: 'eu' }, path: ['/one', '/two'] });
  });

  test('the summary is gathered from all phases', async () => {
    const write = (text: string): string => `t.append("GITHUB_STEP_SUMMARY", "${text}\\n")`;
    const result = await runJob({
      steps: [{ id: 'a', uses: SCRIPTED, with: { pre: write('# held'), post: write('freed') } }],
    });
    expect(result.steps.a?.summary).toBe('# held\nfreed\n');
  });

  test.each([
    [
      'GITHUB_OUTPUT',
      'no sign',
      'failure',
      "Unable to process file command 'output' successfully. Invalid format 'no sign'",
    ],
    [
      'GITHUB_STATE',
      'a<<E\\nb',
      'failure',
      "Unable to process file command 'state' successfully. Invalid value. Matching delimiter not found 'E'",
    ],
    [
      'GITHUB_ENV',
      'node_options=-r x',
      'success',
      "Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.",
    ],
  ])('%s with %j: %s, and an error says why', async (file, text, status, message) => {
    const result = await runJob({
      steps: [{ id: 'a', uses: PLAIN, with: { main: `t.append("${file}", "${text}")` } }],
    });
    expect(phaseOf(result, 'a', 'main').status).toBe(status);
    expect(result.annotations).toMatchObject([{ level: 'error', message }]);
    expect(result.env).toEqual({});
  });

  test('a summary over the limit is dropped with an error', async () => {
    const main = 't.append("GITHUB_STEP_SUMMARY", "x".repeat(1024 * 1024 + 1))';
    const result = await runJob({ steps: [{ id: 'a', uses: PLAIN, with: { main } }] });
    expect(result.steps.a?.summary).toBe('');
    expect(result.annotations[0]?.message).toMatch('supports content up to a size of 1024k');
  });
});

describe('NAME=VALUE and heredocs', () => {
  test.each<[name: string, text: string, pairs: Variables]>([
    ['a plain pair', 'a=b\n', { a: 'b' }],
    ['no newline at the end', 'a=b', { a: 'b' }],
    ['equals signs in the value', 'a=b=c<<d\n', { a: 'b=c<<d' }],
    ['an empty value', 'a=\n', { a: '' }],
    ['empty lines between', '\na=b\n\n', { a: 'b' }],
    ['the last one wins', 'a=b\na=c\n', { a: 'c' }],
    ['a carriage return stays', 'a=b\r\n', { a: 'b\r' }],
    ['a heredoc', 'a<<E\nb=1\n\nc\nE\nd=e\n', { a: 'b=1\n\nc', d: 'e' }],
    ['an empty heredoc', 'a<<E\nE\n', { a: '' }],
    ['a delimiter with an equals sign', 'a<<E=F\nb\nE=F\n', { a: 'b' }],
    ['a delimiter that ends without a newline', 'a<<E\nb\nE', { a: 'b' }],
  ])('%s', (_, text, pairs) => expect(parsePairs(text)).toEqual(pairs));

  test.each([
    ['no sign', "Invalid format 'no sign'"],
    ['<<E', 'Name must not be empty'],
    ['a<<', 'delimiter must not be empty'],
    ['a<<E\nb\n', "delimiter not found 'E'"],
    ['a<<E\nb\n E\n', "delimiter not found 'E'"],
  ])('%j is refused', (text, message) => expect(() => parsePairs(text)).toThrow(message));
});

describe('the environment', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'runner-test-'));
    process.env.OF_THE_TEST_RUNNER = 'leak';
  });
  afterAll(() => {
    delete process.env.OF_THE_TEST_RUNNER;
    rmSync(root, { recursive: true, force: true });
  });

  const spec = (): JobSpec => ({
    runner: { root, name: 'box', environment: 'github-hosted', keepTemp: true },
    github: { repository: 'acme/shop', run_id: '7', run_attempt: '2', job: 'ship' },
    event: { action: 'opened' },
    processEnv: { AWS_PROFILE: 'machine' },
    steps: [
      { id: 'a', uses: SCRIPTED, with: showAll },
      { id: 'b', run: 'cat "$GITHUB_EVENT_PATH"; pwd' },
    ],
  });

  test('is built: what GitHub promises, PATH, HOME and what the spec adds, and nothing of this process', async () => {
    const result = await runJob(spec());
    const environment = environmentOf(result, 'a', 'pre');

    expect(environment).toMatchObject({
      GITHUB_ACTIONS: 'true',
      CI: 'true',
      GITHUB_ACTION: 'a',
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_REPOSITORY_OWNER: 'acme',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'ship',
      GITHUB_WORKFLOW: 'Deploy',
      GITHUB_ACTOR: 'octocat',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_SHA: expect.stringMatching(/^[0-9a-f]{40}$/),
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_WORKSPACE: join(root, 'shop', 'shop'),
      RUNNER_TEMP: join(root, '_temp'),
      RUNNER_TOOL_CACHE: join(root, '_tool'),
      RUNNER_ENVIRONMENT: 'github-hosted',
      RUNNER_NAME: 'box',
      RUNNER_OS: 'Linux',
      RUNNER_TRACKING_ID: expect.stringMatching(/^github_/),
      AWS_PROFILE: 'machine',
      HOME: process.env.HOME,
    });
    const ours = /^(GITHUB|RUNNER|INPUT|STATE)_|^(PATH|HOME|CI|AWS_PROFILE)$/;
    expect(Object.keys(environment).filter((name) => !ours.test(name))).toEqual([]);
    const script = result.log.filter(({ step }) => step === 'b').map(({ raw }) => raw);
    expect(script).toEqual([`{"action":"opened"}${join(root, 'shop', 'shop')}`]);
  });

  test('RUNNER_TEMP is emptied before a job, and after it', async () => {
    const temp = join(root, '_temp');
    writeFileSync(join(temp, 'of-the-last-job'), '');
    const look = { id: 'look', run: 'ls "$RUNNER_TEMP" | grep -v "\\.sh$"; touch "$RUNNER_TEMP/mine"' };

    const kept = await runJob({ ...spec(), steps: [look] });
    expect(kept.log.map(({ raw }) => raw)).toEqual(['_github_workflow', '_runner_file_commands']);
    expect(readdirSync(temp)).toContain('mine');

    await runJob({ ...spec(), runner: { root }, steps: [look] });
    expect(readdirSync(temp)).toEqual([]);
    expect(readdirSync(root)).toContain('_tool');
  });
});
