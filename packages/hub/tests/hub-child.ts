/** A hub in a process of its own, for tests that end it the hard way. Tells its ports on standard output. */
import { TestHub } from './hub-under-test.ts';

const [directory = '', tls = '{}', limits = '{}'] = process.argv.slice(2);
const hub = await TestHub.start({ directory, tls: JSON.parse(tls), limits: JSON.parse(limits) });
console.log(JSON.stringify(hub.running.ports));
