import type { ChildProcess } from 'node:child_process';
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

/** Waits for what another process brings about, which no fake clock can hasten. */
export async function until(holds: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while (!holds()) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`did not come true within ${limitMs} ms`);
    await systemClock.sleep(5);
  }
}
