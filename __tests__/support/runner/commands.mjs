// @ts-check
/**
 * The two parsers of log commands that the runner puts every line of both streams through
 * (actions/runner, src/Runner.Common/ActionCommand.cs: TryParseV2, then TryParse).
 */

/** @typedef {{ syntax: '::' | '##[', command: string, properties: Record<string, string>, data: string }} ParsedCommand */

// char.IsWhiteSpace of .NET, by which TrimStart goes. JavaScript's trimStart has U+FEFF too, and not U+0085.
const LEADING_WHITE_SPACE = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/** In the runner's order: `%25` last, so that an escaped percent sign is not unescaped twice. */
const ESCAPES = {
  data: { '%0D': '\r', '%0A': '\n', '%25': '%' },
  property: { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' },
  bracket: { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' },
};

/**
 * @param {string} text
 * @param {keyof typeof ESCAPES} escapes
 */
function unescaped(text, escapes) {
  return Object.entries(ESCAPES[escapes]).reduce((rest, [from, to]) => rest.replaceAll(from, to), text);
}

/**
 * `name key=value,key=value` of either syntax. A property without a name or a value is left out.
 * @param {string} info
 * @param {{ separator: ',' | ';', escapes: keyof typeof ESCAPES }} syntax
 */
function parseInfo(info, { separator, escapes }) {
  const space = info.indexOf(' ');
  if (space < 0) return { command: info, properties: {} };
  /** @type {Record<string, string>} */
  const properties = {};
  const text = info.slice(space + 1);
  for (const pair of (separator === ',' ? text.trim() : text).split(separator)) {
    const [, key, value] = /^=*([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (key !== undefined && value !== undefined) properties[key] = unescaped(value, escapes);
  }
  return { command: info.slice(0, space), properties };
}

/**
 * `::name key=value::data`, at the start of a line after white space.
 * @param {string} line
 * @returns {ParsedCommand | undefined}
 */
function parseColons(line) {
  const text = line.replace(LEADING_WHITE_SPACE, '');
  if (!text.startsWith('::')) return undefined;
  const end = text.indexOf('::', 2);
  if (end < 0) return undefined;
  const info = parseInfo(text.slice(2, end), { separator: ',', escapes: 'property' });
  return { syntax: '::', ...info, data: unescaped(text.slice(end + 2), 'data') };
}

/**
 * `##[name key=value]data`, anywhere in a line.
 * @param {string} line
 * @returns {ParsedCommand | undefined}
 */
function parseBrackets(line) {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const info = parseInfo(line.slice(start + 3, end), { separator: ';', escapes: 'bracket' });
  return { syntax: '##[', ...info, data: unescaped(line.slice(end + 1), 'bracket') };
}

/** What the runner knows; anything else is a line like any other. The names are compared without regard to case. */
const NAMES = new Set([
  ...['set-env', 'set-output', 'save-state', 'add-path', 'add-mask', 'add-matcher', 'remove-matcher'],
  ...['debug', 'notice', 'warning', 'error', 'group', 'endgroup', 'echo', 'stop-commands'],
]);

/** The commands in the output of one process: `::stop-commands::token` holds until `::token::`, and for that process only. */
export class CommandParser {
  /** @type {string | undefined} */
  #stopToken;

  /**
   * @param {string} line
   * @returns {ParsedCommand | undefined} the command that the runner acts on, its name in lower case
   */
  parse(line) {
    const found = [parseColons, parseBrackets]
      .map((parser) => parser(line))
      .find((command) => command && this.#knows(command.command));
    if (!found) return undefined;
    const command = { ...found, command: found.command.toLowerCase() };
    if (this.#stopToken !== undefined) {
      if (command.command !== this.#stopToken) return undefined;
      this.#stopToken = undefined;
      return command;
    }
    if (command.command === 'stop-commands') this.#stopToken = command.data.toLowerCase();
    return command;
  }

  /** @param {string} name */
  #knows(name) {
    return NAMES.has(name.toLowerCase()) || name.toLowerCase() === this.#stopToken;
  }
}
