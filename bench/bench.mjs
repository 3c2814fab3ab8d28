// `npm run bench [-- --quick]`: what Leasehold costs, as ratios within one run on one machine. Times judge nothing by
// exit code, machines differ; the numbers of requests are exact, and one too many fails.
import { parseArgs } from 'node:util';
import { benchLocal } from './local.mjs';
import { benchProtocols } from './protocols.mjs';
import { benchS3 } from './s3.mjs';
import { benchSize, benchStart } from './start.mjs';
import { compileSources, print } from './support.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, folder: { type: 'string' } },
});
const importSource = compileSources();

print('Local disk, in process', await benchLocal(importSource, options));
print("Other programs' locks, in process", await benchProtocols(importSource, options));
const requests = await benchS3(importSource);
print('S3, requests counted at the server', requests);
print('Processes', await benchStart(options));
print('Size', benchSize());
if (requests.some(({ verdict }) => verdict !== 'ok')) process.exitCode = 1;
