// `node scripts/github-openapi.mjs`: what the tests need of GitHub's OpenAPI description, taken anew from the npm package
// @octokit/openapi (400 MB, hence no dependency) and written to __tests__/support/github-openapi.json.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PACKAGE = '@octokit/openapi@23.0.2';
const TARGET = resolve(import.meta.dirname, '../__tests__/support/github-openapi.json');

const PATHS = {
  '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}': 'get',
  '/repos/{owner}/{repo}/actions/jobs/{job_id}': 'get',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/cancel': 'post',
};
/** The description lists no errors for these paths; all errors of the API have this form. */
const ERROR = '#/components/schemas/basic-error';

const folder = mkdtempSync(join(tmpdir(), 'leasehold-openapi-'));
try {
  execFileSync('npm', ['pack', PACKAGE, '--pack-destination', folder], { stdio: 'ignore' });
  execFileSync('sh', ['-c', 'tar -xzf *.tgz package/generated/api.github.com.json'], { cwd: folder });
  const whole = JSON.parse(readFileSync(join(folder, 'package/generated/api.github.com.json'), 'utf8'));
  writeFileSync(TARGET, `${JSON.stringify(excerpt(whole), null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The paths, and all components that they refer to, with their own words and examples. */
function excerpt(whole) {
  const paths = Object.fromEntries(
    Object.entries(PATHS).map(([path, method]) => [path, { [method]: whole.paths[path][method] }]),
  );
  const references = new Set();
  collect({ paths, error: { $ref: ERROR } }, whole, references);
  const components = {};
  for (const reference of [...references].sort()) {
    const [, , kind, name] = reference.split('/');
    components[kind] ??= {};
    components[kind][name] = whole.components[kind][name];
  }
  const { openapi, info } = whole;
  return {
    $comment: `An excerpt of ${PACKAGE}, made by scripts/github-openapi.mjs`,
    openapi,
    info,
    paths,
    components,
  };
}

function collect(node, whole, references) {
  if (typeof node !== 'object' || node === null) return;
  if (typeof node.$ref === 'string' && !references.has(node.$ref)) {
    references.add(node.$ref);
    const [, , kind, name] = node.$ref.split('/');
    collect(whole.components[kind][name], whole, references);
  }
  for (const value of Object.values(node)) collect(value, whole, references);
}
