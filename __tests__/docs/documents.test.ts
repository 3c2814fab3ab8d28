import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, test } from '@jest/globals';
import { ACTION, documents, filesBelow, prose, ROOT, read } from './documents.ts';

const all = documents();
const eachDocument = all.map((document) => [document.path, document] as const);

/** The anchors that GitHub makes of a document's headings. */
function anchors(text: string): string[] {
  const headings = [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)];
  return headings.map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function relativeLinks(text: string): string[] {
  const links = [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/i.test(target));
}

test.each(eachDocument)(
  '%s: every relative link leads to a file, and to a heading in it',
  (path, { text }) => {
    const broken = relativeLinks(text).filter((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : posix.normalize(posix.join(dirname(path), file));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  },
);

test('the links are seen: a broken file and a broken heading would be', () => {
  expect(relativeLinks('[a](b.md#c) `[no](code.md)` [d](https://e.f)\n```\n[no](fence.md)\n```\n')).toEqual([
    'b.md#c',
  ]);
  expect(anchors("# When you don't need it\n## `a`: b, [c](d)")).toEqual(['when-you-dont-need-it', 'a-b-c']);
});

test('every document of docs/ and every example is linked from somewhere', () => {
  const linked = all.flatMap(({ path, text }) =>
    relativeLinks(text).map((link) => posix.normalize(posix.join(dirname(path), link.split('#')[0] ?? ''))),
  );
  const files = [...filesBelow('docs', '.md'), ...filesBelow('examples', '')];
  expect(files.filter((file) => !linked.includes(file))).toEqual([]);
});

const KNOWN = [...Object.keys(ACTION.inputs), ...Object.keys(ACTION.outputs)];
/** Events, which begin as inputs do. */
const EVENTS = ['waited-too-long', 'notify-failed'];
/** `on` of `on-busy`: what begins like an input and stands in backticks is meant to be one. */
const beginnings = new Set(KNOWN.filter((name) => name.includes('-')).map((name) => name.split('-')[0]));

test.each(eachDocument)('%s: inputs and outputs that it names exist', (_path, { text }) => {
  const quoted = [...text.matchAll(/`([a-z]+)(-[a-z-]+)(?=[`:])/g)]
    .filter(([, beginning]) => beginnings.has(beginning))
    .map(([, beginning = '', rest = '']) => beginning + rest);
  const asked = [...text.matchAll(/steps\.lock\.outputs\.([\w-]+)/g)].map(([, name = '']) => name);
  expect([...quoted, ...asked].filter((name) => ![...KNOWN, ...EVENTS].includes(name))).toEqual([]);
});

test('the table of outputs in docs/action.md has every output', () => {
  const [, section = ''] = read('docs/action.md').split('## Outputs, with examples');
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(ACTION.outputs));
});

/** What is fixed in a message: the parts between `…`, without the punctuation around what differs. */
function fixedParts(message: string): string[] {
  return message
    .split('…')
    .map((part) => part.replace(/^[\s"'.,:;()]+|[\s"'.,:;()]+$/g, ''))
    .filter((part) => part !== '');
}

test('every message under troubleshooting is one that the code has', () => {
  const source = filesBelow('src', '.ts').map(read).join('\n').replaceAll("\\'", "'");
  const [, section = ''] = read('docs/action.md').split('## Troubleshooting, by message');
  const cells = [...section.matchAll(/^\| (.*?) \| /gm)].map(([, cell = '']) => cell).slice(1);
  const messages = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
  expect(messages.length).toBeGreaterThan(40);
  // The words around a policy's name come from two places.
  const parts = messages.flatMap(fixedParts).map((part) => part.replace(/^policy {2}/, ''));
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

const included = all.flatMap(({ path, text }) =>
  [...text.matchAll(/<!-- include (\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(
    ([, file = '', shown]) => [path, file, shown] as const,
  ),
);

test.each(included)('%s shows %s as it is', (path, file, shown) => {
  expect(shown).toBe(read(posix.join(dirname(path), file)));
});

test('nothing that is included is missed', () => {
  const marks = all.flatMap(({ text }) => text.match(/<!-- include /g) ?? []);
  expect(included.length).toBe(marks.length);
});
