import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { builtCli } from '../support/built.ts';
import type { ViolationKind } from './checker.ts';

/** A mistake put into the CLI on purpose, and what the checker must say of it. */
export interface Mutant {
  readonly name: string;
  /** Of the compiled sources. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly violation: ViolationKind;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the guard does not kill the command when leasehold is killed',
    file: 'cli/guard.js',
    from: '[ -n "$command" ] || exit 1\nsend KILL',
    to: '[ -n "$command" ] || exit 1',
    violation: 'overlap',
  },
  {
    name: 'the guard does not kill the command when the lease is not renewed in time',
    file: 'cli/guard.js',
    from: '  send KILL\n  echo "leasehold: The lease',
    to: '  echo "leasehold: The lease',
    violation: 'overlap',
  },
  {
    name: 'a waiter calls a lease expired after half of its ttl',
    file: 'lease/decide.js',
    from: 'return record.ttlMs + EXPIRY_GRACE_MS',
    to: 'return record.ttlMs / 2 + EXPIRY_GRACE_MS',
    violation: 'stolen-early',
  },
  {
    name: 'a steal does not raise the token',
    file: 'lease/decide.js',
    from: 'const token = record.token + 1;\n    const leftMs',
    to: 'const token = record.token;\n    const leftMs',
    violation: 'token-repeated',
  },
];

// Here the compiled sources find what they import.
const CACHE = resolve(import.meta.dirname, '../../node_modules/.cache');

/**
 * Hands `use` the entry of a CLI with the mistake in it.
 * @throws Error when the sources have changed so that the mistake does not fit in any more
 */
export async function withMutant<T>(mutant: Mutant, use: (cli: string) => Promise<T>): Promise<T> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'leasehold-mutant-'));
  try {
    cpSync(resolve(builtCli(), '../../..'), folder, { recursive: true });
    spoil(join(folder, 'lib', mutant.file), mutant);
    return await use(join(folder, 'dist', 'cli', 'index.js'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function spoil(path: string, { name, file, from, to }: Mutant): void {
  const code = readFileSync(path, 'utf8');
  if (!code.includes(from))
    throw new Error(`The mutant "${name}" does not fit: ${file} has no ${JSON.stringify(from)}.`);
  writeFileSync(
    path,
    code.replace(from, () => to),
  );
}
