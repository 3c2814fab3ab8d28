import { play } from '../play.mjs';

await play('post');
