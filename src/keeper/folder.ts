import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sanitise } from '../base/sanitise.ts';
import { type KeeperStatus, parseStatus } from './handover.ts';
import { type ProtocolStatus, parseProtocolStatus } from './protocol-handover.ts';

/**
 * The folder in which the processes of one hold find each other: one for each lease, readable by its user only.
 * - `closed` the hold is over: nothing may be acquired or renewed any more, and what is held is given back. It serves
 *   where a signal can't: Windows has none, and `docker exec` forwards none.
 * - `status.json` what the keeper says of itself; also its answer to `closed`
 * - `keeper.log`
 */
export class KeeperFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The folder of the lease `leaseId` below `parent`. */
  static of(parent: string, leaseId: string): KeeperFolder {
    return new KeeperFolder(join(parent, 'leasehold', leaseId));
  }

  /** The folders beside this one: of the other holds of the job. */
  siblings(): KeeperFolder[] {
    const parent = dirname(this.path);
    try {
      return readdirSync(parent)
        .map((name) => new KeeperFolder(join(parent, name)))
        .filter(({ path }) => path !== this.path);
    } catch {
      return [];
    }
  }

  get logPath(): string {
    return join(this.path, 'keeper.log');
  }

  create(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  get closed(): boolean {
    return existsSync(join(this.path, 'closed'));
  }

  /** @throws Error when the marker can't be written: the disk is full, for instance */
  close(): void {
    this.create();
    writeFileSync(join(this.path, 'closed'), '', { mode: 0o600 });
  }

  /** Whether it could be closed. Where not (the disk is full) the keeper learns of the end by its next renewal, which fails. */
  tryClose(): boolean {
    try {
      this.close();
      return true;
    } catch {
      return false;
    }
  }

  readStatus(): KeeperStatus | undefined {
    return parseStatus(this.#statusText());
  }

  /** What the keeper of another program's lock says. */
  readProtocolStatus(): ProtocolStatus | undefined {
    return parseProtocolStatus(this.#statusText());
  }

  #statusText(): string {
    try {
      return readFileSync(join(this.path, 'status.json'), 'utf8');
    } catch {
      return '';
    }
  }

  /** Whole or not at all, whoever reads it at the time. */
  writeStatus(status: KeeperStatus | ProtocolStatus): void {
    // A step of the job may have emptied RUNNER_TEMP.
    this.create();
    const temporary = join(this.path, `status.${process.pid}`);
    writeFileSync(temporary, JSON.stringify(status), { mode: 0o600 });
    renameSync(temporary, join(this.path, 'status.json'));
  }

  /** The last three lines of the keeper's log, sanitised; empty when there is none. */
  logEnd(): string {
    try {
      const lines = readFileSync(this.logPath, 'utf8').trim().split('\n').slice(-3);
      return lines.map((line) => sanitise(line)).join(' ');
    } catch {
      return '';
    }
  }

  /** Calls `wake` when something in the folder may have changed. An accelerator: it may stay silent. */
  watch(wake: () => void, signal: AbortSignal): void {
    try {
      const watcher = watch(this.path, { signal, persistent: false }, wake);
      watcher.on('error', () => {});
    } catch {
      // Polling does.
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
