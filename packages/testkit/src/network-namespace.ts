/**
 * A network of its own for tests of live capture: a Linux network namespace with pairs of virtual Ethernet ports. What is sent
 * into one end of a pair comes out of the other, as from a mirror port. Needs root, and the programs `ip` and `tcpreplay`.
 */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';

/** Why no network can be made here; false when it can. For the `skip` of a test. */
export const withoutNetwork: string | false = missing();

let made = 0;

export class NetworkNamespace {
  readonly name = `annunciator-${process.pid}-${++made}`;

  /** @param pairs names of the sending ends; the other ends are called `<name>-in` */
  constructor(...pairs: string[]) {
    ip('netns', 'add', this.name);
    // Otherwise the ports send packets of their own.
    this.run('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1');
    this.run('ip', 'link', 'set', 'lo', 'up');
    for (const pair of pairs) {
      this.run('ip', 'link', 'add', pair, 'type', 'veth', 'peer', 'name', `${pair}-in`);
      for (const end of [pair, `${pair}-in`]) this.run('ip', 'link', 'set', end, 'up');
    }
  }

  /** Runs a program in the namespace to its end and gives what it printed. @throws Error when it fails */
  run(...command: string[]): string {
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
    return stdout + stderr;
  }

  /** Starts a program in the namespace. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    // `ip netns exec` becomes the program: signals reach it.
    return spawn('ip', ['netns', 'exec', this.name, ...command], options);
  }

  /** Ends the namespace, and its ports with it. */
  remove(): void {
    ip('netns', 'delete', this.name);
  }
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')} ended with ${status}: ${stderr}`);
}

function missing(): string | false {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'making a network needs root on Linux';
  for (const [program, asked] of [
    ['ip', '-V'],
    ['tcpreplay', '-V'],
    ['tcpdump', '--version'],
  ] as const)
    if (spawnSync(program, [asked]).status !== 0) return `${program} is not installed`;
  const name = `annunciator-${process.pid}-probe`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return 'this machine allows no network namespaces';
  spawnSync('ip', ['netns', 'delete', name]);
  return false;
}
