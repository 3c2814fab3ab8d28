// @ts-check
/** One process of a step, started, read and stopped as the runner does (actions/runner, src/Runner.Sdk/ProcessInvoker.cs). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @import { ChildProcess } from 'node:child_process'
 * @import { Readable } from 'node:stream'
 * @import { Timings } from './types.ts'
 */

/**
 * @typedef {{ exitCode: number, signal: NodeJS.Signals | null, signalled: NodeJS.Signals[], durationMs: number,
 *   heldByStdoutMs: number }} Ended
 */

/**
 * Runs a process to its end. When `stop` aborts, the process alone (not its children) gets SIGINT, then SIGTERM, then
 * SIGKILL. The end waits for others to close the output they inherited; what they write later is read and dropped.
 * @param {{ file: string, args: string[], cwd: string, env: Record<string, string>, ownGroup: boolean }} command
 * @param {{ timings: Timings, stop: AbortSignal, onStart: (pid: number) => void,
 *   onLine: (stream: 'stdout' | 'stderr', line: string) => void }} control
 * @returns {Promise<Ended>}
 * @throws when the process can't be started
 */
export async function runProcess({ file, args, cwd, env, ownGroup }, { timings, stop, onStart, onLine }) {
  const startedMs = performance.now();
  const child = spawn(file, args, { cwd, env, detached: ownGroup, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw error;
  }
  onStart(child.pid);
  let listening = true;
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    forEachLine(child[stream], (line) => listening && onLine(stream, line));
  }
  const closed = once(child, 'close');
  const exited = once(child, 'exit').then(() => performance.now());
  const ended = exited.then(async (exitedMs) => {
    const waiting = new AbortController();
    await Promise.race([closed, sleep(timings.stdoutMs, undefined, waiting).catch(() => {})]);
    waiting.abort();
    listening = false;
    return performance.now() - exitedMs;
  });
  const signalled = interruptOn(stop, { child, ended, timings });
  const heldByStdoutMs = Math.round(await ended);
  const { signalCode: signal } = child;
  return {
    exitCode: child.exitCode ?? 128 + (signal ? constants.signals[signal] : 0),
    signal,
    signalled: await signalled,
    durationMs: Math.round(performance.now() - startedMs),
    heldByStdoutMs,
  };
}

/**
 * @param {AbortSignal} stop
 * @param {{ child: ChildProcess, ended: Promise<unknown>, timings: Timings }} target
 * @returns {Promise<NodeJS.Signals[]>} what was sent, once the process has ended
 */
async function interruptOn(stop, { child, ended, timings }) {
  /** @type {NodeJS.Signals[]} */
  const sent = [];
  const aborted = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  if ((await Promise.race([aborted.then(() => 'stop'), ended.then(() => 'end')])) === 'end') return sent;
  /** @type {[NodeJS.Signals, number][]} */
  const ladder = [
    ['SIGINT', timings.sigintMs],
    ['SIGTERM', timings.sigtermMs],
    ['SIGKILL', 0],
  ];
  for (const [signal, waitMs] of ladder) {
    if (!child.kill(signal)) break;
    sent.push(signal);
    const waiting = new AbortController();
    const over = sleep(waitMs, 'late', waiting).catch(() => 'late');
    const first = await Promise.race([ended.then(() => 'end'), over]);
    waiting.abort();
    if (first === 'end') break;
  }
  await ended;
  return sent;
}

/**
 * Lines as .NET reads them: a carriage return alone ends one too.
 * @param {Readable | null} stream
 * @param {(line: string) => void} onLine
 */
function forEachLine(stream, onLine) {
  const decoder = new TextDecoder();
  let rest = '';
  const take = (/** @type {string} */ text) => {
    // A carriage return at the very end may be half of CR LF.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  stream?.on('data', (/** @type {Buffer} */ chunk) => take(decoder.decode(chunk, { stream: true })));
  stream?.on('end', () => {
    take(decoder.decode());
    if (rest !== '') onLine(rest.replace(/\r$/, ''));
  });
}
