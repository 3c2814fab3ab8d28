// `npm run docs`: the parts of README.md that say what action.yml says are made from it. `npm run docs -- --check` only looks.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';

const WIDTH = 100;

/**
 * `readme` with its three parts made anew from action.yml: usage, inputs and outputs, each between
 * `<!-- name:start -->` and `<!-- name:end -->`.
 * @throws Error when a marker is missing, stands twice or in the wrong order
 */
export function render(readme, actionYml, { uses }) {
  const action = parse(actionYml);
  const parts = {
    usage: usage(action, uses),
    inputs: inputsTable(action),
    outputs: outputsTable(action),
  };
  return Object.entries(parts).reduce((text, [name, content]) => fill(text, name, content), readme);
}

/** A step with every input, its first sentence as a comment, and its default as the value. */
export function usage(action, uses) {
  const lines = Object.entries(action.inputs ?? {}).flatMap(([name, input]) => [
    ...wrapped(firstSentence(input.description)).map((line) => `    # ${line}`),
    ...(input.required ? ['    # Required.'] : []),
    `    ${name}: ${scalar(input.default)}`,
    '',
  ]);
  return ['```yaml', `- uses: ${uses}`, '  with:', ...lines.slice(0, -1), '```'].join('\n');
}

export function inputsTable(action) {
  const rows = Object.entries(action.inputs ?? {}).map(([name, input]) => [
    `\`${name}\``,
    input.required ? '**required**' : code(input.default),
    cell(input.description),
  ]);
  return table(['Input', 'Default', 'What it is'], rows);
}

export function outputsTable(action) {
  const rows = Object.entries(action.outputs ?? {}).map(([name, output]) => [
    `\`${name}\``,
    cell(output.description),
  ]);
  return table(['Output', 'What it is'], rows);
}

/** `text` with `content` between the two markers of `name`. */
export function fill(text, name, content) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [before, middle, ...more] = text.split(start);
  const [, after, ...rest] = middle?.split(end) ?? [];
  if (after === undefined || more.length > 0 || rest.length > 0) {
    throw new Error(`README.md needs exactly one ${start} and, after it, exactly one ${end}.`);
  }
  return `${before}${start}\n${content}\n${end}${after}`;
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell(text = '') {
  return oneLine(text).replaceAll('|', '\\|');
}

function code(value) {
  const text = String(value ?? '');
  return text === '' ? '' : `\`${cell(text)}\``;
}

/** A default as YAML that reads back as the same string. */
function scalar(value) {
  const text = String(value ?? '');
  const plain = /^[\w./${}][\w./${} -]*$/.test(text) && parse(text) === text;
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}

function firstSentence(text = '') {
  return /^.*?[.!?](?=\s|$)/.exec(oneLine(text))?.[0] ?? oneLine(text);
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function wrapped(text) {
  const lines = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** `owner/name@v1`, by package.json. Before the first release it is that one which is documented. */
export function usesOf({ repository, version }) {
  const [, slug] = /github\.com\/([^/]+\/[^/]+?)(?:\.git)?$/.exec(repository.url);
  return `${slug}@v${Math.max(1, Number.parseInt(version, 10))}`;
}

function main() {
  const root = resolve(import.meta.dirname, '..');
  const read = (name) => readFileSync(resolve(root, name), 'utf8');
  const readme = read('README.md');
  const fresh = render(readme, read('action.yml'), { uses: usesOf(JSON.parse(read('package.json'))) });
  if (fresh === readme) return console.log('README.md says what action.yml says.');
  if (process.argv.includes('--check')) {
    console.error('README.md does not say what action.yml says. Run `npm run docs` and commit README.md.');
    process.exitCode = 1;
    return;
  }
  writeFileSync(resolve(root, 'README.md'), fresh);
  console.log('README.md is made anew from action.yml.');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
