import { end } from './end.ts';
import { take } from './take.ts';
import { readState, setOutputs } from './toolkit.ts';
import { verify } from './verify.ts';

export async function runPre(): Promise<void> {
  await take();
}

/** Main acquires where the runner ran no pre (`uses: ./path`, or a composite action in the repository). */
export async function runMain(): Promise<void> {
  // Until it is known to be true: a step with continue-on-error may fail at any point below.
  setOutputs({ acquired: 'false' });
  const { config, result } = readState();
  if (config || result) return verify(config, result);
  const taken = await take();
  if (taken.result) await verify(taken.config, taken.result);
}

export async function runPost(): Promise<void> {
  await end(readState());
}
