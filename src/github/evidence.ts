import type { Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { jitter, type Random } from '../base/random.ts';
import { sanitise } from '../base/sanitise.ts';
import type { Evidence, Verdict } from '../lease/evidence.ts';
import { type Holder, isBetweenJobs, type LeaseRecord } from '../lease/record.ts';
import type { Answer } from './api.ts';
import { type Source, sourcesFor } from './run.ts';
import type { GitHubServer } from './server.ts';

export interface RunEvidenceOptions {
  /** Absent: nobody knows which to ask. */
  readonly server: GitHubServer | undefined;
  /** Empty: there is none. */
  readonly token: string;
  /** Where the user gives the token, for messages. */
  readonly tokenFrom: string;
  /** The repository that asks, `owner/name`, for advice on permissions. */
  readonly repository?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Proof of death by GitHub's API: the run attempt of the holder, or its job, is completed. Nothing else is proof: a run that
 * waits, one that is not shown, no answer, no permission. It asks at once at first, and when a renewal is overdue; else with
 * backoff, and never more than 60 times in any hour.
 *
 * GitHub calls a job completed, too, whose runner it has not heard of for some minutes, and which may still be working.
 */
export function runEvidence(options: RunEvidenceOptions): Evidence {
  const inquiry = new Inquiry(options);
  return { name: 'github-run', check: (record, signal) => inquiry.check(record, signal) };
}

const FIRST_INTERVAL_MS = 15_000;
const LONGEST_INTERVAL_MS = 120_000;
/** A job that is not to be had, its run, and one of them elsewhere. */
const MOST_AT_A_TIME = 3;

/** What is known of one lease's run so far. */
interface Subject {
  readonly leaseId: string;
  /** Its job, where that is known, then its run attempt: the next is asked where one is not to be had. */
  sources: readonly Source[];
  verdict: Verdict;
  /** The last usable answer, to be asked for again only if it has changed. */
  known?: { readonly etag: string; readonly verdict: Verdict };
  askAtMs: number;
  intervalMs: number;
  /** The newest renewal, and when it was first seen. */
  nonce: string;
  renewedMs: number;
  overdue: boolean;
}

class Inquiry {
  readonly #options: RunEvidenceOptions;
  readonly #budget: Budget;
  #subject: Subject | undefined;
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: RunEvidenceOptions) {
    this.#options = options;
    this.#budget = new Budget(options.clock);
  }

  async check(record: LeaseRecord, signal?: AbortSignal): Promise<Verdict> {
    const { server, token, tokenFrom } = this.#options;
    const { holder } = record;
    const sources = sourcesFor(holder, server);
    if (typeof sources === 'string') return { kind: 'unknown', detail: sources };
    if (!/^[\x21-\x7e]+$/.test(token)) {
      const wrong = token === '' ? 'there is no token' : 'the token has characters that no token has';
      return { kind: 'unknown', detail: `GitHub was not asked: ${wrong} (${tokenFrom})` };
    }
    const subject = this.#follow(record, sources);
    if (this.#isDue(subject, record)) await this.#ask(subject, holder, signal);
    return subject.verdict;
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  #follow(record: LeaseRecord, sources: readonly Source[]): Subject {
    const { holder, nonce } = record;
    const nowMs = this.#nowMs;
    if (this.#subject?.leaseId !== holder.leaseId) {
      this.#subject = {
        leaseId: holder.leaseId,
        sources,
        verdict: { kind: 'unknown', detail: 'GitHub was not asked yet' },
        // Whoever took the lock under our eyes was alive a moment ago.
        askAtMs: this.#subject ? nowMs + FIRST_INTERVAL_MS : nowMs,
        intervalMs: FIRST_INTERVAL_MS,
        nonce,
        renewedMs: nowMs,
        overdue: false,
      };
    } else if (this.#subject.nonce !== nonce) {
      // A run between two jobs may be over, and nobody renews in its name any more.
      const ask = isBetweenJobs(record) ? { askAtMs: nowMs, intervalMs: FIRST_INTERVAL_MS } : {};
      Object.assign(this.#subject, { nonce, renewedMs: nowMs, overdue: false, ...ask });
    }
    return this.#subject;
  }

  #isDue(subject: Subject, { ttlMs }: LeaseRecord): boolean {
    const nowMs = this.#nowMs;
    // Every living keeper renews more often than that.
    if (!subject.overdue && nowMs - subject.renewedMs >= ttlMs / 2) {
      Object.assign(subject, { overdue: true, askAtMs: nowMs, intervalMs: FIRST_INTERVAL_MS });
    }
    const open = nowMs >= subject.askAtMs && nowMs >= this.#restUntilMs;
    return subject.verdict.kind !== 'finished' && open && this.#budget.spend();
  }

  async #ask(subject: Subject, holder: Holder, signal: AbortSignal | undefined): Promise<void> {
    const { token, clock, random } = this.#options;
    // Only who waits for a lock that is held has a use for an HTTP client.
    const { ask } = await import('./api.ts');
    let source = subject.sources[0];
    for (let asked = 0; source && asked < MOST_AT_A_TIME; asked += 1) {
      const answer = await ask({ url: source.url, token, etag: subject.known?.etag }, clock, signal);
      if (answer.restMs > 0) this.#restUntilMs = this.#nowMs + answer.restMs;
      const next = this.#learn(subject, { source, answer, holder });
      source = next && answer.restMs === 0 && this.#budget.spend() ? next : undefined;
    }
    subject.askAtMs = this.#nowMs + jitter(random, subject.intervalMs, 0.1);
    subject.intervalMs = Math.min(2 * subject.intervalMs, LONGEST_INTERVAL_MS);
  }

  /** Takes in an answer; returns where to ask at once instead. */
  #learn(
    subject: Subject,
    { source, answer, holder }: { source: Source; answer: Answer; holder: Holder },
  ): Source | undefined {
    const { sources } = subject;
    switch (answer.kind) {
      case 'found': {
        const verdict = source.read(answer.body);
        subject.verdict = verdict;
        if (verdict.kind === 'unknown') return this.#discard(subject);
        if (answer.etag !== undefined) subject.known = { etag: answer.etag, verdict };
        return undefined;
      }
      case 'unchanged':
        if (subject.known) subject.verdict = subject.known.verdict;
        return undefined;
      case 'moved': {
        subject.verdict = unknown('GitHub has moved that repository');
        return this.#turnTo(subject, [{ ...source, url: answer.url }, ...sources.slice(1)]);
      }
      case 'limited':
        subject.verdict = unknown(limitDetail(answer.limit, answer.restMs));
        return undefined;
      case 'refused':
        subject.verdict = unknown(this.#refusal(answer, holder));
        return answer.status === 404 ? this.#discard(subject) : undefined;
      case 'failed':
        subject.verdict = unknown(`GitHub did not say: ${sanitise(answer.detail)}`);
        return undefined;
    }
  }

  /** There is nothing to be learnt from the first source: the next one is asked from now on, if there is one. */
  #discard(subject: Subject): Source | undefined {
    return subject.sources.length > 1 ? this.#turnTo(subject, subject.sources.slice(1)) : undefined;
  }

  #turnTo(subject: Subject, sources: readonly Source[]): Source | undefined {
    subject.sources = sources;
    delete subject.known;
    return sources[0];
  }

  #refusal({ status, message }: Extract<Answer, { kind: 'refused' }>, { repository = '' }: Holder): string {
    const { tokenFrom, repository: own } = this.#options;
    if (status === 401) return `GitHub does not accept the token (401): give a valid one (${tokenFrom})`;
    if (status !== 403 && status !== 404) {
      return `GitHub refuses with status ${status}: ${sanitise(message, 80)}`;
    }
    if (own?.toLowerCase() !== repository.toLowerCase()) {
      return `GitHub does not show runs of ${repository} to this token (${status}): give one with "actions: read" there (${tokenFrom})`;
    }
    if (status === 404) {
      return 'GitHub shows no such run (404): it was deleted, or the token lacks "permissions: actions: read"';
    }
    return `GitHub refuses (403, ${sanitise(message, 80)}): add "actions: read" to the permissions of this job`;
  }
}

function unknown(detail: string): Verdict {
  return { kind: 'unknown', detail };
}

function limitDetail(limit: 'primary' | 'secondary', restMs: number): string {
  const what =
    limit === 'primary' ? 'the hourly rate limit of this token is used up' : 'its secondary rate limit';
  return `GitHub answers no more for now (${what}): asked again in ${formatDuration(restMs)} at the earliest`;
}

const BURST = 10;
const ONE_IN_MS = 72_000;

/** A bucket of 10 requests into which one falls every 72 s: 10 + 50 = 60 in any hour at most. */
class Budget {
  readonly #clock: Clock;
  #left = BURST;
  #filledMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledMs = clock.monotonicMs();
  }

  /** Takes one, if there is one. */
  spend(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#left = Math.min(BURST, this.#left + (nowMs - this.#filledMs) / ONE_IN_MS);
    this.#filledMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
