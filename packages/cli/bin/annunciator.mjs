#!/usr/bin/env node
// Starts the command with a Node that runs TypeScript: this one when it is new enough, else the one npm installed.
import { spawn } from 'node:child_process';
import { findNode } from '../../../scripts/node.mjs';

const main = new URL('../src/main.ts', import.meta.url);
const node = findNode();
if (node === process.execPath) {
  await import(main);
} else {
  const child = spawn(node, [main.pathname, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}
