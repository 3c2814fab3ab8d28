// `witness.c` where there is no C compiler: the same arguments, lines and times, but it starts more slowly.
import { once } from 'node:events';
import { openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const [path, socket, workMs] = process.argv.slice(2);
const { LEASEHOLD_NAME, LEASEHOLD_TOKEN, LEASEHOLD_LEASE, STRESS_CLIENT } = process.env;
const log = openSync(path, 'a', 0o600);
const nowMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const note = (what) =>
  writeSync(log, `${nowMs().toFixed(3)} ${what} ${LEASEHOLD_TOKEN} ${STRESS_CLIENT} ${process.pid}\n`);

note('enter');
const untilMs = nowMs() + Number(workMs);
const resource = connect(socket);
resource.on('close', () => process.exit(5));
const write = async () => {
  resource.write(
    `${[LEASEHOLD_NAME, LEASEHOLD_TOKEN, STRESS_CLIENT, process.pid, LEASEHOLD_LEASE].join(' ')}\n`,
  );
  const [answer] = await once(resource, 'data');
  if (String(answer) !== '+') note('refused');
};
await write();
do {
  await sleep(5);
  note('beat');
  await write();
} while (nowMs() < untilMs);
note('leave');
process.exit(0);
