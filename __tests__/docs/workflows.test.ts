import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { completed, isWorkflow, shownIn, withLocalAction } from '../../scripts/lint-workflows.mjs';

const FENCE = '```';

test('the workflows of a document are found, with their lines, indented ones too', () => {
  const document = [
    '# Title',
    `${FENCE}yaml`,
    'on: push',
    FENCE,
    `${FENCE}sh`,
    'ls',
    FENCE,
    '- item',
    '',
    `  ${FENCE}yaml`,
    '  - run: ls',
    `  ${FENCE}`,
    '',
  ].join('\n');
  expect(shownIn(document)).toEqual([
    { text: 'on: push\n', line: 3 },
    { text: '- run: ls\n', line: 11 },
  ]);
});

test('what is included from a file is that file’s', () => {
  expect(shownIn(`<!-- include ../examples/a.yml -->\n${FENCE}yaml\nsteps: []\n${FENCE}\n`)).toEqual([]);
});

test.each([
  ['steps', '- run: ls\n- uses: a/b@v1\n  with:\n    x: y\n', 5],
  ['jobs', 'jobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ls\n', 1],
  ['a job with permissions', 'permissions:\n  contents: read\njobs: {}\n', 1],
  ['keys of a workflow without a job', 'concurrency:\n  group: x\n', 1],
  ['a whole workflow', 'on: push\njobs: {}\n', 0],
])('%s become a workflow in which the part stands as it was', (_, part, before) => {
  const whole = completed(part);
  expect(whole.before).toBe(before);
  const workflow = parse(whole.text);
  expect(Object.keys(workflow)).toEqual(expect.arrayContaining(['on', 'jobs']));
  const shown = parse(part);
  expect(Array.isArray(shown) ? workflow.jobs.part.steps : workflow).toEqual(
    Array.isArray(shown) ? shown : expect.objectContaining(shown),
  );
  const lines = whole.text.split('\n').slice(before, before + part.split('\n').length - 1);
  expect(lines.map((line) => line.trim())).toEqual(
    part
      .split('\n')
      .slice(0, -1)
      .map((line) => line.trim()),
  );
});

test.each([
  ['version: 2.1\njobs: {}\n', 'version'],
  ['deploy:\n  script: ls\n', 'deploy'],
  ['permisions: {}\n', 'permisions'],
  ['', 'empty'],
])('what is no part of a workflow is refused, not skipped: %j', (part, named) => {
  expect(() => completed(part)).toThrow(named);
});

test('the action is looked up here', () => {
  expect(withLocalAction('- uses: leasehold/leasehold@v1\n- uses: leasehold/leasehold@v10\n')).toBe(
    '- uses: ./.leasehold\n- uses: leasehold/leasehold@v10\n',
  );
});

test.each([
  ['on: push\njobs: {}\n', true],
  ['version: 2.1\njobs: {}\n', false],
  ['steps:\n  - command: ls\n', false],
  ['Resources:\n  Bucket:\n    Name: !Sub x\n', false],
  ['', false],
])('a workflow has a trigger and jobs: %j', (yaml, expected) => {
  expect(isWorkflow(yaml)).toBe(expected);
});
