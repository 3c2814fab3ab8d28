// @ts-check
/** The processes of this machine by /proc (Linux): whose they are, and how to be rid of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @import { KilledProcess } from './types.ts'
 */

/**
 * @param {number} pid
 * @param {string} file
 */
function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return '';
  }
}

function allPids() {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** @param {number} pid */
function statOf(pid) {
  // The command in it may hold spaces and brackets (proc_pid_stat(5)).
  const stat = readProc(pid, 'stat');
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: state ?? '', parent: Number(parent) };
}

/**
 * Those whose environment, as it was when they started, has RUNNER_TRACKING_ID of the job.
 * @param {string} trackingId
 */
export function processesOfJob(trackingId) {
  return allPids().filter((pid) =>
    readProc(pid, 'environ').split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`),
  );
}

/**
 * Children, their children and so on; a child whose parent has died is none any more.
 * @param {number} pid
 * @returns {number[]}
 */
export function descendantsOf(pid) {
  const parents = allPids().map((child) => ({ child, parent: statOf(child).parent }));
  const found = [pid];
  // What is appended is visited too.
  for (const ancestor of found) {
    found.push(...parents.filter(({ parent }) => parent === ancestor).map(({ child }) => child));
  }
  return found.slice(1);
}

/**
 * A zombie is not alive: where nobody waits for orphans, it stays for ever.
 * @param {number} pid
 */
export function isAlive(pid) {
  return !['', 'Z', 'X'].includes(statOf(pid).state);
}

/**
 * Sends SIGKILL and waits until the processes are gone, for a second at most.
 * @param {number[]} pids
 * @returns {Promise<KilledProcess[]>}
 */
export async function killAll(pids) {
  const killed = pids.filter(isAlive).map((pid) => ({ pid, cmdline: cmdlineOf(pid) }));
  for (const { pid } of killed) sendSignal(pid, 'SIGKILL');
  for (let tries = 0; tries < 200 && killed.some(({ pid }) => isAlive(pid)); tries++) await sleep(5);
  return killed;
}

/** @param {number} pid */
function cmdlineOf(pid) {
  return readProc(pid, 'cmdline').split('\0').join(' ').trim();
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
