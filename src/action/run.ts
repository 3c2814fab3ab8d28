import { end } from './end.ts';
import { take } from './take.ts';
import { readInput, readState, readStateText, setOutputs } from './toolkit.ts';
import { verify } from './verify.ts';

export async function runPre(): Promise<void> {
  if (isByProtocol()) await (await byProtocol()).takeByProtocol();
  else await take();
}

/** Main acquires where the runner ran no pre (`uses: ./path`, or a composite action in the repository). */
export async function runMain(): Promise<void> {
  // Until it is known to be true: a step with continue-on-error may fail at any point below.
  setOutputs({ acquired: 'false' });
  const { config, result } = readState();
  if (config || result) return verify(config, result);
  if (isByProtocol()) return (await byProtocol()).runMainByProtocol();
  const taken = await take();
  if (taken.result) await verify(taken.config, taken.result);
}

export async function runPost(): Promise<void> {
  if (wasByProtocol()) await (await byProtocol()).endByProtocol();
  else await end(readState());
}

/** Whether the lock is another program's: by the inputs, or by what pre has left. */
function isByProtocol(): boolean {
  const protocol = readInput('protocol');
  return wasByProtocol() || (protocol !== '' && protocol !== 'lease');
}

function wasByProtocol(): boolean {
  return readStateText('protocol') !== '';
}

/** Few jobs have a use for it, so it is loaded only by them. */
function byProtocol(): Promise<typeof import('./protocol.ts')> {
  return import('./protocol.ts');
}
