import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

const manifestSchema = v.object({ version: v.string() });

/** The version of this package. The compiled module and the bundle both lie two folders below its manifest. */
export function version(): string {
  const manifest = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'package.json');
  return v.parse(manifestSchema, JSON.parse(readFileSync(manifest, 'utf8'))).version;
}
