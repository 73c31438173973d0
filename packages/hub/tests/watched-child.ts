/** A hub that evaluates custom alerts, in a process of its own, for tests that end it the hard way. Tells its ports on standard output. */
import { WatchedHub } from './watched-hub.ts';

const [directory = '', tls = '{}', behind = '0', snapshotMs = '10000'] = process.argv.slice(2);
const watched = await WatchedHub.start({
  directory,
  tls: JSON.parse(tls),
  clock: () => Date.now() - Number(behind),
  snapshotMs: Number(snapshotMs),
});
console.log(JSON.stringify(watched.hub.running.ports));
