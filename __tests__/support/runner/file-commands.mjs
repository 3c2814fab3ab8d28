// @ts-check
/**
 * The files by which a process hands something to its runner. Each process gets new ones
 * (actions/runner, src/Runner.Worker/FileCommandManager.cs).
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LARGEST_SUMMARY = 1024 * 1024;

/**
 * @typedef {{ path: string, env: string, step_summary: string, state: string, output: string }} CommandFiles
 *   the paths, by the names that make `GITHUB_*` of them
 * @typedef {{ path: string[], env: Record<string, string>, summary: string, state: Record<string, string>,
 *   outputs: Record<string, string>, complaints: { message: string, fails: boolean }[] }} FileCommands
 */

/**
 * @param {string} temp RUNNER_TEMP
 * @returns {CommandFiles} fresh, empty
 */
export function createCommandFiles(temp) {
  const directory = join(temp, '_runner_file_commands');
  mkdirSync(directory, { recursive: true });
  const suffix = randomUUID();
  const create = (/** @type {string} */ prefix) => {
    const path = join(directory, `${prefix}${suffix}`);
    writeFileSync(path, '');
    return path;
  };
  return {
    path: create('add_path_'),
    env: create('set_env_'),
    step_summary: create('step_summary_'),
    state: create('save_state_'),
    output: create('set_output_'),
  };
}

/**
 * What a process left in its files. A file that can't be understood counts for nothing and fails the step.
 * @param {CommandFiles} files
 * @returns {FileCommands}
 */
export function readCommandFiles(files) {
  /** @type {FileCommands['complaints']} */
  const complaints = [];
  const pairs = (/** @type {'env' | 'state' | 'output'} */ name) => {
    try {
      return parsePairs(read(files[name]));
    } catch (error) {
      const message = `Unable to process file command '${name}' successfully. ${messageOf(error)}`;
      complaints.push({ message, fails: true });
      return {};
    }
  };
  const env = pairs('env');
  for (const name of Object.keys(env).filter((key) => key.toUpperCase() === 'NODE_OPTIONS')) {
    delete env[name];
    const message = `Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.`;
    complaints.push({ message, fails: false });
  }
  let summary = read(files.step_summary);
  const size = Buffer.byteLength(summary);
  if (size > LARGEST_SUMMARY) {
    const limit = `supports content up to a size of ${LARGEST_SUMMARY / 1024}k, got ${Math.floor(size / 1024)}k`;
    complaints.push({ message: `$GITHUB_STEP_SUMMARY upload aborted, ${limit}.`, fails: false });
    summary = '';
  }
  const path = read(files.path)
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== '');
  return { path, env, summary, state: pairs('state'), outputs: pairs('output'), complaints };
}

/**
 * `NAME=VALUE`, or `NAME<<DELIMITER`, lines, `DELIMITER`. Which of the two a line is depends on what comes first in it.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parsePairs(text) {
  /** @type {Record<string, string>} */
  const pairs = {};
  // The last element is what follows the last newline: a line without an end, or nothing.
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const [, name, sign, rest] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`Invalid format '${line}'`);
    if (sign === '=') {
      pairs[name] = rest;
      continue;
    }
    if (name === '' || rest === '') {
      throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
    }
    const end = lines.indexOf(rest, index + 1);
    if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
    pairs[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return pairs;
}

/**
 * A file that an action removed counts as empty.
 * @param {string} path
 */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
