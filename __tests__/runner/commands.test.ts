// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of a workflow, and of a shell, look like that
import { afterEach, describe, expect, test } from '@jest/globals';
import { CommandParser } from '../support/runner/commands.mjs';
import { killJobs, phaseOf, runJob, shownLog } from '../support/runner/runner.mjs';
import type { Variables } from '../support/runner/types.ts';
import { PLAIN, SCRIPTED } from '../support/runner.test-fixtures/actions.ts';

afterEach(killJobs);

type Row = [line: string, command: string, data: string, properties?: Variables];

describe('the two parsers', () => {
  test.each<Row>([
    ['::error::boom', 'error', 'boom'],
    ['::error::', 'error', ''],
    ['::ERROR::boom', 'error', 'boom'],
    ['  \t::error::after white space', 'error', 'after white space'],
    ['\u00a0\u2003\u0085::error::after Unicode white space', 'error', 'after Unicode white space'],
    ['::error title=A%3A b%2Cc,line=1::x', 'error', 'x', { title: 'A: b,c', line: '1' }],
    ['::error title=a=b::x', 'error', 'x', { title: 'a=b' }],
    ['::error title=,line=2::x', 'error', 'x', { line: '2' }],
    ['::error  title=a::x', 'error', 'x', { title: 'a' }],
    ['::warning::a%0Ab%0Dc%25d', 'warning', 'a\nb\rc%d'],
    ['::warning::%250A', 'warning', '%0A'],
    ['::warning::%3A stays in data', 'warning', '%3A stays in data'],
    ['::notice::a::b', 'notice', 'a::b'],
    ['##[error]boom', 'error', 'boom'],
    ['held by "##[error]boom" and more', 'error', 'boom" and more'],
    ['##[error title=a;line=2]x', 'error', 'x', { title: 'a', line: '2' }],
    ['##[error title=%5D%3B]a%3Bb', 'error', 'a;b', { title: '];' }],
    ['::nonsense::##[error]boom', 'error', 'boom'],
  ])('%j', (line, command, data, properties = {}) => {
    expect(new CommandParser().parse(line)).toMatchObject({ command, data, properties });
  });

  test.each([
    'error::boom',
    'x ::error::boom',
    ':error::boom',
    'xxerror::boom',
    '::error boom',
    '::nonsense::boom',
    '\ufeff::error::boom',
    '\u200b::error::boom',
    '#[error]boom',
    '##[error boom',
    '##[nonsense]boom',
    '##\\u005berror]boom',
    ':\\u003aerror::boom',
  ])('%j is a line like any other', (line) => expect(new CommandParser().parse(line)).toBeUndefined());

  test('nothing is a command from stop-commands to its token', () => {
    const parser = new CommandParser();
    const lines = [
      '::stop-commands::Tok',
      '::error::a',
      '##[error]b',
      '::stop-commands::x',
      '::tok::',
      '::error::c',
    ];
    expect(lines.map((line) => parser.parse(line)?.command)).toEqual([
      'stop-commands',
      undefined,
      undefined,
      undefined,
      'tok',
      'error',
    ]);
  });
});

describe('commands in the output of a job', () => {
  test('are collected with their phase, from both streams, a lone carriage return ending a line', async () => {
    const result = await runJob({
      steps: [
        {
          id: 'a',
          uses: SCRIPTED,
          with: {
            pre: 'process.stdout.write("held\\r::notice title=Lock::in pre\\r\\nno newline ##[warning]at the end")',
            main: 'console.error("::error file=a.ts,line=3::in main")',
          },
        },
      ],
    });

    expect(result.commands).toEqual([
      {
        step: 'a',
        phase: 'pre',
        syntax: '::',
        command: 'notice',
        properties: { title: 'Lock' },
        data: 'in pre',
      },
      { step: 'a', phase: 'pre', syntax: '##[', command: 'warning', properties: {}, data: 'at the end' },
      {
        step: 'a',
        phase: 'main',
        syntax: '::',
        command: 'error',
        properties: { file: 'a.ts', line: '3' },
        data: 'in main',
      },
    ]);
    expect(result.annotations.map(({ level, message, phase }) => [level, message, phase])).toEqual([
      ['notice', 'in pre', 'pre'],
      ['warning', 'at the end', 'pre'],
      ['error', 'in main', 'main'],
    ]);
    expect(shownLog(result)).toBe('held\n##[notice]in pre\n##[warning]at the end\n##[error]in main');
    // An error annotation alone fails nothing.
    expect(result.conclusion).toBe('success');
    expect(result.log.map(({ stream }) => stream)).toContain('stderr');
  });

  test('masks hide a secret from what is shown after them, of every step', async () => {
    const result = await runJob({
      secrets: { KEY: 'of-the-repository' },
      steps: [
        { id: 'a', run: 'echo hunter2; echo "::add-mask::hunter2"; echo "::group::hunter2"' },
        { id: 'b', run: 'echo "is hunter2 ${{ secrets.KEY }}"; echo "::error::hunter2"; echo ::add-mask::' },
      ],
    });

    expect(shownLog(result).split('\n')).toEqual([
      'hunter2',
      '##[group]***',
      'is *** ***',
      '##[error]***',
      "##[warning]Can't add secret mask for empty string in ##[add-mask] command.",
    ]);
    expect(result.masks).toEqual(['hunter2', '']);
  });

  test('a mask of several lines hides each of them', async () => {
    const result = await runJob({ steps: [{ run: 'echo "::add-mask::one%0Atwo"; echo "one and two"' }] });
    expect(shownLog(result)).toBe('*** and ***');
  });

  test('set-output and save-state still work; set-env and add-path fail the step', async () => {
    const main = 'console.log("::set-output name=token::41"); console.log("::save-state name=lease::9")';
    const post = 'console.log(process.env.STATE_lease); console.log("::set-env name=A::b")';
    const result = await runJob({ steps: [{ id: 'a', uses: PLAIN, with: { main, post } }] });

    expect(result.steps.a).toMatchObject({ outputs: { token: '41' }, state: { lease: '9' } });
    expect(shownLog(result)).toMatch(/^9\n##\[error\]The `set-env` command is disabled/);
    expect(phaseOf(result, 'a', 'post')).toMatchObject({ status: 'failure', exitCode: 0 });
    expect(result.env).toEqual({});
  });

  test('stop-commands holds for its own process only', async () => {
    const post = 'console.log("::warning::seen")';
    const main = 'console.log("::stop-commands::tok\\n::warning::unseen")';
    const result = await runJob({ steps: [{ uses: PLAIN, with: { main, post } }] });
    expect(result.annotations.map(({ message }) => message)).toEqual(['seen']);
    expect(shownLog(result)).toBe('::stop-commands::tok\n::warning::unseen\n##[warning]seen');
  });
});
