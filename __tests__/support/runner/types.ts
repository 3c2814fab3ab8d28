/**
 * The words of the runner harness. A *job* has *steps*; a step that uses an action has up to three *phases*, each a
 * process of its own; a `run` step has only `main`. Types only: the harness itself is JavaScript, so that scripts can use
 * it without a compiler.
 */

export type Phase = 'pre' | 'main' | 'post';

/** `lost`: the runner died while it ran, or before it could say how it ended. */
export type Status = 'success' | 'failure' | 'cancelled' | 'skipped' | 'lost';

/** What `success()`, `failure()` and `cancelled()` look at. */
export type JobStatus = 'success' | 'failure' | 'cancelled';

export type Variables = Record<string, string>;

export interface StepContext {
  outputs: Variables;
  outcome: Status;
  conclusion: Status;
}

/** What an expression of a workflow sees. `steps` is empty while the pres run. */
export interface Contexts {
  github: Variables;
  env: Variables;
  runner: Variables;
  secrets: Variables;
  job: { status: JobStatus; check_run_id?: number };
  steps: Record<string, StepContext>;
}

/** A text, in which `${{ github.token }}` and other plain paths are filled in, or a function in place of an expression. */
export type Value = string | ((contexts: Contexts) => string);

/** `success()`, `always()`, `failure()`, `cancelled()`, negated by `!`, joined by `||`; or a function in its place. */
export type Condition = string | ((contexts: Contexts) => boolean);

interface StepBase {
  /** The key under `steps`; by default `__run`, `__self` or `__<directory of the action>`, numbered from the second on. */
  id?: string;
  name?: string;
  /** Gates main only, never pre. Default `success()`. */
  if?: Condition;
  env?: Record<string, Value>;
  continueOnError?: boolean;
  /** Holds for each phase on its own. Fractions are fine. */
  timeoutMinutes?: number;
}

export interface ActionStep extends StepBase {
  /** The directory of an action: absolute, or beginning with `.` and then taken from the workspace, as a local action. */
  uses: string;
  /** Treated as `uses: ./…` although the path is absolute: pre never runs. */
  local?: boolean;
  with?: Record<string, Value>;
}

export interface RunStep extends StepBase {
  /** A script for `bash -e`. */
  run: Value;
}

export type Step = ActionStep | RunStep;

export interface Timings {
  /** From SIGINT to SIGTERM. */
  sigintMs: number;
  /** From SIGTERM to SIGKILL. */
  sigtermMs: number;
  /** How long a step whose process has ended waits for others to close the output they inherited. */
  stdoutMs: number;
}

export interface JobSpec {
  steps: Step[];
  /** The `github` context by its own names (`run_id`), over the defaults; becomes `GITHUB_*`. */
  github?: Variables;
  /** More of the `job` context, which GitHub sends with the job. */
  job?: { check_run_id?: number };
  /** The webhook payload, written to `GITHUB_EVENT_PATH`. */
  event?: unknown;
  /** The `env:` of workflow and job. */
  env?: Variables;
  /** The `secrets` context; the values are masked in what the log shows. */
  secrets?: Variables;
  /** What is in the environment of the runner itself, beside PATH and HOME: `AWS_*` of a machine, `ACTIONS_ID_TOKEN_REQUEST_*`. */
  processEnv?: Variables;
  runner?: {
    /** The machine's work folder. Jobs on one root run one after the other. Default: a new one that goes with the job. */
    root?: string;
    name?: string;
    environment?: 'github-hosted' | 'self-hosted';
    /** The node that runs the actions. Default: the one that runs this. */
    nodePath?: string;
    /** RUNNER_TEMP is emptied before a job and after it; this leaves it as the job left it, for a look. */
    keepTemp?: boolean;
  };
  /** Default: `<root>/<repository>/<repository>`, empty. */
  workspace?: string;
  timings?: Partial<Timings>;
}

export interface LogCommand {
  step: string;
  phase: Phase;
  /** Which of the two parsers found it. */
  syntax: '::' | '##[';
  command: string;
  properties: Variables;
  data: string;
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  /** `title`, `file`, `line`, … */
  properties: Variables;
  /** `null`: the runner's own, about the job. */
  step: string | null;
  phase: Phase | null;
}

