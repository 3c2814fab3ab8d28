import { describe, expect, test } from '@jest/globals';
import { parseStressOptions, USAGE } from './options.ts';

describe('the command line of the stress', () => {
  test('without options it is the full run over both stores', () => {
    expect(parseStressOptions([])).toEqual({
      kind: 'run',
      options: {
        stores: ['local', 's3'],
        acquisitions: 2_000,
        kills: 0.2,
        processes: 8,
        seed: 1,
        quick: false,
        keepLogs: false,
      },
    });
  });

  test('takes each option', () => {
    const line = '--store s3 --acquisitions 500 --kills .3 --processes 4 --seed 99 --keep-logs --cli';
    expect(parseStressOptions([...line.split(' '), import.meta.filename])).toEqual({
      kind: 'run',
      options: {
        stores: ['s3'],
        acquisitions: 500,
        kills: 0.3,
        processes: 4,
        seed: 99,
        quick: false,
        cli: import.meta.filename,
        keepLogs: true,
      },
    });
  });

  test('--quick lowers the number of acquisitions, unless one is given', () => {
    expect(parseStressOptions(['--quick'])).toMatchObject({ options: { quick: true, acquisitions: 60 } });
    expect(parseStressOptions(['--quick', '--acquisitions', '9'])).toMatchObject({
      options: { acquisitions: 9 },
    });
  });

  test('--mutants makes short runs over one store', () => {
    expect(parseStressOptions(['--mutants'])).toMatchObject({
      kind: 'mutants',
      options: { stores: ['local'], quick: true, acquisitions: 60 },
    });
  });

  test.each([
    [['--store', 'nfs'], '--store: "nfs" is not known. Allowed: local, s3, all.'],
    [['--acquisitions', '0'], '--acquisitions: "0" is not a whole number from 1 to 1000000.'],
    [['--acquisitions', '1e3'], '--acquisitions: "1e3" is not a whole number from 1 to 1000000.'],
    [['--kills', '20%'], '--kills: "20%" is not a share from 0 to 0.5.'],
    [['--kills', ''], '--kills: "" is not a share from 0 to 0.5.'],
    [['--kills', '0.6'], '--kills: "0.6" is not a share from 0 to 0.5.'],
    [['--processes', '1'], '--processes: "1" is not a whole number from 2 to 64.'],
    [['--seed', '-1'], /--seed/],
    [['--cli', '/no/such/file'], '--cli: there is no file "/no/such/file".'],
    [['--fast'], /Unknown option '--fast'/],
    [['local'], /Unexpected argument 'local'/],
  ])('refuses %j', (argv, message) => {
    expect(parseStressOptions(argv)).toEqual({
      kind: 'wrong',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  test('its help names every option', () => {
    expect(parseStressOptions(['--help'])).toEqual({ kind: 'help' });
    const names = [
      'store',
      'acquisitions',
      'kills',
      'processes',
      'seed',
      'quick',
      'mutants',
      'cli',
      'keep-logs',
    ];
    for (const name of names) expect(USAGE).toContain(`--${name} `);
  });
});
