import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, ClientEntry, LockRules } from './journal.ts';
import type { Plan, PlannedAttack } from './plan.ts';
import { childrenOf, guardOf, send, stop } from './processes.ts';
import type { Visit } from './resource.ts';
import type { WitnessCommand } from './witness.ts';

/** Where a client lives. */
export interface Place {
  readonly cli: string;
  readonly witness: WitnessCommand;
  readonly witnessLog: string;
  readonly socket: string;
  /** Below it, `leasehold/keepers`. */
  readonly stateHome: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Resolves at the next release of the lock. */
  readonly nextRelease: () => Promise<unknown>;
}

/** A script as a user would write it: the lock is held over several commands, and a keeper renews it. */
const JOB = `
acquired=$("$STRESS_NODE" "$STRESS_CLI" acquire "$1" --pid $$ $STRESS_OPTIONS) || exit
LEASEHOLD_NAME=$1
LEASEHOLD_LEASE=\${acquired#*'"lease":"'} LEASEHOLD_LEASE=\${LEASEHOLD_LEASE%%'"'*}
LEASEHOLD_TOKEN=\${acquired#*'"token":'} LEASEHOLD_TOKEN=\${LEASEHOLD_TOKEN%%,*}
export LEASEHOLD_NAME LEASEHOLD_LEASE LEASEHOLD_TOKEN
shift
"$@"
exec "$STRESS_NODE" "$STRESS_CLI" release "$LEASEHOLD_NAME" --lease "$LEASEHOLD_LEASE" --json
`;

const LAST_WORDS = 1_500;

/** One process, with those it starts, that takes the lock once, works and releases it; and what is done to it. */
export class Client {
  readonly number: number;
  readonly plan: Plan;
  readonly ended: Promise<string>;
  readonly #rules: LockRules;
  readonly #place: Place;
  readonly #child: ChildProcess;
  readonly #waiting = new Moment<void>();
  readonly #entered = new Moment<Visit>();
  readonly #left = new Moment<void>();
  #waitingMs: number | undefined;
  #visit: Visit | undefined;
  #attack: Attack | undefined;
  #exit: string | undefined;
  #said = '';

