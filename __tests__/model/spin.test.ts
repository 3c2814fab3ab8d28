import { describe, expect, test } from '@jest/globals';
import { parseReport, parseTrail, withMarks } from './spin.ts';

// Recorded from Spin 6.5.2.
const HEAD = `
(Spin Version 6.5.2 -- 6 December 2019)
	+ Compression

Full statespace search for:
	never claim         	- (none specified)
	assertion violations	+
	cycle checks       	- (disabled by -DSAFETY)
	invalid end states	+
`;
const NUMBERS = `
State-vector 100 byte, depth reached 124, errors: 0
      803 states, stored
     2010 states, matched
     2813 transitions (= stored+matched)
       11 atomic steps
hash conflicts:         0 (resolved)

Stats on memory usage (in Megabytes):
    0.104	equivalent memory usage for states (stored*(State-vector + overhead))
  128.000	memory used for hash table (-w24)
  132.871	total actual memory usage


pan: elapsed time 0.01 seconds
`;
const HOLDS = HEAD + NUMBERS;
const LARGE = HOLDS.replace('803 states, stored', '5.6817e+06 states, stored');
const VIOLATED = `Depth=      10 States=       11 Transitions=       11 Memory=   128.195
pan:1: assertion violated 0 (at depth 18)
pan: wrote lease.pml.trail

(Spin Version 6.5.2 -- 6 December 2019)
Warning: Search not completed
	+ Breadth-First Search
${HEAD}${NUMBERS.replace('errors: 0', 'errors: 1')}`;

describe('what the verifier printed', () => {
  test('a search to the end has its numbers', () => {
    expect(parseReport(HOLDS)).toEqual({
      states: 803,
      transitions: 2813,
      depth: 124,
      memoryMb: 132.871,
      seconds: 0.01,
      end: { kind: 'holds' },
    });
  });

  test('numbers may be written with an exponent', () => {
    expect(parseReport(LARGE)).toMatchObject({ states: 5_681_700, end: { kind: 'holds' } });
  });

  test('a violation is one, although the search stopped there', () => {
    expect(parseReport(VIOLATED).end).toEqual({ kind: 'violated', what: 'assertion violated 0' });
  });

  test.each([
    ['a stuck state', 'pan:1: invalid end state (at depth 7)', 'invalid end state'],
    ['a cycle', 'pan:1: acceptance cycle (at depth 1163)', 'acceptance cycle'],
  ])('%s is a violation', (_, line, what) => {
    expect(parseReport(`${line}\n${HOLDS}`).end).toEqual({ kind: 'violated', what });
  });

  test.each([
    ['a depth that was cut', `error: max search depth too small\n${HOLDS}`, 'max search depth too small'],
    ['memory that ran out', `pan: reached -DMEMLIM bound\n${HOLDS}`, 'DMEMLIM'],
    ['a search that was stopped', `${HOLDS}Warning: Search not completed\n`, 'Search not completed'],
    ['too small a vector', `pan: error: VECTORSZ is too small\n${HOLDS}`, 'VECTORSZ'],
    [
      'a verifier that can do fewer processes',
      `pan: error: too many processes\n${HOLDS}`,
      'too many processes',
    ],
    ['states stored by their hash', HOLDS.replace('Full', 'Bit'), 'no report of a full search'],
    ['nothing', '', 'no report of a full search'],
    ['no number of states', HOLDS.replace(/.*states, stored\n/, ''), 'no report of a full search'],
    ['no number of errors', HOLDS.replace('errors: 0', ''), 'no report of a full search'],
    [
      'a verifier that died before its last line',
      HOLDS.replace(/pan: elapsed.*/, ''),
      'no report of a full search',
    ],
  ])('%s is no search to the end', (_, output, why) => {
    expect(parseReport(output).end).toEqual({ kind: 'incomplete', why });
  });

  test('errors without a line that names one are a violation', () => {
    const output = HOLDS.replace('errors: 0', 'errors: 2');
    expect(parseReport(output).end).toEqual({ kind: 'violated', what: '2 errors' });
  });
});

describe('a counterexample', () => {
  test('has its steps, and the property', () => {
    const output = `client 1 sends its acquisition of the free lock
  the store applies the write of client 1
-- a tick
an operator breaks the lease of client 1
violated: tokens rise
spin: lease.pml:1002, Error: assertion violated
		cl[0].phase = holding
 70:	proc  7 (Clock:1) lease.pml:768 (state 34)
`;
    expect(parseTrail(output)).toEqual({
      steps: [
        'client 1 sends its acquisition of the free lock',
        '  the store applies the write of client 1',
        '-- a tick',
        'an operator breaks the lease of client 1',
      ],
      violates: 'tokens rise',
    });
  });

  test('of a cycle says where it begins', () => {
    const output =
      '-- all faults are over\n<<<<<START OF CYCLE>>>>>\n-- a tick\nspin: trail ends after 3 steps\n';
    expect(parseTrail(output)).toEqual({
      steps: ['-- all faults are over', '(from here again and again)', '-- a tick'],
      violates: 'somebody acquires again and again',
    });
  });

  test('without a violated property is a state in which nothing can go on', () => {
    expect(parseTrail('-- a tick\nspin: trail ends after 3 steps\n')).toEqual({
      steps: ['-- a tick'],
      violates: 'nobody is stuck',
    });
  });
});

test('a mark stands for what each transition prints, and not for what a property prints', () => {
  const { text, transitions } = withMarks(
    'printf("client %d looks, age %d\\n", c, age); printf("-- a tick\\n"); printf("violated: tokens rise\\n")',
  );
  expect(transitions).toEqual(['client %d looks, age %d', '-- a tick']);
  expect(text).toContain(
    'c_code { taken[0] = 1; }; c_code { taken[1] = 1; }; printf("violated: tokens rise\\n")',
  );
});
