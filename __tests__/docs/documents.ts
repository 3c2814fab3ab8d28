import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = resolve(import.meta.dirname, '../..');

/** A file of the documentation, its path from the root with `/`. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every Markdown document that users or contributors read. */
export function documents(): Document[] {
  const here = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  return [...here, ...filesBelow('docs', '.md')].map((path) => ({ path, text: read(path) }));
}

export function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** `text` without what is in code fences and in backticks. */
export function prose(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** The contents of the code fences of one language, without their indentation. */
export function fences(text: string, language: string): string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm');
  return [...text.matchAll(pattern)].map(([, indent = '', body = '']) =>
    body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** The part of action.yml that is documented. */
export const ACTION: {
  readonly inputs: Readonly<Record<string, { readonly required?: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, unknown>>;
} = parse(read('action.yml'));

export interface UsedStep {
  readonly id?: string;
  readonly uses: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** A piece of YAML that a document or an example shows. */
export interface Snippet {
  readonly from: string;
  readonly yaml: string;
}

export function snippets(): Snippet[] {
  const examples = filesBelow('examples', '.yml').map((from) => ({ from, yaml: read(from) }));
  const shown = documents().flatMap(({ path, text }) =>
    fences(text, 'yaml').map((yaml, index) => ({ from: `${path}, snippet ${index + 1}`, yaml })),
  );
  return [...examples, ...shown];
}

/** The steps of `yaml` that use this action. @throws Error when it is no YAML */
export function stepsOf({ yaml }: Snippet): UsedStep[] {
  const [document] = parseAllDocuments(yaml);
  if (!document || 'empty' in document) return [];
  const [error] = document.errors;
  if (error) throw error;
  return stepsIn(document.toJS());
}

function stepsIn(value: unknown): UsedStep[] {
  if (typeof value !== 'object' || value === null) return [];
  const { uses } = value as { uses?: unknown };
  const ours = typeof uses === 'string' && /^(leasehold\/leasehold@v1|\.\/\.leasehold)$/.test(uses);
  return [...(ours ? [value as UsedStep] : []), ...Object.values(value).flatMap(stepsIn)];
}
