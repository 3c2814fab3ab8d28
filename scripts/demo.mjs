// `npm run demo [-- --store s3]`: three workflow runs want one lock, and the first is killed while it holds it. Each runs
// the built action as GitHub's runner does: pre, main and post as processes of their own. What is shown comes from a file
// that the jobs append to, not from Leasehold, and is checked: no overlap, rising tokens, everybody got in.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rawLog, startJob } from '../__tests__/support/runner/runner.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const TTL_S = 15;
const HOLD_S = 3;
const COLUMN_MS = 500;

const { values: options } = parseArgs({ options: { store: { type: 'string', default: 'local' } } });
if (!['local', 's3'].includes(options.store)) {
  console.error(`--store: "${options.store}" is not known. Allowed: local, s3.`);
  process.exit(64);
}
if (!existsSync(join(ROOT, 'dist', 'pre', 'index.js'))) {
  console.error('dist/ is missing: npm run build');
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'leasehold-demo-'));
const witness = join(folder, 'witness.log');
const store = await openDemoStore(options.store);
const startedMs = Date.now();
let killedMs = Number.POSITIVE_INFINITY;
try {
  console.log(
    `Three workflow runs, one lock "deploy", store ${store.url.replace(/\?.*/, '')}, ttl ${TTL_S}s.`,
  );
  console.log('Run 1 is killed with SIGKILL, its keeper too, while it deploys. Nobody is told.\n');
  const runs = await play();
  const holds = readHolds();
  draw(runs, holds);
  check(runs, holds);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

async function openDemoStore(kind) {
  if (kind === 'local') return { url: join(folder, 'locks'), env: {}, close: async () => {} };
  const { startMiniflareS3 } = await import('../__tests__/support/s3-server.mjs');
  const server = await startMiniflareS3({ bucket: 'locks' });
  const env = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
  return { url: server.url, env, close: () => server.close() };
}

async function play() {
  const first = start(1, 30);
  await first.entered;
  const [second, third] = [start(2, HOLD_S), start(3, HOLD_S)];
  await Promise.all([second.waiting, third.waiting]);
  await pause(1_000);
  killedMs = Date.now() - startedMs;
  await first.job.kill();
  tell(1, 'is killed with SIGKILL, in the middle of its deploy');
  const results = await Promise.all([second.job.done, third.job.done]);
  return [{ number: 1, killed: true }, ...results.map((result, index) => ({ number: index + 2, result }))];
}

function start(number, holdSeconds) {
  const job = startJob({
    github: { repository: `octo-org/service-${number}`, run_id: String(100 + number), workflow: 'Deploy' },
    env: store.env,
    runner: { environment: 'self-hosted', name: `runner-${number}` },
    steps: [
      {
        id: 'lock',
        uses: ROOT,
        with: { name: 'deploy', store: store.url, ttl: `${TTL_S}s`, reason: `release of service ${number}` },
      },
      {
        run: [
          `echo "enter ${number} $LEASEHOLD_TOKEN $(date +%s%3N)" >> '${witness}'`,
          'echo deploying',
          `sleep ${holdSeconds}`,
          `echo "leave ${number} $LEASEHOLD_TOKEN $(date +%s%3N)" >> '${witness}'`,
        ].join('\n'),
      },
    ],
  });
  tell(number, 'starts');
  job.on('line', ({ raw, phase }) => {
    if (phase === 'pre' && raw.startsWith('Lock "deploy" is held by')) tell(number, `waits: ${raw}`);
    if (phase === 'pre' && raw.startsWith('::warning::')) tell(number, raw.replace(/^::warning::/, ''));
    if (phase === 'pre' && raw.startsWith('Lock "deploy" acquired')) tell(number, raw);
    if (phase === 'post' && raw.includes('is released')) tell(number, raw);
  });
  const seen = (wanted) => job.until('line', ({ raw }) => raw.includes(wanted)).catch(() => undefined);
  return { job, entered: seen('deploying'), waiting: seen('is held by') };
}

function tell(number, what) {
  console.log(`${((Date.now() - startedMs) / 1_000).toFixed(1).padStart(5)}s  run ${number}  ${what}`);
}

/** @returns {{ number: number, token: number, enterMs: number, leaveMs?: number }[]} in the order they entered */
function readHolds() {
  const lines = readFileSync(witness, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const at = (word, number) =>
    Number(lines.find(([what, who]) => what === word && Number(who) === number)?.[3]);
  return lines
    .filter(([what]) => what === 'enter')
    .map(([, number, token]) => ({
      number: Number(number),
      token: Number(token),
      enterMs: at('enter', Number(number)) - startedMs,
      leaveMs: at('leave', Number(number)) - startedMs || undefined,
    }));
}

function draw(runs, holds) {
  const endMs = Math.max(...holds.map(({ leaveMs }) => leaveMs ?? 0)) + COLUMN_MS;
  const columns = Math.ceil(endMs / COLUMN_MS);
  console.log(
    `\n        one column is ${COLUMN_MS / 1_000}s   █ deploys   ░ dead, its lease runs out   · waits`,
  );
  for (const { number, killed } of runs) {
    const hold = holds.find((one) => one.number === number);
    const next = holds.find(({ enterMs }) => hold && enterMs > hold.enterMs);
    const cell = (column) => {
      const ms = column * COLUMN_MS;
      if (!hold || ms < hold.enterMs) return number === 1 || ms < 1_000 ? ' ' : '·';
      if (killed) return ms < killedMs ? '█' : ms < (next?.enterMs ?? 0) ? '░' : ' ';
      return ms < (hold.leaveMs ?? 0) ? '█' : ' ';
    };
    const bar = Array.from({ length: columns }, (_, column) => cell(column)).join('');
    console.log(`run ${number}  |${bar}|  token ${hold?.token ?? 'none'}`);
  }
}

function check(runs, holds) {
  const failures = [];
  const [first, ...rest] = holds;
  if (holds.length !== 3) failures.push(`${holds.length} of 3 runs got the lock`);
  rest.forEach((hold, index) => {
    const before = holds[index];
    if (hold.token <= before.token) failures.push(`token ${hold.token} does not rise above ${before.token}`);
    if (before.leaveMs !== undefined && hold.enterMs < before.leaveMs)
      failures.push(`run ${hold.number} overlaps run ${before.number}`);
  });
  if (first && rest[0] && rest[0].enterMs < killedMs)
    failures.push('the lock was stolen from a run that was alive');
  for (const { number, result } of runs) {
    if (result && result.conclusion !== 'success')
      failures.push(`run ${number} ended as ${result.conclusion}:\n${rawLog(result)}`);
  }
  if (failures.length > 0) {
    console.error(`\nFAILED: ${failures.join('\n')}`);
    process.exitCode = 1;
    return;
  }
  const stolenMs = rest[0].enterMs - killedMs;
  console.log(
    `\nNo overlap. Tokens rise: ${holds.map(({ token }) => token).join(' < ')}. The dead run's lock was free again ${(stolenMs / 1_000).toFixed(1)}s after it was killed, without anybody's help.`,
  );
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
