#!/usr/bin/env node
// Starts the command with a Node that runs TypeScript: this one when it is new enough, else the one npm installed.
import { spawn } from 'node:child_process';
import * as module from 'node:module';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findNode, keepCompiledCode } from '../../../scripts/node.mjs';

const main = new URL('../src/main.ts', import.meta.url);
const node = findNode();
keepCompiledCode();
if (node === process.execPath) {
  // The environment speaks to those that are started from here; this process has to be told.
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import(main);
} else {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`annunciator: ${node} cannot be started: ${error.message}.`);
    process.exit(1);
  });
  // A child that a signal ended is told as shells tell it.
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
