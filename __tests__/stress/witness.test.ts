import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../support/cli-process.ts';
import { Resource, type Visit } from './resource.ts';
import { buildWitness, SCRIPT, type WitnessCommand } from './witness.ts';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux.each(['compiled', 'script'] as const)('the witness, %s', (kind) => {
  let folder: string;
  let resource: Resource;
  let witness: WitnessCommand;
  const visits: string[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'leasehold-witness-'));
    witness = kind === 'compiled' ? buildWitness(folder) : SCRIPT;
    visits.length = 0;
    const told = (what: string) => (visit: Visit) => visits.push(`${what} ${visit.client}`);
    resource = await Resource.start(
      { socket: join(folder, 'socket'), log: join(folder, 'resource') },
      { came: told('came'), went: told('went') },
    );
  });
  afterEach(() => {
    resource.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function work(token: number, client: number): Promise<number> {
    const [program, ...words] = [...witness, join(folder, 'log'), join(folder, 'socket'), '20'];
    const child = spawn(String(program), words, {
      env: {
        LEASEHOLD_NAME: 'x',
        LEASEHOLD_TOKEN: String(token),
        LEASEHOLD_LEASE: 'abc',
        STRESS_CLIENT: String(client),
      },
    });
    const [code] = await once(child, 'exit');
    return code;
  }

  function linesOf(name: string): string[][] {
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n');
    return lines.map((line) => line.split(' '));
  }

  test('logs that it works, in the time that all processes share, and shows its token to the resource', async () => {
    const beforeMs = Number(process.hrtime.bigint()) / 1e6;
    expect(await work(7, 1)).toBe(0);
    const afterMs = Number(process.hrtime.bigint()) / 1e6;
    const lines = linesOf('log');
    const words = lines.map(([, what]) => what);
    expect(words[0]).toBe('enter');
    expect(words.at(-1)).toBe('leave');
    expect(new Set(words.slice(1, -1))).toEqual(new Set(['beat']));
    const times = lines.map(([time]) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(beforeMs);
    expect(times.at(-1)).toBeLessThan(afterMs);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(20);
    expect(new Set(lines.map(([, , token, client]) => `${token} ${client}`))).toEqual(new Set(['7 1']));
    await until('its going is noticed', () => visits.length === 2);
    expect(visits).toEqual(['came 1', 'went 1']);
  });

  test('with a smaller token than the resource has seen it is refused, goes on, and says so', async () => {
    await work(8, 1);
    expect(await work(7, 2)).toBe(0);
    const refused = linesOf('resource').filter(([, what]) => what === 'refused');
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(([, , lock, token, client]) => `${lock} ${token} ${client}`))).toEqual(
      new Set(['x 7 2']),
    );
    const said = linesOf('log').filter(([, what]) => what === 'refused');
    expect(said).toHaveLength(refused.length);
  });
});
