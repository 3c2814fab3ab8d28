import { expect, test } from '@jest/globals';
import { parseHandover, plainEnvironment, secretEnvironment } from '../../src/keeper/handover.ts';
import { resumeLease } from '../../src/keeper/snapshot.ts';
import { serialise } from '../../src/lease/record.ts';
import { FakeLock, heldRecord, TIMING } from '../support/fake-lock.ts';

test.each([
  ['of another shape', '{"environment":"AWS_SECRET_ACCESS_KEY=hunter2"}'],
  ['text', '"hunter2"'],
  ['no JSON', 'x hunter2'],
])('a handover that is none (%s) is not repeated: the error goes to a log', (_, text) => {
  expect(() => parseHandover(text)).toThrow(/is no handover/);
  expect(() => parseHandover(text)).not.toThrow(/hunter2/);
});

test('a snapshot of a lock that was released is no lease', () => {
  const released = {
    ...heldRecord(),
    state: 'released' as const,
    ended: { how: 'released' as const, at: '2026-03-01T12:00:00Z' },
  };
  const snapshot = { body: serialise(released), version: '1', sentAt: { wallMs: 0, monotonicMs: 0 } };
  const resuming = (): unknown => resumeLease(new FakeLock().context, TIMING, snapshot);
  expect(resuming).toThrow(expect.objectContaining({ name: 'StoreError', kind: 'corrupt' }));
});

test('what asks for the identity of the job is handed on with a role only, and never in the open', () => {
  const identity = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'hunter2' };
  const environment = {
    ...identity,
    ACTIONS_RUNTIME_TOKEN: 'hunter3',
    AWS_REGION: 'eu-west-1',
    PATH: '/bin',
  };
  const role = { arn: 'arn:aws:iam::111122223333:role/locks', sessionName: 'x', audience: 'y' };
  expect(secretEnvironment(environment, { role })).toEqual({ ...identity, AWS_REGION: 'eu-west-1' });
  expect(secretEnvironment(environment, { region: 'eu-west-1' })).toEqual({ AWS_REGION: 'eu-west-1' });
  expect(plainEnvironment(environment)).toEqual({ PATH: '/bin' });
});
