import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { fill, inputsTable, outputsTable, render, usage, usesOf } from '../../scripts/usage.mjs';

const TOKEN = `\${{ github.token }}`;
const ACTION_YML = `
name: Leasehold
inputs:
  lock:
    description: Name of the lock. A second sentence,
      on two lines.
    required: true
  ttl:
    description: How long the lease lives without a renewal | at least 15s.
    default: 90s
  github-token:
    description: Asks GitHub whether a holder is gone
    default: ${TOKEN}
  shared:
    description: Whether others may hold it too
    default: 'false'
outputs:
  token:
    description: The fencing token.
`;
const ACTION = parse(ACTION_YML);
const README = ['usage', 'inputs', 'outputs']
  .map((name) => `# ${name}\n<!-- ${name}:start -->\nOUTDATED\n<!-- ${name}:end -->\ntext after ${name}`)
  .join('\n');

describe('the parts of the README that come from action.yml', () => {
  test('a step shows every input with its first sentence, and its default as a value', () => {
    expect(usage(ACTION, 'owner/name@v1')).toBe(
      [
        '```yaml',
        '- uses: owner/name@v1',
        '  with:',
        '    # Name of the lock.',
        '    # Required.',
        "    lock: ''",
        '',
        '    # How long the lease lives without a renewal | at least 15s.',
        '    ttl: 90s',
        '',
        '    # Asks GitHub whether a holder is gone',
        `    github-token: ${TOKEN}`,
        '',
        '    # Whether others may hold it too',
        "    shared: 'false'",
        '```',
      ].join('\n'),
    );
  });

  test('the step reads back as YAML with the defaults as strings', () => {
    const [step] = parse(usage(ACTION, 'owner/name@v1').replaceAll(/^```.*$/gm, ''));
    expect(step).toEqual({
      uses: 'owner/name@v1',
      with: { lock: '', ttl: '90s', 'github-token': TOKEN, shared: 'false' },
    });
  });

  test('a long sentence is broken into comment lines of at most 100 characters', () => {
    const description = `${'many words '.repeat(30)}end.`;
    const comments = usage({ inputs: { a: { description } } }, 'o/n@v1').match(/# .*/g) ?? [];
    expect(comments.length).toBeGreaterThan(1);
    expect(Math.max(...comments.map((line) => line.length))).toBeLessThanOrEqual('# '.length + 100);
    expect(comments.map((line) => line.slice(2)).join(' ')).toBe(description);
  });

  test('the table of inputs keeps each on one line, and a pipe inside its cell', () => {
    expect(inputsTable(ACTION).split('\n')).toEqual([
      '| Input | Default | What it is |',
      '| --- | --- | --- |',
      '| `lock` | **required** | Name of the lock. A second sentence, on two lines. |',
      '| `ttl` | `90s` | How long the lease lives without a renewal \\| at least 15s. |',
      `| \`github-token\` | \`${TOKEN}\` | Asks GitHub whether a holder is gone |`,
      '| `shared` | `false` | Whether others may hold it too |',
    ]);
  });

  test('the table of outputs', () => {
    expect(outputsTable(ACTION).split('\n')).toEqual([
      '| Output | What it is |',
      '| --- | --- |',
      '| `token` | The fencing token. |',
    ]);
  });

  test('only what is between the markers changes, and a second time changes nothing', () => {
    const once = render(README, ACTION_YML, { uses: 'owner/name@v1' });
    expect(once).not.toContain('OUTDATED');
    expect(once).toContain('text after usage\n# inputs\n<!-- inputs:start -->\n| Input |');
    expect(once.endsWith('| The fencing token. |\n<!-- outputs:end -->\ntext after outputs')).toBe(true);
    expect(render(once, ACTION_YML, { uses: 'owner/name@v1' })).toBe(once);
  });

  test('what action.yml says literally is not taken for a replacement pattern', () => {
    expect(fill('<!-- a:start --><!-- a:end -->', 'a', "$& $1 $'")).toBe(
      "<!-- a:start -->\n$& $1 $'\n<!-- a:end -->",
    );
  });

  test.each([
    ['no marker', 'nothing'],
    ['no end', '<!-- a:start -->'],
    ['the end before the start', '<!-- a:end --><!-- a:start -->'],
    ['two starts', '<!-- a:start --><!-- a:end --><!-- a:start -->'],
    ['two ends', '<!-- a:start --><!-- a:end --><!-- a:end -->'],
  ])('a README with %s is refused', (_name, text) => {
    expect(() => fill(text, 'a', 'new')).toThrow(/exactly one <!-- a:start -->/);
  });

  test.each([
    ['2.3.4', 'owner/name@v2'],
    ['0.1.0', 'owner/name@v1'],
  ])('with version %s in package.json the step is %s', (version, uses) => {
    const repository = { url: 'git+https://github.com/owner/name.git' };
    expect(usesOf({ repository, version })).toBe(uses);
  });
});
