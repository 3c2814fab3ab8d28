/*
 * `npm run interop [-- --protocol NAME]`: each protocol against the original program, both ways. Exit status 1 when a scenario
 * fails; what can't be built here is skipped, said and counted.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { builtModule } from '../support/built.ts';
import { startDriver } from './driver.ts';
import { type Driver, NotToBeHad, type Original, type Scenario, type Suite } from './suite.ts';

const LIB = resolve(dirname(builtModule('protocols/open.js')), '..');

/** Each protocol's scenarios lie in a folder of their own. */
const SUITES: readonly (() => Promise<{ suite: Suite }>)[] = [
  () => import('./pid/suite.ts'),
  () => import('./pid/expiry.ts'),
  () => import('./levels/suite.ts'),
  () => import('./asterisk-lockfile/suite.ts'),
  () => import('./asterisk-flock/suite.ts'),
  () => import('./vfs/suite.ts'),
  () => import('./vfs/old.ts'),
  () => import('./vfs/restated.ts'),
];

interface Row {
  readonly protocol: string;
  readonly direction: string;
  readonly scenario: string;
  readonly checks: number;
  readonly outcome: 'passed' | 'FAILED' | 'skipped';
}

const rows: Row[] = [];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { protocol: { type: 'string' }, scenario: { type: 'string' } } });
  const suites = (await Promise.all(SUITES.map((load) => load()))).map(({ suite }) => suite);
  const chosen = suites.filter(({ protocol }) => (values.protocol ?? protocol) === protocol);
  if (chosen.length === 0) {
    const known = [...new Set(suites.map(({ protocol }) => protocol))].join(', ');
    process.stderr.write(`--protocol: ${values.protocol ?? ''} is not known. Known: ${known}.\n`);
    process.exitCode = 2;
    return;
  }
  for (const suite of chosen) await runSuite(suite, values.scenario);
  report();
}

async function runSuite(suite: Suite, only: string | undefined): Promise<void> {
  process.stdout.write(`\n${suite.protocol}, against ${suite.original}\n`);
  const missing = suite.needs.filter(
    (program) => spawnSync(program, [program === 'go' ? 'version' : '--version']).error,
  );
  const scenarios = suite.scenarios.filter(({ name }) => only === undefined || name.includes(only));
  if (missing.length > 0) {
    process.stdout.write(`  skipped: ${missing.join(' and ')} is not installed.\n`);
    for (const scenario of scenarios) add(suite, scenario, 0, 'skipped');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), `leasehold-interop-${suite.protocol}-`));
  try {
    const original = await suite.build(folder);
    for (const [at, scenario] of scenarios.entries()) {
      await runScenario(suite, scenario, { original, folder: join(folder, `trial-${at}`) });
    }
  } catch (error) {
    const isAbsent = error instanceof NotToBeHad;
    const why = error instanceof Error ? error.message : String(error);
    process.stdout.write(`  The original could not be ${isAbsent ? 'fetched' : 'built'}: ${why}\n`);
    for (const scenario of scenarios) add(suite, scenario, 0, isAbsent ? 'skipped' : 'FAILED');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runScenario(
  suite: Suite,
  scenario: Scenario,
  { original, folder }: { original: Original; folder: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const drivers: Driver[] = [];
  const started = (driver: Driver): Driver => {
    drivers.push(driver);
    return driver;
  };
  const script = [join(import.meta.dirname, 'ours.mjs'), LIB, suite.protocol];
  try {
    const checks = await scenario.run({
      folder,
      theirs: () => started(startDriver(original.program, original.args ?? [])),
      ours: (options = {}) => started(startDriver(process.execPath, [...script, JSON.stringify(options)])),
    });
    add(suite, scenario, checks, checks > 0 ? 'passed' : 'FAILED');
  } catch (error) {
    const isAbsent = error instanceof NotToBeHad;
    const why = isAbsent ? error.message : error instanceof Error ? error.stack : String(error);
    process.stdout.write(`  ${scenario.direction}, ${scenario.name}: ${why}\n`);
    add(suite, scenario, 0, isAbsent ? 'skipped' : 'FAILED');
  } finally {
    await Promise.all(drivers.map((driver) => driver.kill()));
  }
}

function add(suite: Suite, { direction, name }: Scenario, checks: number, outcome: Row['outcome']): void {
  rows.push({ protocol: suite.protocol, direction, scenario: name, checks, outcome });
  process.stdout.write(
    `  ${outcome.padEnd(8)} ${String(checks).padStart(6)}  ${direction.padEnd(14)}  ${name}\n`,
  );
}

function report(): void {
  const count = (outcome: Row['outcome']): number => rows.filter((row) => row.outcome === outcome).length;
  const checks = rows.reduce((sum, row) => sum + row.checks, 0);
  const [failed, skipped] = [count('FAILED'), count('skipped')];
  process.stdout.write(
    `\n${rows.length} scenarios, ${checks} checks: ${count('passed')} passed, ${failed} failed, ${skipped} skipped\n`,
  );
  if (failed > 0) process.exitCode = 1;
  else if (skipped === rows.length) process.exitCode = 77;
}

await main();
