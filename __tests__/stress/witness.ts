import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** What to run as the witness, before its arguments. */
export type WitnessCommand = readonly [string, ...string[]];

/** It runs without a compiler. */
export const SCRIPT: WitnessCommand = [process.execPath, join(import.meta.dirname, 'witness.mjs')];

/** Compiles the witness into `folder`. Without a C compiler it is a script, whose start costs what a start of Node costs. */
export function buildWitness(folder: string): WitnessCommand {
  const program = join(folder, 'witness');
  const source = join(import.meta.dirname, 'witness.c');
  const { status } = spawnSync('cc', ['-O1', '-o', program, source], { stdio: 'ignore' });
  return status === 0 ? [program] : SCRIPT;
}
