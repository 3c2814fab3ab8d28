// Runs TypeScript as it lies there: `node scripts/typescript.mjs <file.ts> [argument…]`. Node 20 needs it compiled on the way.
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

register('./typescript-hooks.mjs', import.meta.url);

const [file] = process.argv.splice(2, 1);
if (!file) throw new Error('Usage: node scripts/typescript.mjs <file.ts> [argument…]');
const path = resolve(file);
process.argv[1] = path;
await import(pathToFileURL(path).href);
