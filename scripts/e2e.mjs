// `npm run e2e`: the end-to-end tests run dist/ as GitHub's runner does, on Node 24, whatever runs Jest.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { node24 } from './node24.mjs';

const args = [
  join(import.meta.dirname, 'jest.mjs'),
  ...['--selectProjects', 'e2e'],
  ...process.argv.slice(2),
];
const { status } = spawnSync(process.execPath, args, {
  stdio: 'inherit',
  env: { ...process.env, LEASEHOLD_NODE24: node24() },
});
process.exit(status ?? 1);
