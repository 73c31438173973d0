// The one door for `npm start`, `npm test`, the benches, `npm run live`, `npm run evidence` and the fuzzers: sets everything
// up on a fresh clone, then runs the task with a Node that can. Plain JavaScript without dependencies, because any Node >= 20 must be able to run it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './node.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);

function say(text) {
  console.error(text);
}

/** Runs a step of the set-up; ends the process when it fails. */
function step(what, command, commandArgs, options = {}) {
  const result = spawnSync(command, commandArgs, { cwd: root, stdio: ['ignore', 2, 2], ...options });
  if (result.status === 0) return;
  say(`${what} failed${result.error ? `: ${result.error.message}` : ''}. Mend what the lines above say, then try again.`);
  process.exit(1);
}

/** True when the stamp differs from what it should be; `done` writes it. */
function stale(stamp, should) {
  return { needed: !existsSync(stamp) || readFileSync(stamp, 'utf8') !== should, done: () => writeFileSync(stamp, should) };
}

function installPackages() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const { needed, done } = stale(join(root, 'node_modules', '.annunciator-lock'), lock);
  if (!needed) return;
  say('Installing packages (about a minute, once) ...');
  step('Installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: process.platform === 'win32' });
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  done();
}

function buildPortal() {
  const web = join(root, 'packages/web');
  const sources = ['src', 'index.html', 'vite.config.ts', 'package.json'].flatMap((name) => filesBelow(join(web, name)));
  const hash = createHash('sha256');
  for (const file of sources.sort()) hash.update(`${file.slice(web.length)}\0`).update(readFileSync(file));
  const { needed, done } = stale(join(web, 'dist', '.built-from'), hash.digest('hex'));
  if (!needed) return;
  say('Building the portal ...');
  step('Building the portal', findNode(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', web, '--logLevel', 'warn']);
  done();
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  return statSync(path).isDirectory() ? findFiles(path) : [path];
}

function findFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
}

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** Programs that tests drive: a browser, and peers to compare with. Installed where this is Debian and we may. */
function installPeers() {
  const wanted = [
    ['chromium', 'chromium'],
    ['tshark', 'tshark'],
    ['tcpdump', 'tcpdump'],
    ['tcpreplay', 'tcpreplay'],
    ['ip', 'iproute2'],
  ].filter(([program]) => !has(program));
  if (wanted.length === 0) return;
  const packages = wanted.map(([, name]) => name);
  if (!has('apt-get') || process.getuid?.() !== 0) {
    say(`Tests that need ${packages.join(', ')} are skipped: install them to run these, too.`);
    return;
  }
  say(`Installing ${packages.join(', ')} for the tests (once) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  step('Updating the package lists', 'sh', ['-c', 'apt-get update -qq >/dev/null'], { env });
  step(
    'Installing test programs',
    'sh',
    ['-c', `apt-get install -y -qq --no-install-recommends ${packages.join(' ')} fonts-dejavu-core >/dev/null`],
    { env },
  );
}

/** Hands over to a program; this process ends with its exit code and passes signals on. */
function handOver(program, programArgs) {
  const child = spawn(program, programArgs, { cwd: process.cwd(), stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** A check that takes longer hangs: it is ended, and names the test file that it was at. Milliseconds. */
const PATIENCE_MS = 45 * 60_000;

/** Runs a check of the tests; returns whether it passed. */
function check(what, program, programArgs) {
  say(`\n== ${what}`);
  const began = Date.now();
  const result = spawnSync(program, programArgs, { cwd: root, stdio: 'inherit', timeout: PATIENCE_MS });
  if (result.error) say(`== ${what}: ${result.error.code === 'ETIMEDOUT' ? 'ended, it hung' : result.error.message}`);
  say(`== ${what}: ${result.status === 0 ? 'passed' : 'FAILED'} in ${Math.round((Date.now() - began) / 1000)} s`);
  return result.status === 0;
}

function test() {
  installPeers();
  const node = findNode();
  const bin = (name) => join(root, 'node_modules', name);
  const files = args.filter((arg) => !arg.startsWith('-'));
  if (files.length > 0) return check('Tests', node, ['--test', ...files]);
  const checks = [
    ['Types', node, [bin('typescript/bin/tsc'), '-p', root, '--noEmit']],
    ['Lint', node, [bin('oxlint/bin/oxlint'), '--deny-warnings']],
    ['Format', node, [bin('@biomejs/biome/bin/biome'), 'format', 'packages', 'scripts']],
    ['Tests', node, ['--test', '--test-concurrency=2', 'packages/*/{src,tests,fuzz,bench,accuracy}/**/*.test.ts']],
  ];
  return checks.map(([what, program, programArgs]) => check(what, program, programArgs)).every(Boolean);
}

installPackages();
switch (task) {
  case 'start':
    buildPortal();
    handOver(findNode(), [join(root, 'packages/cli/src/main.ts'), 'up', ...args]);
    break;
  case 'test':
    buildPortal();
    process.exit(test() ? 0 : 1);
    break;
  case 'bench':
    handOver(findNode(), [join(root, 'packages/testkit/bench/bench.ts'), ...args]);
    break;
  case 'bench:portal':
    handOver(findNode(), [join(root, 'packages/server/bench/portal-bench.ts'), ...args]);
    break;
  case 'evidence':
    handOver(findNode(), [join(root, 'packages/testkit/bin/evidence.ts'), ...args]);
    break;
  case 'live':
    handOver(findNode(), [join(root, 'packages/testkit/bench/live.ts'), ...args]);
    break;
  case 'bench:hub':
    handOver(findNode(), [join(root, 'packages/hub/bench/bench.ts'), ...args]);
    break;
  case 'bench:rules':
    handOver(findNode(), ['--expose-gc', join(root, 'packages/hub/bench/rules.ts'), ...args]);
    break;
  case 'accuracy':
    handOver(findNode(), [join(root, 'packages/testkit/accuracy/accuracy.ts'), ...args]);
    break;
  case 'fuzz':
    handOver(findNode(), [join(root, 'packages/testkit/fuzz/fuzz.ts'), ...args]);
    break;
  case 'fuzz:hub':
    handOver(findNode(), [join(root, 'packages/hub/fuzz/fuzz.ts'), ...args]);
    break;
  default:
    say('usage: node scripts/run.mjs start|test|bench|bench:portal|bench:hub|bench:rules|live|evidence|accuracy|fuzz|fuzz:hub [ARG...]');
    process.exit(2);
}
