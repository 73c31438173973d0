/**
 * Reads a CSV export as a client does, in a process of its own: its work is not the server's.
 *
 *     ADDRESS and TOKEN in the environment; prints rows, bytes and seconds as JSON
 */
import { get } from 'node:http';

const { ADDRESS, TOKEN } = process.env;
if (!ADDRESS || !TOKEN) throw new Error('ADDRESS and TOKEN have to be in the environment.');
const began = performance.now();
get(ADDRESS, { headers: { authorization: `Bearer ${TOKEN}` } }, (response) => {
  let [lines, bytes] = [0, 0];
  response.on('data', (part: Buffer) => {
    bytes += part.length;
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++;
  });
  response.on('end', () => console.log(JSON.stringify({ rows: lines - 1, bytes, seconds: (performance.now() - began) / 1000 })));
});
