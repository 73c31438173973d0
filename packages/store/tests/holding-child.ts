/** Opens a store and holds it until its input ends. */
import { openStore } from '../src/store.ts';

const store = await openStore(process.argv[2]);
process.stdout.write('open\n');
for await (const _ of process.stdin);
await store.close();
