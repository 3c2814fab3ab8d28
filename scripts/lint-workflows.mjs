// `npm run lint:workflows`: actionlint over every workflow of ours, and over every one that the documentation shows.
// Exit status 77, that of a skipped test, where there is no `go` to install actionlint with.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');
const ACTIONLINT = 'v1.7.12';
const SKIPPED = 77;

/** The keys of a workflow. What has others is no part of one. */
const KEYS = ['concurrency', 'defaults', 'env', 'jobs', 'name', 'on', 'permissions', 'run-name'];
/** GitHub's since May 2026, and unknown to this actionlint. */
const KNOWN_BETTER = 'unexpected key "queue" for "concurrency" section';
/** Labels of self-hosted runners that the examples name. */
const CONFIG = 'self-hosted-runner:\n  labels: [lab]\n';

/**
 * The workflows that a Markdown document shows. What follows `<!-- include FILE -->` is another file's text, and belongs
 * to that file.
 * @returns each with the line on which it begins
 */
export function shownIn(markdown) {
  const fences = markdown.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```$/gm);
  return [...fences]
    .filter(({ index }) => !/<!-- include \S+ -->\n$/.test(markdown.slice(0, index)))
    .map(({ index, 1: indent, 2: body }) => ({
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: markdown.slice(0, index).split('\n').length + 1,
    }));
}

/**
 * A part of a workflow made whole, so that it can be checked: steps get a job, a job a trigger, and so on.
 * @returns the workflow, and how many lines stand before the part
 * @throws Error for what is no part of a workflow
 */
export function completed(part) {
  const content = parse(part);
  const steps = Array.isArray(content);
  const keys = steps ? [] : Object.keys(content ?? {});
  const foreign = keys.filter((key) => !KEYS.includes(key));
  if (!steps && (keys.length === 0 || foreign.length > 0)) {
    throw new Error(`it is no part of a workflow: ${foreign.join(', ') || 'it is empty'}`);
  }
  const job = 'jobs:\n  part:\n    runs-on: ubuntu-latest\n    steps:\n';
  const head = `${keys.includes('on') ? '' : 'on: push\n'}${steps ? job : ''}`;
  const body = steps ? part.replaceAll(/^(?=.)/gm, ' '.repeat(6)) : part;
  const tail = steps || keys.includes('jobs') ? '' : `${job}      - run: 'true'\n`;
  return { text: `${head}${body}${tail}`, before: head.split('\n').length - 1 };
}

/** `text` with this action as one of the checked-out tree: actionlint knows inputs and outputs of such actions only. */
export function withLocalAction(text) {
  return text.replaceAll(/(\buses: *)leasehold\/leasehold@v1\b/g, '$1./.leasehold');
}

/** A workflow whose faults must be seen, or what sees none in the others is worth nothing. */
const FAULTY = {
  path: 'a workflow with faults',
  line: 1,
  before: 0,
  text: withLocalAction(`on: push
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: leasehold/leasehold@v1
        id: lock
        with:
          named: prod
      - run: echo "\${{ steps.lock.outputs.tokken }}"
`),
};
const ITS_FAULTS = ['input "named" is not defined', 'property "tokken" is not defined'];

/** Whether `yaml` is a workflow, and not the configuration of another CI system or a template of CloudFormation. */
export function isWorkflow(yaml) {
  const content = parse(yaml, { logLevel: 'silent' });
  return content?.on !== undefined && content.jobs !== undefined;
}

/** All that is checked: its text, and where it is from. */
function sources() {
  const below = (folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map(
      (name) => `${folder}/${name.replaceAll('\\', '/')}`,
    );
  const read = (path) => readFileSync(join(ROOT, path), 'utf8');
  const files = [...below('.github/workflows'), ...below('examples')].filter(
    (path) => /\.ya?ml$/.test(path) && isWorkflow(read(path)),
  );
  const documents = [...readdirSync(ROOT), ...below('docs')].filter((path) => path.endsWith('.md'));
  return [
    ...files.map((path) => ({ path, line: 1, text: read(path), before: 0 })),
    ...documents.flatMap((path) =>
      shownIn(read(path)).map(({ text, line }) => {
        try {
          return { path, line, ...completed(text) };
        } catch (error) {
          throw new Error(`${path}:${line}: ${error.message}`, { cause: error });
        }
      }),
    ),
  ];
}

/**
 * What actionlint has to say of workflows.
 * @param workflows as of `sources`
 * @param program actionlint
 * @returns one line for each fault
 */
export function faultsOf(workflows, program) {
  const project = mkdtempSync(join(tmpdir(), 'leasehold-workflows-'));
  try {
    const folder = join(project, '.github/workflows');
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(project, '.git'));
    mkdirSync(join(project, '.leasehold'));
    for (const name of ['action.yml', 'dist'])
      symlinkSync(join(ROOT, name), join(project, '.leasehold', name));
    writeFileSync(join(project, '.github/actionlint.yaml'), CONFIG);
    for (const [index, { text }] of workflows.entries()) {
      writeFileSync(join(folder, `${index}.yml`), withLocalAction(text));
    }
    const run = spawnSync(program, ['-format', '{{json .}}', '-pyflakes', '', '-ignore', KNOWN_BETTER], {
      cwd: project,
      encoding: 'utf8',
    });
    // 0: none, 1: some. Anything else is its own trouble.
    if (run.status !== 0 && run.status !== 1)
      throw run.error ?? new Error(`actionlint failed: ${run.stderr}`);
    return JSON.parse(run.stdout).map(({ filepath, line, message, kind }) => {
      const from = workflows[Number.parseInt(/(\d+)\.yml$/.exec(filepath)[1], 10)];
      return `${from.path}:${Math.max(from.line, from.line + line - 1 - from.before)}: ${message} [${kind}]`;
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

/** Where actionlint is, installed if it is not yet; `undefined` where there is no `go`. */
function actionlint() {
  const folder = join(ROOT, 'node_modules/.cache/actionlint', ACTIONLINT);
  const program = join(folder, process.platform === 'win32' ? 'actionlint.exe' : 'actionlint');
  if (existsSync(program)) return program;
  if (!isThere('go')) return undefined;
  execFileSync('go', ['install', `github.com/rhysd/actionlint/cmd/actionlint@${ACTIONLINT}`], {
    env: { ...process.env, GOBIN: folder },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return program;
}

function isThere(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** The shell scripts among the examples that shellcheck finds fault with; it prints what it found. */
function checkScripts() {
  const all = readdirSync(join(ROOT, 'examples'), { recursive: true, withFileTypes: true });
  const scripts = all
    .filter(({ name }) => name.endsWith('.sh'))
    .map((entry) => join(entry.parentPath, entry.name));
  const paths = scripts.map((script) => relative(ROOT, script));
  return paths.filter(
    (path) => spawnSync('shellcheck', [path], { cwd: ROOT, stdio: 'inherit' }).status !== 0,
  );
}

function main() {
  const program = actionlint();
  if (program === undefined) {
    console.log('Skipped: there is no go on this machine, and actionlint is installed by "go install".');
    return SKIPPED;
  }
  const workflows = sources();
  const [seen, faults] = [faultsOf([FAULTY], program).join('\n'), faultsOf(workflows, program)];
  const missed = ITS_FAULTS.filter((fault) => !seen.includes(fault));
  if (missed.length > 0) {
    console.log(`actionlint does not see what it should: ${missed.join('; ')}. It sees:\n${seen}`);
    return 1;
  }
  for (const fault of faults) console.log(fault);
  const shell = isThere('shellcheck');
  const scripts = shell ? checkScripts() : [];
  const checked = `${workflows.length} workflows, ${workflows.filter(({ path }) => path.endsWith('.md')).length} of them in documents`;
  console.log(
    `${checked}, checked by actionlint ${ACTIONLINT} ${shell ? 'with shellcheck' : 'without shellcheck, which is not installed'}: ${faults.length + scripts.length} faults.`,
  );
  return faults.length + scripts.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) process.exitCode = main();
