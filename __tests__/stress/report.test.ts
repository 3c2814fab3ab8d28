import { describe, expect, test } from '@jest/globals';
import type { Findings, Hold } from './checker.ts';
import type { AttackKind, ClientEntry } from './journal.ts';
import { parseStressOptions, type StressOptions } from './options.ts';
import { countsOf, describeStorm, failuresOf } from './report.ts';
import type { StormResult } from './storm.ts';

function optionsOf(...argv: string[]): StressOptions {
  const parsed = parseStressOptions(argv);
  if (parsed.kind !== 'run') throw new Error('not a run');
  return parsed.options;
}

/** Four holds in a row, the second of which was ended by an attack. */
function storm(kind: AttackKind = 'kill-leasehold'): StormResult {
  const clients = [1, 2, 3, 4].map(
    (client): ClientEntry => ({
      client,
      lock: 'x',
      form: 'run',
      waitingMs: client * 100 - 150,
      exit: '0',
      said: '',
      ...(client === 2 ? { attack: { kind, atMs: 210 } } : {}),
    }),
  );
  const holds = clients.map((entry): Hold => {
    const { client } = entry;
    const enterMs = client * 100;
    const leave = client === 2 ? {} : { leaveMs: enterMs + 50 };
    return { client, token: client, enterMs, lastMs: enterMs + 20, ...leave, entry };
  });
  const rules = { lock: 'x', policy: 'holder-finished', ttlMs: 15_000 } as const;
  const findings: Findings = { rules, violations: [], holds, lateWorkers: [], refusedWrites: 0 };
  return {
    store: 'local',
    tookMs: 2_000,
    clients,
    findings: [findings],
    aftermath: {
      acquired: [{ lock: 'x', tookMs: 300, exit: '0' }],
      processes: [],
      files: [],
      keeperFolders: 0,
    },
    remains: [],
    folder: '/nowhere',
  };
}

describe('the report of a storm', () => {
  test('counts what was ended by an attack; the kill of a guard ends nothing', () => {
    expect(countsOf(storm().findings)).toEqual({ acquisitions: 4, ended: 1 });
    expect(countsOf(storm('kill-guard').findings)).toEqual({ acquisitions: 4, ended: 0 });
  });

  test('tells throughput and hand-over times', () => {
    const text = describeStorm(storm());
    expect(text).toContain('4 acquisitions in 2.0 s: 2.0 a second, 1 (25.0 %) ended by a kill or a stop.');
    expect(text).toMatch(/the worker leaves +2 +50 ms +50 ms +50 ms/);
    expect(text).toMatch(/the holder is killed, holder-finished +1 +90 ms +90 ms +90 ms/);
  });

  test('with enough of both and nothing wrong nothing has failed', () => {
    expect(failuresOf(storm(), optionsOf('--acquisitions', '4', '--kills', '0.25'))).toEqual([]);
  });

  test('too few acquisitions, too few kills, a violation and what is left are failures', () => {
    const result = storm();
    const violation = { kind: 'overlap', lock: 'x', message: 'two at once' } as const;
    const findings = result.findings.map((each) => ({ ...each, violations: [violation] }));
    const options = optionsOf('--acquisitions', '5', '--kills', '0.3');
    expect(failuresOf({ ...result, findings, remains: ['Process 7 is left: sh'] }, options)).toEqual([
      'overlap: two at once',
      'Process 7 is left: sh',
      'Only 4 of 5 acquisitions were made.',
      'Only 25.0 % of the acquisitions were ended, not 30.0 %.',
    ]);
  });
});
