import { fileURLToPath } from 'node:url';

const directory = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Directories of the fixture actions. */
export const SCRIPTED = directory('scripted');
export const GUARDED = directory('guarded');
export const PLAIN = directory('plain');
export const COMPOSITE = directory('composite');

/** The runner's own, shortened: a test that waits for them is still quick. */
export const QUICK = { sigintMs: 500, sigtermMs: 500, stdoutMs: 400 };
