// An S3 server in a process of its own, so that it does not slow the killer down. Says on one line where it is, and ends with
// its standard input.
import { startMiniflareS3 } from '../support/s3-server.mjs';

// With a clock, as S3 and R2 have one.
const { url, accessKeyId, secretAccessKey, reset, close } = await startMiniflareS3({ clock: true });
process.stdout.write(`${JSON.stringify({ url, accessKeyId, secretAccessKey })}\n`);
// It remembers all requests until it is told to forget them.
const forgetting = setInterval(reset, 1_000);
process.stdin.resume();
process.stdin.on('end', async () => {
  clearInterval(forgetting);
  await close();
});
