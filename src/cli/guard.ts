import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { identify, type ProcessId } from '../base/process.ts';
import { plainEnvironment } from '../keeper/handover.ts';

/**
 * How the processes of a command are found.
 * - `group` it leads a process group of its own
 * - `tree` it shares ours, and with it the terminal: what descends from it
 */
export type Reach = 'group' | 'tree';

/*
 * $1: reach, $2: the lock's name. Lines on file descriptor 3:
 *   command PID    what to kill; the launcher says it of itself, just before it becomes the command
 *   lease SECONDS  it may run that much longer, to the millisecond; replaces what was said before
 *   signal NAME    sent to the command now
 *   done           it is over
 * The end of file without "done" is the death of leasehold. All of it is POSIX sh, and lists processes by /proc where it is
 * there, since slim containers have no ps.
 */
const SCRIPT = `
reach=$1 name=$2 command= seconds= targets= found= asked= timer= fractions=
# POSIX knows whole seconds only; nearly every sleep knows more.
sleep 0.001 2>/dev/null && fractions=yes

processes() {
  if [ -r /proc/self/stat ]; then
    for stat in /proc/[0-9]*/stat; do
      read -r line <"$stat" || continue
      pid=\${stat#/proc/} rest=\${line##*) } rest=\${rest#* }
      echo "\${pid%/stat} \${rest%% *}"
    done
  else
    ps -A -o pid= -o ppid=
  fi
}

below() (
  echo "$1"
  while read -r pid parent; do
    if [ "$parent" = "$1" ]; then below "$pid"; fi
  done <<END
$table
END
)

send() {
  [ -n "$command" ] || return 0
  case $reach in
    group) targets=-$command ;;
    tree)
      table=$(processes)
      found=$(below "$command")
      # What TERM reached and has lost its parent since must be killed too; the pids of older signals may be others' by now.
      case $1 in
        TERM) targets=$found asked=$found ;;
        KILL) targets="$asked $found" ;;
        *) targets=$found ;;
      esac ;;
  esac
  kill -s "$1" -- $targets
  kill -s CONT -- $targets
} 2>/dev/null

watch() {
  # KILL, for a TERM that comes between the fork and the exec of sleep is lost to the shell's own handler.
  # It has no pid yet if TERM comes before the fork.
  trap 'kill -s KILL "$!" 2>/dev/null; exit' TERM
  [ -n "$fractions" ] || set -- "\${1%.*}"
  sleep "$1" 3<&- 2>/dev/null &
  wait "$!" || exit
  send KILL
  echo "leasehold: Lock \\"$name\\" was not renewed in time, so the command is killed." >&2
  kill -s ALRM $$
}

unwatch() {
  [ -z "$timer" ] || kill "$timer"
} 2>/dev/null

rewatch() {
  unwatch
  [ -n "$command" ] && [ -n "$seconds" ] || return 0
  watch "$seconds" &
  timer=$!
}

while read -r word value <&3; do
  case $word in
    command) command=$value; rewatch ;;
    lease) seconds=$value; rewatch ;;
    signal) send "$value" ;;
    done) unwatch; exit 0 ;;
  esac
done
unwatch
[ -n "$command" ] || exit 1
send KILL
echo "leasehold: leasehold itself was killed, so the command under lock \\"$name\\" is killed too." >&2
`;

/** Runs the command as a child whose pid the guard knows before the command begins: there is no moment in between. */
const LAUNCHER = 'echo "command $$" >&3 || exit; exec "$@" 3>&-';

/** The pipe to the guard, in the guard as in the launcher. */
const PIPE = 3;

/**
 * A small process of its own that makes sure that no command outlives its lock. It kills the command when we die without a
 * word (SIGKILL, out of memory), and when we do not say in time that the lease was renewed (we are stopped, or hang).
 */
export class Guard {
  readonly id: ProcessId;
  readonly #child: ChildProcess;
  readonly #pipe: Writable;
  readonly #ended: Promise<NodeJS.Signals | null>;
  #dismissed = false;

  private constructor(child: ChildProcess & { pid: number }, pipe: Writable) {
    this.#child = child;
    this.#pipe = pipe;
    this.id = identify(child.pid);
    // A guard that was killed closes the pipe under us. Then there is none any more; its end says so.
    pipe.on('error', () => {});
    this.#ended = once(child, 'exit').then(([, signal]) => signal);
  }

  /** `undefined` where there is no POSIX shell: Windows, and containers with nothing but Node. */
  static start(reach: Reach, name: string): Guard | undefined {
    if (process.platform === 'win32' || !existsSync('/bin/sh')) return undefined;
    // By a variable, so that a list of processes shows a name and no script.
    const child = spawn('/bin/sh', ['-c', 'eval "$LEASEHOLD_GUARD"', 'leasehold-guard', reach, name], {
      // Out of reach of what ends us and the command: Ctrl-C, a signal to our group.
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      cwd: '/',
      env: { ...plainEnvironment(process.env), LEASEHOLD_GUARD: SCRIPT },
    });
    const pipe = child.stdio[PIPE];
    if (child.pid === undefined || !pipe || !('write' in pipe))
      throw new Error('/bin/sh could not be started.');
    return new Guard(Object.assign(child, { pid: child.pid }), pipe);
  }

  /**
   * What to spawn instead of `command` so that the guard knows of it, with `pipe` as file descriptor 3.
   * @throws Error when there is no guard any more: a command without one could outlive its lock
   */
  launch(command: readonly string[]): { argv: [string, ...string[]]; pipe: Writable } {
    if (this.#isOver) {
      throw new Error(
        `the process that guards the command (leasehold-guard, pid ${this.id.pid}) was killed, so the command was not run. Run it again.`,
      );
    }
    return { argv: ['/bin/sh', '-c', LAUNCHER, 'leasehold', ...command], pipe: this.#pipe };
  }

  /**
   * The command may run this much longer; replaces what was said before. Where sleep(1) knows whole seconds only, they count.
   */
  extend(ms: number): void {
    this.#tell(`lease ${(Math.max(0, Math.floor(ms)) / 1_000).toFixed(3)}`);
  }

  /** Whether it is there to send the signal. */
  signal(signal: NodeJS.Signals): boolean {
    return this.#tell(`signal ${signal.slice('SIG'.length)}`);
  }

  /** Resolves when it is gone without having been dismissed and without having killed the command: somebody killed it. */
  get killed(): Promise<void> {
    return new Promise((resolve) => {
      void this.#ended.then((signal) => {
        if (this.#dismissed || signal === 'SIGALRM') return;
        this.#stopTimer();
        resolve();
      });
    });
  }

  /** The timer of a guard that was killed would still kill the command, however often the lease is renewed. */
  #stopTimer(): void {
    try {
      process.kill(-this.id.pid, 'SIGKILL');
    } catch {
      // It had none.
    }
  }

  /** @returns whether it killed the command because the lease was not renewed in time */
  async dismiss(): Promise<{ fired: boolean }> {
    this.#dismissed = true;
    this.#tell('done');
    return { fired: (await this.#ended) === 'SIGALRM' };
  }

  get #isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #tell(line: string): boolean {
    if (this.#isOver) return false;
    this.#pipe.write(`${line}\n`);
    return true;
  }
}
