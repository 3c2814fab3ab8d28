import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, type Findings, longestBlockMs } from './checker.ts';
import { Client, nowMs, type Place } from './client.ts';
import type { ClientEntry, LockRules } from './journal.ts';
import type { StoreKind, StressOptions } from './options.ts';
import { fewPlans, type Plan, plans } from './plan.ts';
import { type MarkedProcess, processesWith, send } from './processes.ts';
import { Resource } from './resource.ts';
import { openStressStore, type StressStore } from './store.ts';
import { buildWitness, type WitnessCommand } from './witness.ts';

/** The shortest there is: a dead holder blocks for 17 s. */
const TTL_MS = 15_000;
const GONE_WITHIN_MS = 10_000;
const TELL_EVERY_MS = 30_000;

/** What a storm left when it was over. */
export interface Aftermath {
  /** How long the last acquisition of each lock took. */
  readonly acquired: readonly { readonly lock: string; readonly tookMs: number; readonly exit: string }[];
  readonly processes: readonly MarkedProcess[];
  /** Files in the store that are no records. */
  readonly files: readonly string[];
  readonly keeperFolders: number;
}

export interface StormResult {
  readonly store: StoreKind;
  readonly tookMs: number;
  readonly clients: readonly ClientEntry[];
  readonly findings: readonly Findings[];
  readonly aftermath: Aftermath;
  /** What the aftermath should not have shown. */
  readonly remains: readonly string[];
  /** With the logs. Gone when there is nothing to look at in them, unless they are wanted. */
  readonly folder: string;
}

/** A lock with the clients that want it. */
interface Lane {
  readonly rules: LockRules;
  readonly seats: number;
  readonly plans: Iterator<Plan, void>;
  /** Its plans come to an end, and the storm waits for that. */
  readonly finite: boolean;
  readonly events: EventEmitter;
}

/** Lets clients loose on the locks of one store, with a killer among them, and judges what the witnesses saw. */
export async function storm(
  kind: StoreKind,
  options: StressOptions,
  tell: (line: string) => void,
): Promise<StormResult> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-stress-'));
  const witness = buildWitness(folder);
  for (const name of ['tmp', 'state', 'logs']) mkdirSync(join(folder, name));
  const store = await openStressStore(kind, folder);
  const weather = new Storm({ folder, witness, store, options, tell });
  // The clients have process groups of their own, which Ctrl-C does not reach.
  const interrupted = (): void => {
    weather.sweep();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    const result = await weather.run();
    const fine =
      result.findings.every(({ violations }) => violations.length === 0) && result.remains.length === 0;
    if (fine && !options.keepLogs) rmSync(folder, { recursive: true, force: true });
    return { store: kind, ...result };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    weather.sweep();
    await store.close();
  }
}

interface Scene {
  readonly folder: string;
  readonly witness: WitnessCommand;
  readonly store: StressStore;
  readonly options: StressOptions;
  readonly tell: (line: string) => void;
}