  constructor(number: number, plan: Plan, { rules, place }: { rules: LockRules; place: Place }) {
    this.number = number;
    this.plan = plan;
    this.#rules = rules;
    this.#place = place;
    this.#child = this.#start();
    this.#child.stdout?.on('data', (chunk) => this.#hear(String(chunk)));
    this.#child.stderr?.on('data', (chunk) => this.#hear(String(chunk)));
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('exit', (code, signal) => {
        this.#exit = signal ?? String(code);
        resolve(this.#exit);
      });
    });
  }

  /** Lives until it ends, and suffers what is planned for it. */
  async play(): Promise<void> {
    await Promise.all([this.ended, this.plan.attack ? this.#suffer(this.plan.attack) : undefined]);
  }

  /** Its worker has come to the resource. */
  came(visit: Visit): void {
    this.#visit = visit;
    this.#entered.come(visit);
  }

  went(): void {
    this.#left.come();
  }

  get hasEntered(): boolean {
    return this.#visit !== undefined;
  }

  get entry(): ClientEntry {
    return {
      client: this.number,
      lock: this.#rules.lock,
      form: this.plan.form,
      ...(this.#waitingMs === undefined ? {} : { waitingMs: this.#waitingMs }),
      ...(this.#attack ? { attack: this.#attack } : {}),
      exit: this.#exit ?? 'running',
      said: this.#said.trim(),
    };
  }

  #start(): ChildProcess {
    const { cli, witness, witnessLog, socket, environment } = this.#place;
    const { lock, policy, ttlMs } = this.#rules;
    const work = [...witness, witnessLog, socket, String(this.plan.workMs)];
    // A lock that is stuck ends the wait, and so is seen.
    const options = `--ttl ${ttlMs}ms --stale-policy ${policy} --wait-timeout 5m --json`;
    const [program, ...words] =
      this.plan.form === 'job'
        ? ['/bin/sh', '-c', JOB, 'job', lock, ...work]
        : [process.execPath, cli, 'run', lock, ...options.split(' '), '--', ...work];
    return spawn(program, words, {
      // A group of its own, so that a job can be killed whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...environment,
        STRESS_CLIENT: String(this.number),
        STRESS_NODE: process.execPath,
        STRESS_CLI: cli,
        STRESS_OPTIONS: options,
      },
    });
  }

  #hear(text: string): void {
    this.#said = (this.#said + text).slice(-LAST_WORDS);
    if (this.#waitingMs !== undefined || !text.includes('"event":"waiting"')) return;
    this.#waitingMs = nowMs();
    this.#waiting.come();
  }

  async #suffer(planned: PlannedAttack): Promise<void> {
    const struck = await Promise.race([
      this.#untilMoment(planned).then(() => true),
      this.ended.then(() => false),
    ]);
    if (struck && this.#exit === undefined) await this.#strike(planned);
  }

  async #untilMoment({ moment, delayMs }: PlannedAttack): Promise<void> {
    switch (moment) {
      case 'waiting':
        break;
      case 'racing':
        await this.#waiting.passed;
        await this.#place.nextRelease();
        break;
      case 'working':
        await this.#entered.passed;
        break;
      case 'leaving':
        await this.#left.passed;
        break;
    }
    await sleep(delayMs);
  }

  async #strike(planned: PlannedAttack): Promise<void> {
    const { kind, pauseMs, leadMs } = planned;
    const atMs = nowMs();
    const { pid } = this.#child;
    if (pid === undefined) return;
    switch (kind) {
      case 'kill-leasehold':
        return this.#record(send(pid, 'SIGKILL'), { kind, atMs });
      case 'kill-job':
        return this.#record(send(-pid, 'SIGKILL'), { kind, atMs });
      case 'kill-command':
        return this.#record(sendAll(this.#workers(), 'SIGKILL'), { kind, atMs });
      case 'kill-guard':
        return this.#record(sendAll(definedOf(guardOf(pid)), 'SIGKILL'), { kind, atMs });
      case 'kill-keeper':
        return this.#record(sendAll(this.#keepers(), 'SIGKILL'), { kind, atMs });
      case 'kill-all':
        return this.#record(sendAll(await this.#stopped(pid), 'SIGKILL'), { kind, atMs });
      case 'stop-leasehold':
        if (!send(pid, 'SIGSTOP')) return;
        await sleep(pauseMs);
        this.#record(true, { kind, atMs, resumedMs: nowMs() });
        send(pid, 'SIGCONT');
        return;
      case 'stop-all': {
        const [worker = 0, ...others] = await this.#stopped(pid);
        await sleep(pauseMs);
        this.#record(true, { kind, atMs, resumedMs: nowMs() });
        send(worker, 'SIGCONT');
        await sleep(leadMs);
        sendAll(others, 'SIGCONT');
        return;
      }
    }
  }

  /** A client that had ended already suffered nothing. */
  #record(hit: boolean, attack: Attack): void {
    if (hit) this.#attack = attack;
  }

  /** Stops all of it, so that nothing new is started under our eyes. @returns the targets of a signal, the worker first */
  async #stopped(pid: number): Promise<number[]> {
    if (this.plan.form === 'job') {
      const targets = [-pid, ...this.#keepers()];
      sendAll(targets, 'SIGSTOP');
      return targets;
    }
    await stop(pid);
    const guard = guardOf(pid);
    const workers = childrenOf(pid).filter((child) => child !== guard);
    const groups = [...workers, ...definedOf(guard)].map((leader) => -leader);
    sendAll(groups, 'SIGSTOP');
    return [...groups, pid];
  }

  #workers(): number[] {
    return this.#visit ? [this.#visit.pid] : [];
  }

  #keepers(): number[] {
    if (!this.#visit) return [];
    const status = join(this.#place.stateHome, 'leasehold', 'keepers', this.#visit.lease, 'status.json');
    return [Number(JSON.parse(readFileSync(status, 'utf8')).keeper.pid)];
  }
}

/** Something that happens once, or never. */
class Moment<T> {
  readonly passed: Promise<T>;
  come: (value: T) => void = () => {};

  constructor() {
    this.passed = new Promise((resolve) => {
      this.come = resolve;
    });
  }
}

/** Milliseconds of CLOCK_MONOTONIC, as in the logs of the witnesses. */
export function nowMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

function sendAll(targets: readonly number[], signal: NodeJS.Signals): boolean {
  return targets.filter((target) => send(target, signal)).length > 0;
}

function definedOf<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}
