import { info, setFailed } from '@actions/core';
import { isAlive, type ProcessId } from '../base/process.ts';
import { sanitise } from '../base/sanitise.ts';
import { KeeperFolder } from '../keeper/folder.ts';
import { describeLock, describeLossCause, heldDocument } from '../protocols/describe.ts';
import { type ProtocolConfig, type ProtocolResult, readProtocolState } from './protocol-state.ts';
import { takeByProtocol } from './protocol-take.ts';
import { failWith, saveLossTold, setOutputs } from './toolkit.ts';

/** What main does: looks whether the lock is held that pre has taken, and takes it where there was no pre. */
export async function runMainByProtocol(): Promise<void> {
  const left = readProtocolState();
  if (left.config) return verify(left.config, left.result);
  const taken = await takeByProtocol();
  if (taken.config && taken.result) verify(taken.config, taken.result);
}

/**
 * What main says of the hold that pre took: it gives the outputs again (those of pre are dropped), once it is sure of the
 * lock: its keeper lives, and has seen no loss. One that died is not replaced, for the record names it, or the system has freed
 * the lock with it.
 */
function verify(config: ProtocolConfig, result: ProtocolResult | undefined): void {
  switch (result?.kind) {
    case undefined:
      setFailed(
        'This job does not have the lock: it was not acquired before the job began, and "continue-on-error" let the job go on. The steps that follow are not protected.',
      );
      break;
    case 'skipped':
      setOutputs({
        'waited-ms': String(Math.round(result.waitedMs)),
        holder: JSON.stringify(heldDocument(config.opening.protocol, result.by)),
      });
      break;
    case 'acquired':
      verifyHold(config, result);
      break;
  }
}

function verifyHold(config: ProtocolConfig, result: Extract<ProtocolResult, { kind: 'acquired' }>): void {
  const { protocol, path } = config.opening;
  const lock = describeLock(path);
  const lost = whyLost(config, result.keeper);
  if (lost !== undefined) {
    // Post has to say no more than how it ended.
    saveLossTold();
    const message = `${lock} is lost before this step began: ${lost}. Nothing protects the steps that follow.`;
    failWith(`${lock} was lost`, message);
    return;
  }
  setOutputs({
    acquired: 'true',
    token: '',
    lease: '',
    'waited-ms': String(Math.round(result.waitedMs)),
    'stolen-from': result.took ? JSON.stringify(heldDocument(protocol, result.took)) : '',
  });
  info(`${lock} is held.`);
}

function whyLost({ folder }: ProtocolConfig, keeper: ProcessId): string | undefined {
  const hold = new KeeperFolder(folder);
  const state = hold.readProtocolStatus()?.state;
  if (state?.kind === 'lost') return describeLossCause(state.cause);
  if (state?.kind === 'failed') return sanitise(state.detail);
  return isAlive(keeper) ? undefined : `its keeper died (its log ends: ${hold.logEnd()})`;
}
