// Module hooks of Node that load a program with one mistake in it: `world.ts?mutant=3` is world.ts, and all that it imports,
// with the patch number 3 of those that were given to register().
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const options = { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };

let mutants = [];

export function initialize(data) {
  mutants = data.mutants;
}

/** What a module with a mistake imports is of the same program. */
export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  const { search } = new URL(context.parentURL ?? 'file:///');
  const own = found.url.startsWith('file:') && found.url.endsWith('.ts');
  return own && search.startsWith('?mutant=') ? { ...found, url: new URL(search, found.url).href } : found;
}

export async function load(url, context, nextLoad) {
  const number = new URL(url).searchParams.get('mutant');
  if (number === null) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const mutant = mutants[Number(number)];
  const source = readFileSync(filename, 'utf8');
  const patches = [mutant, ...(mutant.more ?? [])].filter(({ file }) => filename.endsWith(`/${file}`));
  const mistaken = patches.reduce((text, each) => patch(text, { ...each, mistake: mutant.mistake }), source);
  const { code } = transformSync(mistaken, { ...options, filename });
  return { format: 'module', source: code, shortCircuit: true };
}

function patch(source, { mistake, file, find, replace }) {
  const parts = source.split(find);
  if (parts.length !== 2) {
    throw new Error(
      `The mutant "${mistake}" does not fit ${file} any more: what it replaces is there ${parts.length - 1} times.`,
    );
  }
  return parts.join(replace);
}
