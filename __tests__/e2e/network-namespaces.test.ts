import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { type CliProcess, type Ended, Sandbox, until } from '../support/cli-process.ts';
import { Network, whyNoLoss, whyNoNetwork } from '../support/network.ts';
import { type Stay, Witness } from '../support/witness.ts';

/* The built program on hosts of their own, and the network between them and the store as it fails in earnest. */

const ENTRY = resolve(import.meta.dirname, '../../dist/cli/index.js');
if (!existsSync(ENTRY)) throw new Error('There is no dist/ to test. Run "npm run build" first.');
const NODE = process.env.LEASEHOLD_NODE24 ?? process.execPath;

const TTL_MS = 15_000;
const STOLEN_AFTER_MS = TTL_MS + 2_000;
const WITHIN_MS = 120_000;

const HOSTS = ['server', 'unplugged', 'deaf', 'kept', 'rival', 'shaky', 'lossy', 'lost'] as const;
type Host = (typeof HOSTS)[number];

let network: Network<Host>;
let s3: ChildProcess;
let environment: Record<string, string>;
/** Runs `ip netns exec …` in place of node: the words after it are those of `onHost`. */
const sandbox = new Sandbox('netns', 'ip');

const noNetwork = whyNoNetwork();
const noLoss = whyNoLoss();

function scenario(name: string, why: string | undefined, play: () => Promise<void>): void {
  if (why) test.skip(`${name} (skipped: ${why})`, play);
  else test.concurrent(name, play, WITHIN_MS);
}

