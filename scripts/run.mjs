// The one door for `npm start`, `npm test`, `npm run build`, the benches, the fuzzers and the like: sets everything up on a
// fresh clone, then runs the task with a Node that can. Plain JavaScript without dependencies, because any Node >= 20 must be able to run it.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode, keepCompiledCode } from './node.mjs';

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

/** Builds the portal when its sources have changed, beside the one that is there, so that who is served from it does not notice. */
function buildPortal() {
  const web = join(root, 'packages/web');
  const dist = join(web, 'dist');
  const sources = ['src', 'index.html', 'vite.config.ts', 'package.json'].flatMap((name) => filesBelow(join(web, name)));
  const hash = createHash('sha256');
  for (const file of sources.sort()) hash.update(`${file.slice(web.length)}\0`).update(readFileSync(file));
  const { needed, done } = stale(join(dist, '.built-from'), hash.digest('hex'));
  if (!needed) return;
  say('Building the portal ...');
  const fresh = `${dist}.${process.pid}`;
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  step('Building the portal', findNode(), [vite, 'build', web, '--logLevel', 'warn', '--outDir', fresh, '--emptyOutDir']);
  const old = `${fresh}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  done();
  rmSync(old, { recursive: true, force: true });
}

/** Makes one file of each program that reads packets, when its sources have changed. */
function buildPrograms() {
  step('Building the programs that read packets', findNode(), [join(root, 'packages/cli/build.ts')]);
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
    ...(has('chromium') ? [] : [['chromium-headless-shell', 'chromium-headless-shell']]),
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
    ['Tests', node, [join(root, 'scripts/all-tests.mjs')]],
  ];
  return checks.map(([what, program, programArgs]) => check(what, program, programArgs)).every(Boolean);
}

/** Tasks that are a program of their own: its file, after what Node itself has to be told. */
const PROGRAMS = {
  accuracy: ['packages/testkit/accuracy/accuracy.ts'],
  bench: ['packages/testkit/bench/bench.ts'],
  'bench:hub': ['packages/hub/bench/bench.ts'],
  'bench:portal': ['packages/server/bench/portal-bench.ts'],
  'bench:scaling': ['packages/testkit/bench/scaling.ts'],
  'bench:rules': ['--expose-gc', 'packages/hub/bench/rules.ts'],
  evidence: ['packages/testkit/bin/evidence.ts'],
  fuzz: ['packages/testkit/fuzz/fuzz.ts'],
  'fuzz:hub': ['packages/hub/fuzz/fuzz.ts'],
  live: ['packages/testkit/bench/live.ts'],
};

const TASKS = {
  build() {
    buildPortal();
    buildPrograms();
  },
  start() {
    buildPortal();
    buildPrograms();
    handOver(findNode(), [join(root, 'packages/cli/src/main.ts'), 'up', ...args]);
  },
  test() {
    buildPortal();
    buildPrograms();
    process.exit(test() ? 0 : 1);
  },
};
for (const [name, program] of Object.entries(PROGRAMS))
  TASKS[name] = () => {
    buildPrograms();
    handOver(findNode(), [...program.slice(0, -1), join(root, program.at(-1)), ...args]);
  };

if (!Object.hasOwn(TASKS, task)) {
  say(`usage: node scripts/run.mjs ${Object.keys(TASKS).join('|')} [ARG...]`);
  process.exit(2);
}
installPackages();
keepCompiledCode();
TASKS[task]();
