import { runPre } from './run.ts';
import { phase } from './toolkit.ts';

await phase(runPre);
