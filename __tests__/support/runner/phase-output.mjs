// @ts-check
import { CommandParser } from './commands.mjs';

/**
 * @import { ParsedCommand } from './commands.mjs'
 * @import { Job, Task } from './job.mjs'
 * @import { Annotation, Variables } from './types.ts'
 */

/** What one process says in its log, and what the commands in it do. */
export class PhaseOutput {
  /** @type {number | null} */
  pid = null;
  failed = false;
  /** @type {Variables} */
  outputs = {};
  /** @type {Variables} */
  state = {};
  #commands = new CommandParser();
  #task;
  #job;

  /**
   * @param {Task} task
   * @param {Job} job
   */
  constructor(task, job) {
    this.#task = task;
    this.#job = job;
  }

  /** @param {string} message */
  fail(message) {
    this.complain({ message, fails: true });
  }

  /** @param {{ message: string, fails: boolean }} complaint an error; `fails`: one that fails the phase */
  complain({ message, fails }) {
    this.failed ||= fails;
    this.#annotate('error', message);
  }

  /**
   * @param {'stdout' | 'stderr'} stream
   * @param {string} raw
   */
  take(stream, raw) {
    const command = this.#commands.parse(raw);
    const { step, phase } = this.#task;
    if (command?.command === 'add-mask') this.#job.mask(command.data);
    this.#job.log({ step: step.id, phase, stream, raw, text: command ? shownInstead(command, raw) : raw });
    if (!command) return;
    this.#job.commanded(this.#task, command);
    this.#obey(command);
  }

  /** @param {ParsedCommand} parsed */
  #obey({ command, properties, data }) {
    switch (command) {
      case 'error':
      case 'warning':
      case 'notice':
        return this.#annotate(command, data, properties);
      case 'set-output':
        return this.#keep(this.outputs, { command, name: properties.name, value: data });
      case 'save-state':
        return this.#keep(this.state, { command, name: properties.name, value: data });
      case 'set-env':
      case 'add-path':
        return this.fail(
          `The \`${command}\` command is disabled. Please upgrade to using Environment Files.`,
        );
      case 'add-mask':
        if (data.trim() === '')
          this.#annotate('warning', `Can't add secret mask for empty string in ##[add-mask] command.`);
    }
  }

  /**
   * @param {Variables} where
   * @param {{ command: string, name: string | undefined, value: string }} what
   */
  #keep(where, { command, name, value }) {
    if (name === undefined) return this.fail(`Required field 'name' is missing in ##[${command}] command.`);
    where[name] = value;
  }

  /**
   * @param {Annotation['level']} level
   * @param {string} message
   * @param {Variables} properties
   */
  #annotate(level, message, properties = {}) {
    const { step, phase } = this.#task;
    this.#job.annotate({ level, message, properties, step: step.id, phase });
  }
}

/**
 * What the log shows in place of a command; annotations come as lines of their own.
 * @param {ParsedCommand} command
 * @param {string} raw
 */
function shownInstead({ command, data }, raw) {
  switch (command) {
    case 'group':
      return `##[group]${data}`;
    case 'endgroup':
      return '##[endgroup]';
    case 'stop-commands':
      return raw;
    default:
      return null;
  }
}
