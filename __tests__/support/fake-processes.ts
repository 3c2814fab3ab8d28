import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';

/** The first line that a process says. */
export async function readLine(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('\n')) break;
  }
  return said.split('\n')[0] ?? '';
}

/** A process under a parent that never waits for it: killed, it stays a zombie as long as the parent lives. */
export async function startUnderIdleParent(): Promise<{ parent: ChildProcess; pid: number }> {
  const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = Number(await readLine(parent));
  // Until it has become something that knows nothing of a child, the shell might still wait for it.
  await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
  return { parent, pid };
}

/** Waits for what another process brings about, which no fake clock can hasten. */
export async function until(holds: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while (!holds()) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`did not come true within ${limitMs} ms`);
    await systemClock.sleep(5);
  }
}