beforeAll(async () => {
  if (noNetwork) return;
  network = Network.of(...HOSTS);
  const [ip, ...words] = network.on('server');
  const host = join(import.meta.dirname, '../support/s3-host.mjs');
  s3 = spawn(ip, [...words, process.execPath, host, network.address('server')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!s3.stdout) throw new Error('it was piped');
  const [line] = await once(createInterface(s3.stdout), 'line');
  const { port, path, bucket, accessKeyId, secretAccessKey } = JSON.parse(line);
  const endpoint = `http://${network.address('server')}:${port}${path}`;
  const query = new URLSearchParams({ endpoint, region: 'us-east-1', 'force-path-style': 'true' });
  environment = {
    LEASEHOLD_STORE: `s3://${bucket}?${query}`,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  // Probes the store.
  expectSuccess('the first', await start('server', 'run', 'first', '--', 'true').ended);
}, 60_000);

afterAll(async () => {
  await sandbox.close();
  if (noNetwork) return;
  const ended = once(s3, 'exit');
  s3.kill('SIGKILL');
  await ended;
  network.remove();
});

function start(host: Host, ...args: string[]): CliProcess {
  const [, , ...words] = network.on(host);
  return sandbox.start([...words, NODE, ENTRY, ...args], environment);
}

function run(host: Host, lock: string, command: readonly string[], ...options: string[]): CliProcess {
  return start(host, 'run', lock, '--ttl', '15s', ...options, '--', ...command);
}

async function untilEntered(witness: Witness, who: string): Promise<Stay> {
  await until(`${who} enters`, () => witness.stays().some((stay) => stay.who === who), 60_000);
  return stayOf(witness, who);
}

function stayOf(witness: Witness, who: string): Stay {
  const stay = witness.stays().find((one) => one.who === who);
  if (!stay) throw new Error(`${who} never entered: ${JSON.stringify(witness.stays())}`);
  return stay;
}

function expectSuccess(who: string, { code, stderr }: Ended): void {
  if (code !== 0) throw new Error(`${who} ended with ${code}: ${stderr}`);
}

/** A holder is cut off, another takes the lock, and the first comes back. */
async function cutOff(host: 'unplugged' | 'deaf', way: { cut: () => void; mend: () => void }) {
  const witness = new Witness(sandbox.file(host));
  const holder = run(host, host, witness.command('holder', 60));
  const { enteredMs } = await untilEntered(witness, 'holder');
  way.cut();
  const rival = run('rival', host, witness.command('rival', 8));
  const lost = await holder.ended;
  await untilEntered(witness, 'rival');
  way.mend();
  expectSuccess('the rival', await rival.ended);

  expect(lost.code).toBe(76);
  expect(lost.stderr).toMatch(
    /was lost: no renewal got through for 1[3-5](\.\d)?s: .*(no answer within \d+ ms|connect EHOSTUNREACH)/,
  );
  const [first, second] = [stayOf(witness, 'holder'), stayOf(witness, 'rival')];
  expect(first.left).toBe(false);
  expect(first.lastSeenMs - enteredMs).toBeLessThan(TTL_MS);
  witness.expectAlone();
  expect(witness.stays()).toEqual([first, { ...second, left: true }]);
  return { enteredMs, second };
}

scenario(
  'a holder whose cable is pulled stops its command; another enters after the ttl and is left alone',
  noNetwork,
  async () => {
    const { enteredMs, second } = await cutOff('unplugged', {
      cut: () => network.unplug('unplugged'),
      mend: () => network.plug('unplugged'),
    });
    // The write that acquired was sent within the second before, and S3's times are whole seconds.
    expect(second.enteredMs - enteredMs).toBeGreaterThan(STOLEN_AFTER_MS - 2_000);
    expect(second.enteredMs - enteredMs).toBeLessThan(STOLEN_AFTER_MS + 5_000);
  },
);

scenario(
  'a holder that no answer reaches, though its writes arrive, stops its command as well',
  noNetwork,
  async () => {
    await cutOff('deaf', { cut: () => network.deafen('deaf'), mend: () => network.undeafen('deaf') });
  },
);

scenario(
  'a keeper whose cable is pulled for longer than the ttl: release says that the lease was lost',
  noNetwork,
  async () => {
    const witness = new Witness(sandbox.file('kept'));
    const acquired = await start('kept', 'acquire', 'kept', '--ttl', '15s').ended;
    expectSuccess('acquire', acquired);
    const { lease } = JSON.parse(acquired.stdout);
    network.unplug('kept');
    const rival = run('rival', 'kept', witness.command('rival', 10));
    await untilEntered(witness, 'rival');
    network.plug('kept');
    const released = await start('kept', 'release', 'kept', '--lease', lease).ended;
    expect(released.code).toBe(76);
    expect(released.stderr).toContain('was lost before it was released: no renewal got through for ');
    expectSuccess('the rival', await rival.ended);
    expect(stayOf(witness, 'rival').left).toBe(true);
  },
);

scenario(
  'a host that is cut off from the beginning runs nothing, and says that nothing was sent',
  noNetwork,
  async () => {
    const witness = new Witness(sandbox.file('lost'));
    network.unplug('lost');
    const { code, stderr } = await run('lost', 'lost', witness.command('holder', 1), '--on-busy', 'fail')
      .ended;
    expect(code).toBe(69);
    expect(stderr).toMatch(
      /could not read .* at 198\.18\.0\.2:\d+: (no answer within 2500 ms|connect EHOSTUNREACH)/,
    );
    expect(witness.stays()).toEqual([]);
  },
);

const LOOSE_MS = 300;
const FIRM_MS = 700;

/** Takes the lock in turns with a host whose network is sound, and holds it for longer than a ttl. */
async function takeTurns(host: 'shaky' | 'lossy'): Promise<void> {
  const witness = new Witness(sandbox.file(host));
  for (const turn of [1, 2, 3]) {
    expectSuccess(host, await run(host, host, witness.command(`${host}-${turn}`, 0.4)).ended);
    expectSuccess('the rival', await run('rival', host, witness.command(`rival-${turn}`, 0.4)).ended);
  }
  expectSuccess(host, await run(host, host, witness.command(`${host}-long`, 18)).ended);
  witness.expectAlone();
  expect(witness.stays().filter(({ left }) => left)).toHaveLength(7);
}

scenario('a loose contact: 0.3 s of each second are lost, and nothing but time', noNetwork, async () => {
  let over = false;
  const shaking = (async () => {
    while (!over) {
      network.unplug('shaky');
      await systemClock.sleep(LOOSE_MS);
      network.plug('shaky');
      await systemClock.sleep(FIRM_MS);
    }
  })();
  try {
    await takeTurns('shaky');
  } finally {
    over = true;
    await shaking;
  }
});

scenario('every fifth packet is lost, by chance', noLoss, async () => {
  network.lose('lossy', 20);
  await takeTurns('lossy');
});