export interface LogLine {
  step: string | null;
  phase: Phase | null;
  stream: 'stdout' | 'stderr' | 'runner';
  /** As the process wrote it: what is in here is on no screen. */
  raw: string;
  /** As the log shows it, masked; `null` when the line was a command and left nothing. */
  text: string | null;
  /** Wall clock, milliseconds since the epoch. */
  atMs: number;
}

export interface PhaseResult {
  step: string;
  phase: Phase;
  status: Status;
  /** `status` after continue-on-error: what the job goes by. */
  conclusion: Status;
  pid: number | null;
  /** 128 + the signal's number for a process that a signal ended; `null` when nothing ran or nobody knows. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** What the runner sent to the process, in order. */
  signalled: NodeJS.Signals[];
  durationMs: number;
  /** How long the end of the step was held up by others who had its output open. */
  heldByStdoutMs: number;
  /** What this process left in its files, whether or not the runner keeps it (outputs of pre and post are dropped). */
  outputs: Variables;
  state: Variables;
  env: Variables;
  path: string[];
  summary: string;
}

export interface StepResult {
  id: string;
  name: string;
  /** What `steps.<id>.outputs` holds at the end: what main set. */
  outputs: Variables;
  /** The state all three phases share. */
  state: Variables;
  /** The job summary's part of this step, all phases. */
  summary: string;
  pre?: PhaseResult;
  main?: PhaseResult;
  post?: PhaseResult;
}

export interface KilledProcess {
  pid: number;
  cmdline: string;
}

export interface JobResult {
  conclusion: JobStatus | 'lost';
  /** In the order of the job. */
  steps: Record<string, StepResult>;
  /** In the order they ended, the skipped ones too. */
  phases: PhaseResult[];
  log: LogLine[];
  commands: LogCommand[];
  annotations: Annotation[];
  /** What `::add-mask::` asked for. */
  masks: string[];
  /** The variables that GITHUB_ENV and the job's `env:` make at the end. */
  env: Variables;
  /** What GITHUB_PATH put before PATH, the latest last. */
  path: string[];
  /** What the orphan sweep at the end of the job killed. */
  swept: KilledProcess[];
  durationMs: number;
}

export interface RunningPhase {
  step: string;
  phase: Phase;
  pid: number;
}

/** What a job tells while it runs. */
export interface JobEvents {
  'phase-start': RunningPhase;
  line: LogLine;
  command: LogCommand;
  annotation: Annotation;
  'phase-end': PhaseResult;
  swept: KilledProcess;
  'job-end': { conclusion: JobStatus; env: Variables; path: string[] };
}

export type JobEvent = { [Name in keyof JobEvents]: { event: Name; data: JobEvents[Name] } }[keyof JobEvents];

export interface Directories {
  root: string;
  /** Made for this job, and to be removed with it. */
  ownRoot: boolean;
  temp: string;
  toolCache: string;
  workspace: string;
}

/** A function of the spec, which stays in the process of the test: the worker asks for its value. */
export interface Deferred {
  call: number;
}

export type Detached<T> = T extends (...args: never[]) => unknown ? Deferred : T;
export type WorkerValue = Detached<Value>;
export type WorkerCondition = Detached<Condition>;

export interface WorkerStep {
  id: string;
  name: string;
  if: WorkerCondition;
  env: Record<string, WorkerValue>;
  continueOnError: boolean;
  timeoutMinutes: number;
  what:
    | { kind: 'action'; directory: string; local: boolean; with: Record<string, WorkerValue> }
    | { kind: 'script'; run: WorkerValue };
}

/** The spec with every default filled in and every function taken out, as it goes to the worker. */
export interface WorkerSpec {
  steps: WorkerStep[];
  trackingId: string;
  github: Variables;
  runner: Variables;
  env: Variables;
  secrets: Variables;
  processEnv: Variables;
  event: unknown;
  job: { check_run_id?: number };
  nodePath: string;
  keepTemp: boolean;
  directories: Directories;
  timings: Timings;
}

export type ToWorker =
  | { kind: 'start'; spec: WorkerSpec }
  | { kind: 'cancel' }
  | { kind: 'answer'; id: number; value?: string | boolean; error?: string };

export type FromWorker =
  | ({ kind: 'event' } & JobEvent)
  | { kind: 'ask'; id: number; call: number; contexts: Contexts }
  /** The harness itself can't go on: a mistake in the spec, or a bug. */
  | { kind: 'fault'; message: string };
