import { COMMANDS, type CommandName, type OptionName, specOf, usagesOf } from './grammar.ts';

/** The help of one command, or the overview of all. Lines of `columns` characters at most, as far as words allow. */
export function help(command: CommandName | undefined, columns = 100): string {
  return command === undefined ? overview(columns) : helpOn(command, columns);
}

const ABOUT =
  'A lock for deploys and other things that must not run twice at a time. Its holder renews a lease, so that a dead one never blocks the others for long.';

function overview(columns: number): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary] as const);
  return [
    'Usage: leasehold COMMAND [options]',
    '',
    ...wrap(ABOUT, columns),
    '',
    'Commands:',
    ...table(rows, columns),
    '',
    '  leasehold COMMAND --help   all about one command',
    '  leasehold --version',
    '',
  ].join('\n');
}

function helpOn(command: CommandName, columns: number): string {
  const { summary, options } = COMMANDS[command];
  const rows = [...options, 'help' as const].map(
    (name: OptionName) => [label(name), specOf(name).help] as const,
  );
  return [
    ...usagesOf(command).flatMap((usage, index) => usageLines(usage, { first: index === 0, columns })),
    '',
    ...wrap(summary, columns),
    '',
    'Options:',
    ...table(rows, columns),
    '',
  ].join('\n');
}

function usageLines(usage: string, { first, columns }: { first: boolean; columns: number }): string[] {
  const [head = '', ...rest] = wrap(usage, columns - 'Usage: '.length);
  return [`${first ? 'Usage:' : '   or:'} ${head}`, ...rest.map((line) => `         ${line}`)];
}

function label(name: OptionName): string {
  const { value } = specOf(name);
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

function table(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  return rows.flatMap(([left, right]) =>
    wrap(right, columns - indent).map((line, index) =>
      index === 0 ? `  ${left.padEnd(indent - 2)}${line}` : `${' '.repeat(indent)}${line}`,
    ),
  );
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
