import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { BUILDKITE, CIRCLECI, GITHUB, GITLAB, JENKINS } from './ci-variables.ts';
import { CliProcess } from './cli-process.ts';

/*
 * The recipes for other CI systems in examples/, run as these systems run them: the very command lines of the file, in the
 * shell and with the variables that a job of that system has.
 */

const EXAMPLES = resolve(import.meta.dirname, '../../examples');

export interface Recipe {
  readonly system: string;
  readonly shell: readonly string[];
  readonly script: string;
  /** What the file sets, and what the system sets. */
  readonly environment: Readonly<Record<string, string>>;
}

const ID_TOKEN = 'LEASEHOLD_TEST_ID_TOKEN';

/** @param idToken what the system vouches for the job with */
export function recipes(idToken = 'no token'): Recipe[] {
  return [gitlab(idToken), jenkins(), buildkite(idToken), circleci(idToken)];
}

function gitlab(idToken: string): Recipe {
  const { deploy } = parse(read('gitlab/.gitlab-ci.yml'));
  return {
    system: 'GitLab CI',
    shell: ['bash', '-eo', 'pipefail', '-c'],
    script: deploy.script.join('\n'),
    environment: { ...GITLAB, ...expanded(deploy.variables, GITLAB), LOCK_ID_TOKEN: idToken },
  };
}

function jenkins(): Recipe {
  const file = read('jenkins/Jenkinsfile');
  const [, script = ''] = /script: '([^']+)'/.exec(file) ?? [];
  const [, store = ''] = /LEASEHOLD_STORE = '([^']+)'/.exec(file) ?? [];
  return {
    system: 'Jenkins',
    shell: ['sh', '-xec'],
    script,
    environment: { ...JENKINS, LEASEHOLD_STORE: store },
  };
}

function buildkite(idToken: string): Recipe {
  const [step] = parse(read('buildkite/pipeline.yml')).steps;
  return {
    system: 'Buildkite',
    shell: ['bash', '-ec'],
    script: step.commands.join('\n').replaceAll('$$', '$'),
    environment: { ...BUILDKITE, ...step.env, [ID_TOKEN]: idToken },
  };
}

function circleci(idToken: string): Recipe {
  const { steps } = parse(read('circleci/config.yml')).jobs.deploy;
  const { run } = steps.find((step: { run?: unknown }) => step.run !== undefined);
  return {
    system: 'CircleCI',
    shell: ['bash', '-eo', 'pipefail', '-c'],
    script: run.command,
    environment: { ...CIRCLECI, ...run.environment, CIRCLE_OIDC_TOKEN_V2: idToken },
  };
}

/** What examples/operator.yml does for somebody who fills in its form. */
export function operator(inputs: Readonly<Record<string, string>>): Recipe {
  const workflow = parse(read('operator.yml'));
  const form: Record<string, { default?: unknown }> = workflow.on.workflow_dispatch.inputs;
  const { env, run } = workflow.jobs.locks.steps.find((step: { run?: unknown }) => step.run !== undefined);
  const inputIn = (expression: string): string => {
    const [, name] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression) ?? [];
    return name === undefined ? expression : String(inputs[name] ?? form[name]?.default ?? '');
  };
  const given = Object.entries<string>(env).map(([name, value]) => [name, inputIn(value)]);
  return {
    system: 'GitHub Actions',
    // As the runner runs it: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    shell: ['bash', '-ec'],
    script: run,
    environment: { ...GITHUB, ...Object.fromEntries(given), GH_TOKEN: '' },
  };
}

function read(path: string): string {
  return readFileSync(join(EXAMPLES, path), 'utf8');
}

/** GitLab's runner puts variables into variables. */
function expanded(
  variables: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const expand = (text: string) => text.replaceAll(/\$(\w+)/g, (_, name: string) => known[name] ?? '');
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, expand(text)]));
}

/** A checkout in which recipes are run: with a deploy.sh, and with the CLI where npx would bring it. */
export class Checkout {
  readonly path = mkdtempSync(join(tmpdir(), 'leasehold-recipe-'));
  readonly #children: CliProcess[] = [];

  /**
   * @param cli the CLI's entry
   * @param deploy the lines of deploy.sh
   */
  constructor(cli: string, deploy: string, node = process.execPath) {
    const tools = join(this.path, 'tools');
    mkdirSync(tools);
    this.#program('deploy.sh', deploy);
    // As npx does, but for the look at the registry.
    this.#program(
      'tools/npx',
      `[ "$1 $2" = '--yes leasehold@1' ] || exit 99; shift 2; exec '${node}' '${cli}' "$@"`,
    );
    this.#program(
      'tools/buildkite-agent',
      `[ "$*" = 'oidc request-token --audience sts.amazonaws.com' ] || exit 98; printf '%s' "$${ID_TOKEN}"`,
    );
  }

  #program(name: string, lines: string): void {
    const file = join(this.path, name);
    writeFileSync(file, `#!/bin/sh\n${lines}\n`);
    chmodSync(file, 0o755);
  }

  /** Starts a recipe, in a process group of its own. */
  start({ shell, script, environment }: Recipe, more: Readonly<Record<string, string>> = {}): CliProcess {
    const [program = 'sh', ...options] = shell;
    const child: ChildProcess = spawn(program, [...options, script], {
      cwd: this.path,
      detached: true,
      env: {
        PATH: `${join(this.path, 'tools')}${delimiter}${process.env.PATH}`,
        HOME: this.path,
        TMPDIR: this.path,
        XDG_STATE_HOME: this.path,
        AWS_EC2_METADATA_DISABLED: 'true',
        ...environment,
        ...more,
      },
    });
    const started = new CliProcess(child, false);
    this.#children.push(started);
    return started;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      child.signal('SIGKILL');
      child.closeOutput();
    }
    await Promise.all(this.#children.map(({ ended }) => ended));
    rmSync(this.path, { recursive: true, force: true });
  }
}
