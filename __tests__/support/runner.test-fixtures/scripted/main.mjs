import { play } from '../play.mjs';

await play('main');
