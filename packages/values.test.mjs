/** The tests of packages without a world outside, in one process. `npm test` runs this beside the files of the other packages. */
import { importTests, VALUES } from '../scripts/packages.mjs';

await importTests(VALUES);
