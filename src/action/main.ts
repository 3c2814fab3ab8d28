import { runMain } from './run.ts';
import { phase } from './toolkit.ts';

await phase(runMain);
