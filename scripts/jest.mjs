// Jest needs --experimental-vm-modules for ESM; set here so that the npm scripts work on every shell.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const flags = ['--experimental-vm-modules', '--no-warnings'];
const [option, project, ...rest] = process.argv.slice(2);
// Jest takes all that follows --selectProjects for names of projects, and so would run every test instead of a path's.
const args = option === '--selectProjects' ? [...rest, option, project] : process.argv.slice(2);
const { status } = spawnSync(process.execPath, [...flags, jest, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
