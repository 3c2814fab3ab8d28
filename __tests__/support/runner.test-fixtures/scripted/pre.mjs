import { play } from '../play.mjs';

await play('pre');
