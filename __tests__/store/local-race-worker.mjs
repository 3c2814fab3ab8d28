// Adds words to one key by reading and conditionally writing, and prints each as soon as it applied.
// node local-race-worker.mjs <compiled local.js> <location> <key> <name> <count>
import { pathToFileURL } from 'node:url';

const [library = '', location, key, name, count] = process.argv.slice(2);
const { LocalStore } = await import(pathToFileURL(library).href);
const store = await LocalStore.open(location);

/** @param {string} word */
async function add(word) {
  for (;;) {
    const reading = await store.read(key);
    const [body, expected] =
      reading.kind === 'found' ? [`${reading.body} ${word}`, reading.version] : [word, 'absent'];
    const result = await store.write(key, body, expected);
    if (result.kind === 'written') return;
  }
}

for (let round = 1; round <= Number(count); round += 1) {
  await add(`${name}-${round}`);
  process.stdout.write(`${name}-${round}\n`);
}
