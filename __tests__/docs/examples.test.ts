import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { isWorkflow } from '../../scripts/lint-workflows.mjs';
import { parseInputs } from '../../src/action/inputs.ts';
import { parseProtocolInputs } from '../../src/action/protocol-inputs.ts';
import { builtCli } from '../support/built.ts';
import { ACTION, filesBelow, ROOT, read, snippets, stepsOf, type UsedStep } from './documents.ts';

const shown = snippets();
const uses = shown.flatMap((snippet) => stepsOf(snippet).map((step) => [snippet.from, step] as const));

/** An input as the action gets it; an expression stands for a text, or for `true` where a boolean is wanted. */
function textOf(step: UsedStep, name: string): string {
  const given = step.with?.[name] ?? ACTION.inputs[name]?.default ?? '';
  const stand = /^(true|false)$/.test(ACTION.inputs[name]?.default ?? '') ? 'true' : 'x';
  return String(given).replaceAll(/\$\{\{.*?\}\}/g, stand);
}

describe('YAML that is shown', () => {
  test.each(shown.map((snippet) => [snippet.from, snippet] as const))('%s can be read', (_from, snippet) => {
    expect(() => stepsOf(snippet)).not.toThrow();
  });

  test('every workflow among the examples uses the action, or the CLI', () => {
    const used = new Set(uses.map(([from]) => from));
    const workflows = filesBelow('examples', '.yml').filter((file) => isWorkflow(read(file)));
    const others = workflows.filter(
      (file) => !used.has(file) && !read(file).includes('npx --yes leasehold@1 '),
    );
    expect(others).toEqual([]);
    expect(workflows.length).toBeGreaterThan(5);
  });

  // The usage block of the README shows every input with its default, and so no name.
  const real = uses.filter(([, step]) => step.with?.name !== '');
  test.each(real)('%s: the action takes these inputs', (_from, step) => {
    const unknown = Object.keys(step.with ?? {}).filter((name) => !(name in ACTION.inputs));
    expect(unknown).toEqual([]);
    const environment = { RUNNER_ENVIRONMENT: 'github-hosted', HOME: '/home/runner' };
    const parse = step.with?.protocol === undefined ? parseInputs : parseProtocolInputs;
    expect(parse((name) => textOf(step, name), environment)).toBeDefined();
  });

  test('no more than one use of the action is not real', () => {
    expect(uses.length - real.length).toBe(1);
  });

  test.each(filesBelow('examples', '.yml'))('%s: the outputs that it asks for exist', (file) => {
    const text = read(file);
    const ids = stepsOf({ from: file, yaml: text }).map(({ id }) => id);
    const asked = [...text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].map(([, id, name]) => ({
      id,
      name,
    }));
    expect(asked.filter(({ id, name = '' }) => !ids.includes(id) || !(name in ACTION.outputs))).toEqual([]);
  });
});

test.each(filesBelow('examples', '.json'))('%s is a policy of statements', (file) => {
  const policy = JSON.parse(read(file));
  expect(policy).toMatchObject({ Version: '2012-10-17' });
  for (const statement of policy.Statement) expect(['Allow', 'Deny']).toContain(statement.Effect);
});

const onPosix = process.platform === 'win32' ? describe.skip : describe;

onPosix('examples/cli-in-shell.sh', () => {
  const script = join(ROOT, 'examples/cli-in-shell.sh');

  /** Runs the example, and then says who holds its lock. */
  async function runExample(command: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'leasehold-example-'));
    const cli = builtCli();
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      LEASEHOLD: `${process.execPath} ${cli}`,
      LEASEHOLD_STORE: join(folder, 'locks'),
    };
    const run = promisify(execFile);
    try {
      const { stdout, code } = await run('sh', [script, ...command], { env }).then(
        (ended) => ({ ...ended, code: 0 }),
        (error: { stdout: string; code: number }) => error,
      );
      const status = await run(process.execPath, [cli, 'status', 'prod/api', '--json'], { env });
      return { stdout, code, lock: JSON.parse(status.stdout) };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  test('can be executed', () => {
    expect(() => accessSync(script, constants.X_OK)).not.toThrow();
  });

  test('runs the command under the lock, then holds it over a second command, and leaves it free', async () => {
    const { stdout, code, lock } = await runExample(['sh', '-c', 'echo "token $LEASEHOLD_TOKEN"']);
    expect(code).toBe(0);
    const token = Number(/^token (\d+)$/m.exec(stdout)?.[1]);
    expect(stdout).toContain('Lock "prod/api" is held by');
    expect(lock).toMatchObject({ state: 'released', token: token + 1 });
  }, 60_000);

  test("ends with the command's exit code, and the lock is free", async () => {
    const { code, lock } = await runExample(['sh', '-c', 'exit 7']);
    expect(code).toBe(7);
    expect(lock.state).toBe('released');
  }, 60_000);
});
