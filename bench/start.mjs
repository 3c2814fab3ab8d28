// From the start of dist/pre to the lock held, and what its keeper needs, in real processes as the runner starts them.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startMiniflareS3 } from '../__tests__/support/s3-server.mjs';
import { median, ROOT, row } from './support.mjs';

export async function benchStart({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const server = await startMiniflareS3({ bucket: 'locks' });
  try {
    const stores = {
      local: { url: join(folder, 'locks'), env: {}, bound: 2.5 },
      s3: {
        url: server.url,
        env: { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey },
        bound: 5,
      },
    };
    const rounds = quick ? 3 : 15;
    const rows = [];
    for (const [name, store] of Object.entries(stores)) {
      const node = [];
      const held = [];
      await hold(folder, store);
      for (let round = 0; round < rounds; round += 1) {
        node.push(await bareNode());
        held.push((await hold(folder, store)).heldMs);
      }
      const [nodeMs, heldMs] = [median(node), median(held)];
      rows.push(
        row(`dist/pre from process start to lock held, ${name}, against node -e 0`, heldMs / nodeMs, {
          bound: store.bound,
          note: `${heldMs.toFixed(0)} ms : ${nodeMs.toFixed(0)} ms`,
        }),
      );
    }
    for (const [name, store] of Object.entries(stores))
      rows.push(...(await keeperCosts(folder, { name, store, quick })));
    return rows;
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function benchSize() {
  const dist = join(ROOT, 'dist');
  const sizes = Object.fromEntries(
    readdirSync(dist, { recursive: true })
      .map((name) => [name, statSync(join(dist, name))])
      .filter(([, stat]) => stat.isFile())
      .map(([name, stat]) => [name, stat.size]),
  );
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const [bundle, keeper] = [sizes['bundle/index.js'], sizes['keeper/index.js']];
  const kB = (bytes) => `${Math.round(bytes / 1_000)} kB`;
  return [
    row('dist/', total / 1_000_000, {
      unit: ' MB',
      note: `every phase loads ${kB(bundle)}; the keeper is ${kB(keeper)}`,
    }),
  ];
}

function bareNode() {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    // With NODE_EXTRA_CA_CERTS some versions of Node take twice as long: the same environment as the phases.
    spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: { PATH: process.env.PATH } }).on(
      'exit',
      () => resolve(performance.now() - startedMs),
    );
  });
}

/** One hold by pre and post; `meanwhile` gets the keeper's pid. */
async function hold(folder, store, meanwhile = async () => {}) {
  const files = Object.fromEntries(
    ['STATE', 'OUTPUT', 'ENV', 'STEP_SUMMARY'].map((name) => [`GITHUB_${name}`, join(folder, name)]),
  );
  for (const file of Object.values(files)) writeFileSync(file, '');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    RUNNER_TEMP: join(folder, 'temp'),
    RUNNER_ENVIRONMENT: 'self-hosted',
    ...store.env,
    ...files,
    ...inputs({ name: 'bench', store: store.url }),
  };
  const startedMs = performance.now();
  const pre = run('pre', env);
  // Pre saves its result the moment it holds the lock, before it starts the keeper.
  while (!readFileSync(files.GITHUB_STATE, 'utf8').includes('"kind":"acquired"')) {
    if (performance.now() - startedMs > 30_000)
      throw new Error(`dist/pre does not get the lock in ${store.url}`);
    await new Promise((resolve) => setTimeout(resolve, 0.2));
  }
  const heldMs = performance.now() - startedMs;
  await pre;
  const state = stateOf(readFileSync(files.GITHUB_STATE, 'utf8'));
  const { folder: hold } = JSON.parse(state.STATE_config);
  await meanwhile(JSON.parse(readFileSync(join(hold, 'status.json'), 'utf8')).keeper.pid);
  await run('post', { ...env, ...state });
  return { heldMs };
}

/** `INPUT_*` as the runner sets them. There is no job here from which an expression could be filled in. */
function inputs(given) {
  const { inputs: known } = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));
  const defaults = Object.entries(known).map(([name, { default: text = '' }]) => [
    name,
    text.includes('${{') ? '' : text,
  ]);
  const all = { ...Object.fromEntries(defaults), ...given };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  );
}

function run(phase, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'dist', phase, 'index.js')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`dist/${phase} failed: ${said}`))));
  });
}

/** The file that `saveState` appends to: `name<<delimiter`, the value, the delimiter. */
function stateOf(text) {
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [
      `STATE_${name}`,
      value,
    ]),
  );
}

async function keeperCosts(folder, { name, store, quick }) {
  if (!existsSync('/proc/self/stat')) return [];
  const seconds = quick ? 3 : 35;
  let rssMiB = 0;
  let cpuSeconds = 0;
  await hold(folder, store, async (pid) => {
    const before = cpuOf(pid);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    rssMiB = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
    cpuSeconds = cpuOf(pid) - before;
  });
  return [
    row(`keeper, ${name}: resident memory`, rssMiB, { bound: 80, unit: ' MiB' }),
    row(`keeper, ${name}: CPU seconds an hour`, (cpuSeconds / seconds) * 3_600, {
      unit: ' s',
      note: `over ${seconds} s`,
    }),
  ];
}

/** CPU seconds of a process so far, by proc_pid_stat(5) in ticks of 10 ms. */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
