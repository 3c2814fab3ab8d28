// @ts-check
/** As much of the workflow's expressions as a job here needs; what goes beyond is a function in the spec. */

/**
 * @import { Contexts, JobStatus } from './types.ts'
 */

/**
 * `text` with each `${{ a.b.c }}` filled in; what is not there is empty.
 * @param {string} text
 * @param {Contexts} contexts
 */
export function interpolate(text, contexts) {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, path) => lookUp(path, contexts));
}

/**
 * @param {string} path
 * @param {Contexts} contexts
 */
function lookUp(path, contexts) {
  if (!/^[\w-]+(\.[\w-]+)+$/.test(path)) {
    throw new Error(
      `The runner harness reads paths such as github.token only, not "${path}": use a function.`,
    );
  }
  /** @type {unknown} */
  let value = contexts;
  for (const name of path.split('.'))
    value = /** @type {Record<string, unknown> | undefined} */ (value)?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** @type {Record<string, (status: JobStatus) => boolean>} */
const STATUS_FUNCTIONS = {
  'success()': (status) => status === 'success',
  'failure()': (status) => status === 'failure',
  'cancelled()': (status) => status === 'cancelled',
  'always()': () => true,
};

/**
 * Whether a condition such as `success() || failure()` or `!cancelled()` holds.
 * @param {string} condition
 * @param {JobStatus} status
 */
export function holds(condition, status) {
  const text = condition.replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1');
  const terms = text.split('||').map((term) => {
    const [, negation, call] = /^(!?)\s*(.*)$/s.exec(term.trim()) ?? [];
    const check = STATUS_FUNCTIONS[call ?? ''];
    if (!check) {
      throw new Error(
        `The runner harness reads success(), failure(), cancelled(), always(), "!" and "||" only, not "${condition}": use a function.`,
      );
    }
    return check(status) !== (negation === '!');
  });
  return terms.includes(true);
}
