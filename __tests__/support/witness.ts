import { existsSync, readFileSync } from 'node:fs';

/** One command's time under a lock, as it wrote it down itself. Wall clock, milliseconds. */
export interface Stay {
  readonly who: string;
  readonly token: number;
  readonly enteredMs: number;
  /** When it was last seen at work: at its end, or at its last beat before it was killed. */
  readonly lastSeenMs: number;
  /** Whether it came to its own end. */
  readonly left: boolean;
}

const BEAT_S = 0.2;

/**
 * What the commands under a lock have to say about it: each appends to one file when it enters, five times a second while it
 * works, and when it leaves (O_APPEND: whole lines, in the order in which they happened). Nothing of it is Leasehold's, so
 * two commands at once are seen whatever Leasehold believes.
 */
export class Witness {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A command that works for `seconds`. It is deaf to SIGTERM, so that only SIGKILL ends it before that. */
  command(who: string, seconds: number): string[] {
    const say = `say() { echo "$1 ${who} $LEASEHOLD_TOKEN $(date +%s%N)" >>'${this.#path}'; }`;
    const beats = Math.round(seconds / BEAT_S);
    const work = `i=0; while [ $i -lt ${beats} ]; do sleep ${BEAT_S}; say beat; i=$((i+1)); done`;
    return ['sh', '-c', `trap '' TERM; ${say}; say in; ${work}; say out`];
  }

  /** In the order of their beginnings. */
  stays(): Stay[] {
    const stays: Stay[] = [];
    for (const line of existsSync(this.#path) ? readFileSync(this.#path, 'utf8').trim().split('\n') : []) {
      const [what, who = '', token, ns] = line.split(' ');
      const atMs = Number(ns) / 1_000_000;
      const seen = { who, token: Number(token), lastSeenMs: atMs, left: what === 'out' };
      const index = stays.findIndex((stay) => stay.who === who && stay.token === seen.token);
      const known = stays[index];
      if (known) stays[index] = { ...known, ...seen };
      else stays.push({ ...seen, enteredMs: atMs });
    }
    return stays;
  }

  /** @throws Error when two were under the lock at once, or a later one has no greater token */
  expectAlone(): void {
    let last: Stay | undefined;
    for (const stay of this.stays()) {
      if (last && stay.enteredMs < last.lastSeenMs)
        throw new Error(`Two at once: ${JSON.stringify([last, stay])}`);
      if (last && stay.token <= last.token)
        throw new Error(`The token did not rise: ${JSON.stringify([last, stay])}`);
      last = stay;
    }
  }
}
