/** The tests of server and store in one process. `npm test` runs this beside the files of the other packages. */
import { importTests, SERVED } from '../scripts/packages.mjs';

await importTests(SERVED);
