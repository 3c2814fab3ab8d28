import { runPost } from './run.ts';
import { phase } from './toolkit.ts';

await phase(runPost);
