// Runs at the end of `npm ci`: makes one file of each program that reads packets. Without it everything works, only slower;
// so what is missing here (development packages, a new Node) is no reason for an installation to fail.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { lookForNode } from './node.mjs';

const node = lookForNode();
if (node) spawnSync(node, [fileURLToPath(new URL('../packages/cli/build.ts', import.meta.url))], { stdio: 'ignore' });
