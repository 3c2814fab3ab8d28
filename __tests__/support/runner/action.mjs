// @ts-check
/** What the runner reads from an action.yml. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * @import { Phase } from './types.ts'
 */

/**
 * @typedef {{ directory: string, inputs: Record<string, string>, scripts: Partial<Record<Phase, string>>,
 *   preIf: string, postIf: string }} Action
 *   `inputs`: the default of each, perhaps with expressions in it
 */

/**
 * @param {string} directory
 * @returns {Action}
 * @throws when there is no action.yml, or the action is none of JavaScript
 */
export function readAction(directory) {
  const path = ['action.yml', 'action.yaml'].map((name) => join(directory, name)).find(existsSync);
  if (!path) throw new Error(`Can't find 'action.yml' or 'action.yaml' under '${directory}'.`);
  // The failsafe schema leaves every scalar a string, as the runner does: a default of `true` or `0090` stays as written.
  const manifest = parse(readFileSync(path, 'utf8'), { schema: 'failsafe' });
  const { using, main, pre, post, 'pre-if': preIf, 'post-if': postIf } = manifest.runs ?? {};
  if (!/^node\d+$/.test(using) || !main) {
    throw new Error(
      `${path}: the runner harness runs JavaScript actions with a main script only, not "using: ${using}".`,
    );
  }
  /** @type {Record<string, string>} */
  const inputs = {};
  for (const [name, input] of Object.entries(manifest.inputs ?? {})) inputs[name] = input?.default ?? '';
  return {
    directory,
    inputs,
    scripts: { main, ...(pre ? { pre } : {}), ...(post ? { post } : {}) },
    preIf: preIf ?? 'always()',
    postIf: postIf ?? 'always()',
  };
}

/**
 * The variable in which an action finds an input: hyphens stay, spaces don't.
 * @param {string} name
 */
export function inputVariable(name) {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}
