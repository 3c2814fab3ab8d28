import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FakeRandom } from '../support/fake-random.ts';
import { check } from './checker.ts';
import type { Operation } from './history.ts';
import { damaged, randomHistory } from './random-history.ts';

export const PORCUPINE = 'github.com/anishathalye/porcupine v1.3.1';
// What Go's checksum database says of this version, so that nothing has to be asked.
const SUMS = `${PORCUPINE} h1:fBZ4/NGNPnIDdd6xNtrNk9/GiEQ0L4FO5+scINN+t0E=
${PORCUPINE}/go.mod h1:WM0SsFjWNl2Y4BqHr/E/ll2yY1GY1jqn+W7Z/84Zoog=
`;

export type Answer<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'unable'; readonly reason: string };

export interface Comparison {
  readonly histories: number;
  readonly illegal: number;
  /** It took porcupine too long. */
  readonly undecided: number;
  /** The first history on which the two disagree. */
  readonly dispute?: { readonly history: readonly Operation[]; readonly verdict: PorcupineVerdict };
}

type PorcupineVerdict = 'Ok' | 'Illegal' | 'Unknown';

/** So many random histories, half of them damaged. */
export function randomHistories(count: number, random: FakeRandom): Operation[][] {
  return Array.from({ length: count }, (_, index) => {
    const sound = randomHistory(random, 2 + random.below(11));
    return index % 2 === 0 ? sound : damaged(random, sound);
  });
}

/** Asks both checkers about each history. */
export async function compareWithPorcupine(
  histories: readonly (readonly Operation[])[],
): Promise<Answer<Comparison>> {
  const answer = await askPorcupine(histories);
  if (answer.kind === 'unable') return answer;
  const count = (verdict: PorcupineVerdict): number => answer.value.filter((each) => each === verdict).length;
  const dispute = histories.flatMap((history, index) => {
    const verdict = answer.value[index] ?? 'Unknown';
    const isSame = verdict === (check(history).kind === 'linearizable' ? 'Ok' : 'Illegal');
    return isSame || verdict === 'Unknown' ? [] : [{ history, verdict }];
  })[0];
  const counts = { histories: histories.length, illegal: count('Illegal'), undecided: count('Unknown') };
  return { kind: 'answer', value: { ...counts, ...(dispute ? { dispute } : {}) } };
}

/** Porcupine's verdict on each history. Unable: no Go, or the module can't be had. */
async function askPorcupine(
  histories: readonly (readonly Operation[])[],
): Promise<Answer<PorcupineVerdict[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-porcupine-'));
  try {
    writeFileSync(join(folder, 'go.mod'), `module verdicts\n\ngo 1.21\n\nrequire ${PORCUPINE}\n`);
    writeFileSync(join(folder, 'go.sum'), SUMS);
    copyFileSync(join(import.meta.dirname, 'porcupine.go'), join(folder, 'main.go'));
    const missing = await whyNot(() => go(folder, ['mod', 'download']));
    if (missing !== undefined) return { kind: 'unable', reason: missing };
    const lines = await go(
      folder,
      ['run', '.'],
      histories.map((history) => `${JSON.stringify(history)}\n`).join(''),
    );
    const verdicts = lines.split('\n').slice(0, -1) as PorcupineVerdict[];
    if (verdicts.length !== histories.length)
      throw new Error(`${verdicts.length} verdicts on ${histories.length} histories`);
    return { kind: 'answer', value: verdicts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function whyNot(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'there is no Go on this machine' : message;
  }
}

async function go(folder: string, args: readonly string[], input = ''): Promise<string> {
  // A workspace or flags of the machine's owner are not for this module.
  const env = { ...process.env, GOWORK: 'off', GOFLAGS: '' };
  const child = spawn('go', args, { cwd: folder, env });
  const ended = once(child, 'close');
  // A program that ends early does not read on; its exit status says so.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [said, complaint, [status]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status === 0) return said;
  throw new Error(`go ${args.join(' ')} ended with exit status ${status}: ${complaint.trim().slice(-1_000)}`);
}