class Storm {
  readonly #scene: Scene;
  readonly #cli: string;
  readonly #clients = new Map<number, Client>();
  readonly #lanes: readonly Lane[];
  #started = 0;
  #entered = 0;
  #killed = 0;
  #finiteSeats = 0;
  #over = false;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#cli = scene.options.cli ?? committedCli();
    this.#lanes = lanesOf(scene.options);
  }

  async run(): Promise<Omit<StormResult, 'store'>> {
    const resource = await this.#openResource();
    try {
      const startedMs = nowMs();
      await this.#rage(startedMs);
      const tookMs = nowMs() - startedMs;
      const aftermath = await this.#aftermath();
      return { tookMs, aftermath, ...this.#judge(aftermath), folder: this.#scene.folder };
    } finally {
      this.#over = true;
      resource.close();
    }
  }

  #openResource(): Promise<Resource> {
    const paths = { socket: this.#path('resource.socket'), log: this.#path('logs', 'resource') };
    return Resource.start(paths, {
      came: (visit) => {
        this.#entered += 1;
        this.#clients.get(visit.client)?.came(visit);
      },
      went: (visit) => {
        this.#clients.get(visit.client)?.went();
        this.#lanes.find(({ rules }) => rules.lock === visit.lock)?.events.emit('release');
      },
    });
  }

  async #rage(startedMs: number): Promise<void> {
    const telling = setInterval(() => {
      const seconds = Math.round((nowMs() - startedMs) / 1_000);
      this.#scene.tell(
        `  ${seconds} s: ${this.#entered} acquisitions, ${this.#killed} of them ended by the killer`,
      );
    }, TELL_EVERY_MS);
    try {
      const seats = this.#lanes.flatMap((lane) => Array.from({ length: lane.seats }, () => this.#seat(lane)));
      await Promise.all(seats);
    } finally {
      clearInterval(telling);
    }
  }

  #judge(aftermath: Aftermath): Pick<StormResult, 'clients' | 'findings' | 'remains'> {
    const clients = [...this.#clients.values()].map(({ entry }) => entry);
    writeFileSync(this.#path('logs', 'journal.json'), JSON.stringify(clients, undefined, 1));
    const findings = this.#lanes.map(({ rules }) => check(this.#logsOf(rules, clients)));
    return { clients, findings, remains: remainsOf(aftermath, clients, this.#lanes) };
  }

  /** Ends whatever is left, stopped or not. */
  sweep(): void {
    for (const { pid } of processesWith(this.#mark)) send(pid, 'SIGKILL');
  }

  /** In the environment of all processes of the storm, also of guards and keepers, which inherit little else. */
  get #mark(): string {
    return `TMPDIR=${this.#path('tmp')}`;
  }

  #path(...names: string[]): string {
    return join(this.#scene.folder, ...names);
  }

  get #enough(): boolean {
    const { acquisitions, kills, processes } = this.#scene.options;
    // Those under way may enter unharmed, and the share must be reached all the same.
    const shareReached = this.#killed >= kills * (this.#entered + processes);
    const reached = this.#entered >= acquisitions && shareReached;
    return this.#finiteSeats === 0 && (reached || this.#entered >= 3 * acquisitions);
  }

  /** One client after the other. */
  async #seat(lane: Lane): Promise<void> {
    if (lane.finite) this.#finiteSeats += 1;
    while (!this.#over && (lane.finite || !this.#enough)) {
      const { value: plan } = lane.plans.next();
      if (!plan) break;
      this.#started += 1;
      const client = new Client(this.#started, plan, { rules: lane.rules, place: this.#placeOf(lane) });
      this.#clients.set(client.number, client);
      await client.play();
      if (client.hasEntered && endedByKill(client.entry)) this.#killed += 1;
    }
    if (lane.finite) this.#finiteSeats -= 1;
  }

  #placeOf({ rules, events }: Lane): Place {
    return {
      cli: this.#cli,
      witness: this.#scene.witness,
      witnessLog: this.#path('logs', `${rules.lock}.witness`),
      socket: this.#path('resource.socket'),
      stateHome: this.#path('state'),
      environment: this.#environment,
      nextRelease: () => once(events, 'release'),
    };
  }

  get #environment(): NodeJS.ProcessEnv {
    const { PATH, HOME } = process.env;
    return {
      PATH,
      HOME,
      TMPDIR: this.#path('tmp'),
      XDG_STATE_HOME: this.#path('state'),
      LEASEHOLD_STORE: this.#scene.store.url,
      ...this.#scene.store.credentials,
    };
  }

  #logsOf(rules: LockRules, clients: readonly ClientEntry[]) {
    const read = (name: string): string =>
      existsSync(this.#path('logs', name)) ? readFileSync(this.#path('logs', name), 'utf8') : '';
    return {
      rules,
      witnesses: read(`${rules.lock}.witness`),
      resource: read('resource'),
      clients: clients.filter(({ lock }) => lock === rules.lock),
    };
  }

  async #aftermath(): Promise<Aftermath> {
    const acquired = await Promise.all(this.#lanes.map(({ rules }) => this.#acquireOnce(rules)));
    const untilMs = nowMs() + GONE_WITHIN_MS;
    let processes = processesWith(this.#mark);
    while (processes.length > 0 && nowMs() < untilMs) {
      await sleep(100);
      processes = processesWith(this.#mark);
    }
    const keepers = this.#path('state', 'leasehold', 'keepers');
    return {
      acquired,
      processes,
      files: this.#scene.store.leftovers(),
      keeperFolders: existsSync(keepers) ? readdirSync(keepers).length : 0,
    };
  }

  async #acquireOnce({ lock, policy, ttlMs }: LockRules): Promise<Aftermath['acquired'][number]> {
    const words = ['run', lock, '--ttl', `${ttlMs}ms`, '--stale-policy', policy, '--wait-timeout', '1m'];
    const startedMs = nowMs();
    const child = spawn(process.execPath, [this.#cli, ...words, '--quiet', '--', 'true'], {
      stdio: 'ignore',
      env: this.#environment,
    });
    const [code, signal] = await once(child, 'exit');
    return { lock, tookMs: nowMs() - startedMs, exit: signal ?? String(code) };
  }
}

function committedCli(): string {
  const path = resolve(import.meta.dirname, '../../dist/cli/index.js');
  if (!existsSync(path))
    throw new Error('There is no dist/ to run. Run "npm run build" first, or say which CLI with --cli.');
  return path;
}

/**
 * Half of the clients want a lock whose dead holders are proven dead at once, the others share locks whose dead holders
 * block for a ttl: so there are many kills, and of every kind.
 */
function lanesOf({ processes, kills, seed, quick }: StressOptions): Lane[] {
  const pairs = Math.floor(processes / 4);
  const lane = (lock: string, policy: LockRules['policy'], rest: Omit<Lane, 'rules' | 'events'>): Lane => {
    const events = new EventEmitter();
    // All that race wait for the same release.
    events.setMaxListeners(0);
    return { rules: { lock, policy, ttlMs: TTL_MS }, events, ...rest };
  };
  const planned = (policy: LockRules['policy'], number: number) => ({
    seed: seed * 1_000 + number,
    policy,
    kills,
    ttlMs: TTL_MS,
    stops: !quick,
  });
  const expiring = Array.from({ length: pairs }, (_, index) => {
    const options = planned('expired', index + 1);
    const few = quick && kills > 0;
    return lane(`expired-${index + 1}`, 'expired', {
      seats: 2,
      finite: few,
      plans: few ? fewPlans(index % 2 === 0 ? 'stop-all' : 'stop-leasehold', options) : plans(options),
    });
  });
  const seats = processes - 2 * pairs;
  const proven = plans(planned('holder-finished', 0));
  return [lane('holder-finished', 'holder-finished', { seats, finite: false, plans: proven }), ...expiring];
}

/** For counting while it goes on; the report counts by the logs. */
function endedByKill({ attack, exit }: ClientEntry): boolean {
  return attack !== undefined && attack.kind !== 'kill-guard' && exit !== '0';
}

function remainsOf(aftermath: Aftermath, clients: readonly ClientEntry[], lanes: readonly Lane[]): string[] {
  const killed = clients.filter(({ attack }) => attack?.kind.startsWith('kill')).length;
  const jobsKilled = clients.filter(({ form, exit }) => form === 'job' && exit === 'SIGKILL').length;
  const strange = aftermath.files.filter((name) => !name.startsWith('tmp~'));
  const stuck = aftermath.acquired.filter(({ lock, tookMs, exit }) => {
    const rules = lanes.find((lane) => lane.rules.lock === lock)?.rules;
    return exit !== '0' || !rules || tookMs > longestBlockMs(rules) + 2_000;
  });
  return [
    ...stuck.map(
      ({ lock, tookMs, exit }) =>
        `Lock "${lock}" was not free at the end: leasehold run ended with ${exit} after ${(tookMs / 1_000).toFixed(1)} s.`,
    ),
    ...aftermath.processes.map(({ pid, command }) => `Process ${pid} is left: ${command}`),
    ...strange.map((name) => `The store has a file that is no record: ${name}`),
    ...(aftermath.files.length > killed
      ? [`The store has ${aftermath.files.length} temporary files, and only ${killed} clients were killed.`]
      : []),
    ...(aftermath.keeperFolders > jobsKilled
      ? [`${aftermath.keeperFolders} folders of keepers are left, and only ${jobsKilled} jobs were killed.`]
      : []),
  ];
}
