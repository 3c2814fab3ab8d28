// A host that serves S3 on every address it has: `node s3-host.mjs <address>…`. Its first line is what clients need, as JSON, with the
// port in place of an endpoint, for each reaches it by another address. Ends with its standard input.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { startMiniflareS3 } from './s3-server.mjs';

const { bucket, endpoint, accessKeyId, secretAccessKey } = await startMiniflareS3({
  clock: true,
  hosts: process.argv.slice(2),
});
const { port: inner, pathname } = new URL(endpoint);
const relay = createServer((client) => {
  const server = connect(Number(inner), '127.0.0.1');
  for (const [from, to] of [
    [client, server],
    [server, client],
  ]) {
    from.on('error', () => to.destroy());
    from.pipe(to);
  }
});
relay.listen(0, '0.0.0.0');
await once(relay, 'listening');
const { port } = /** @type {import('node:net').AddressInfo} */ (relay.address());
process.stdout.write(`${JSON.stringify({ port, path: pathname, bucket, accessKeyId, secretAccessKey })}\n`);
process.stdin.resume().on('end', () => process.exit());
