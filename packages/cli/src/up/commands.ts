/** The commands that start the system and look after its accounts. */
import { existsSync, statSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { TIERS, type Tier } from '@annunciator/hub/core/limits';
import type { Console } from '@annunciator/core/roles';
import type { LearningSettings } from '@annunciator/sensor/baseline/learning';
import { UsageError } from '../exit-codes.ts';
import type { EmbeddedHubOptions } from './embedded-hub.ts';
import type { SourceChoice } from './sensor-worker.ts';

interface UpFlags {
  data: string;
  host: string;
  port: number;
  capture?: string[];
  interface?: string[];
  captureWith: 'ring' | 'tcpdump';
  demo: boolean;
  sensorName?: string;
  site: string;
  zone: string;
  focus: 'ot' | 'any';
  enableAll: boolean;
  learnDays: number;
  learnEnd: LearningSettings['end'];
  tlsKey?: string;
  tlsCert?: string;
  name: string[];
  packetBudget: number;
  sso?: string;
  timelineEvents: number;
  hub: boolean;
  hubHost?: string;
  hubAddress?: string;
  hubMqttPort?: number;
  hubAmqpPort?: number;
  hubHttpsPort?: number;
  hubTier: Tier | 'none';
}

/** Where data lies unless told otherwise: ANNUNCIATOR_DATA, else a folder of the user's. */
export function defaultData(): string {
  return process.env['ANNUNCIATOR_DATA'] || join(homedir(), '.annunciator');
}

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** 443 of HTTPS needs rights that most users lack. */
const HUB_PORTS = { mqtt: 8883, amqp: 5671, https: 8444 };

function gigabytes(text: string): number {
  const value = Number(text);
  if (value === 0 || (value >= 0.01 && value <= 1_000_000)) return value;
  throw new InvalidArgumentError('Give gigabytes such as 7 or 0.5, or 0 to keep no packets.');
}

export const dataOption = (): Option => new Option('--data <dir>', 'where everything is kept').default(defaultData(), '~/.annunciator');

/** What every way of starting a sensor takes. @param instead what captures and interfaces are given instead of */
function withSensor(command: Command, instead: string): Command {
  return command
    .addOption(dataOption())
    .option('--host <address>', 'address to listen on; HTTPS on every address but loopback', '127.0.0.1')
    .option('--port <number>', 'port of the pages and the API', whole(0, 65_535), 8443)
    .option('--capture <file...>', `analyse captures${instead}`)
    .option('--interface <name...>', `watch network interfaces${instead}; may be given several times`)
    .addOption(
      new Option('--capture-with <way>', "how interfaces are read: from the kernel's ring of packets where that can be had, or by tcpdump")
        .choices(['ring', 'tcpdump'])
        .default('ring'),
    )
    .option('--sensor-name <name>', 'what the sensor is called')
    .option('--site <name>', 'site of the sensor', 'Main site')
    .option('--zone <name>', 'zone of the sensor', 'Default zone')
    .addOption(new Option('--focus <what>', 'alert only where OT takes part, or anywhere').choices(['ot', 'any']).default('ot'))
    .option('--enable-all', 'also raise the alert types that are off by default', false)
    .addOption(
      new Option('--learn-end <when>', 'learning ends on an interface after the days, once little is new, or by hand only')
        .choices(['fixed', 'stable', 'manual'])
        .default('fixed'),
    )
    .option('--learn-days <number>', 'days of traffic after which learning ends on an interface', whole(0, 3650), 14)
    .option('--tls-key <file>', 'key of your own certificate (PEM)')
    .option('--tls-cert <file>', 'your own certificate with its chain (PEM)')
    .option('--name <host...>', 'more host names for our own certificate', [])
    .option('--sso <file>', 'single sign-on by OpenID Connect: a JSON file with issuer, client and groups')
    .option('--timeline-events <number>', 'events that the timeline holds; the oldest go', whole(1000, 10_000_000), 500_000)
    .option('--packet-budget <GB>', 'disk for packets, of alerts and recent ones; 0 keeps none', gigabytes, 7);
}

export function upCommand(): Command {
  const command = new Command('up').description('start everything on this machine: sensor, store, portal');
  return withSensor(command, ' instead of the demo plant')
    .option('--no-demo', 'start without a demo plant')
    .option('--no-hub', 'start without the IoT hub')
    .option('--hub-host <name>', 'host name by which devices reach the hub')
    .option('--hub-address <address>', 'address on which the hub listens; without it as --host')
    .option('--hub-mqtt-port <number>', `port of MQTT over TLS (default: ${HUB_PORTS.mqtt})`, whole(0, 65_535))
    .option('--hub-amqp-port <number>', `port of AMQP over TLS (default: ${HUB_PORTS.amqp})`, whole(0, 65_535))
    .option('--hub-https-port <number>', `port of HTTPS and WebSockets of the hub (default: ${HUB_PORTS.https})`, whole(0, 65_535))
    .addOption(
      new Option('--hub-tier <tier>', 'rates of the hub as of this tier of the product, or none').choices([...TIERS, 'none']).default('S3'),
    )
    .action((flags: UpFlags) => run(flags, 'portal'));
}

export function sensorCommand(): Command {
  const command = new Command('sensor').description('start a sensor with a console of its own, for the people at the site, and no portal');
  return withSensor(command, '')
    .option('--demo', 'watch a simulated plant', false)
    .action((flags: Omit<UpFlags, 'hub' | 'hubTier'>) => {
      const all: UpFlags = { ...flags, hub: false, hubTier: 'none' };
      if (!chooseSource(all)) throw new UsageError('Say what the sensor watches: --interface NAME, --capture FILE, or --demo.');
      return run(all, 'sensor');
    });
}

async function run(flags: UpFlags, console: Console): Promise<void> {
  const source = chooseSource(flags);
  if (Boolean(flags.tlsKey) !== Boolean(flags.tlsCert))
    throw new UsageError('A certificate of your own needs both --tls-key and --tls-cert.');
  const { up } = await import('./up.ts');
  const say = (line: string): void => globalThis.console.log(line);
  const running = await up(
    {
      console,
      data: flags.data,
      host: flags.host,
      port: flags.port,
      source,
      sensor: flags.sensorName ?? (source?.kind === 'demo' ? 'Demo sensor' : 'Sensor'),
      site: flags.site,
      zone: flags.zone,
      focus: flags.focus,
      // The demo shows every incident of its plant, also those whose alert types are off by default.
      enableAll: flags.enableAll || source?.kind === 'demo',
      learnDays: flags.learnDays,
      learnEnd: flags.learnEnd,
      names: flags.name,
      packetBudget: flags.packetBudget * 1e9,
      timelineEvents: flags.timelineEvents,
      hub: hubOptions(flags, source?.kind === 'demo'),
      ...(flags.sso ? { sso: flags.sso } : {}),
      ...(flags.tlsKey && flags.tlsCert ? { certificate: { keyFile: flags.tlsKey, certFile: flags.tlsCert } } : {}),
    },
    say,
  );
  say('Ctrl-C stops it.');
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      say('Stopping ...');
      running.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          globalThis.console.error(error instanceof Error ? error.message : error);
          process.exit(1);
        },
      );
    });
}

/** How the hub is to run; null for none. */
function hubOptions(flags: UpFlags, demo: boolean): EmbeddedHubOptions | null {
  if (!flags.hub) return null;
  const { host, hubMqttPort, hubAmqpPort, hubHttpsPort, tlsKey, tlsCert } = flags;
  const isLocal = ['localhost', '127.0.0.1', '::1'].includes(host);
  return {
    host: flags.hubHost ?? (isLocal ? 'localhost' : hostname()),
    address: flags.hubAddress ?? host,
    otherNames: ['localhost', '127.0.0.1', ...flags.name],
    ports: { mqtt: hubMqttPort ?? HUB_PORTS.mqtt, amqp: hubAmqpPort ?? HUB_PORTS.amqp, https: hubHttpsPort ?? HUB_PORTS.https },
    isDemanded: [flags.hubAddress, hubMqttPort, hubAmqpPort, hubHttpsPort].some((given) => given !== undefined),
    tier: flags.hubTier,
    units: 1,
    partitions: 4,
    journalBytes: 4e9,
    blobBytes: 10e9,
    handshakesPerSecond: 500,
    flags: '--hub-',
    certificate: tlsKey && tlsCert ? { keyFile: tlsKey, certFile: tlsCert } : null,
    demo,
  };
}

function chooseSource(flags: UpFlags): SourceChoice | null {
  if (flags.capture && flags.interface) throw new UsageError('Give either --capture or --interface, not both.');
  if (flags.interface) {
    const twice = flags.interface.find((name, i, all) => all.indexOf(name) !== i);
    if (twice) throw new UsageError(`Interface ${twice} is named twice; name each once.`);
    return { kind: 'interfaces', names: flags.interface, use: flags.captureWith };
  }
  if (!flags.capture) return flags.demo ? { kind: 'demo' } : null;
  for (const file of flags.capture) {
    if (!existsSync(file)) throw new UsageError(`${file} does not exist; check the path.`);
    if (statSync(file).isDirectory()) throw new UsageError(`${file} is a directory; name a capture file.`);
  }
  return { kind: 'captures', files: flags.capture };
}

export function tokenCommand(): Command {
  const command = new Command('token').description('API tokens');
  command
    .command('create')
    .description('make an API token and print it; programs send it as "Authorization: Bearer TOKEN"')
    .requiredOption(
      '--role <role>',
      'what the token may do: Security Reader, Security Admin, Contributor or Owner; of a sensor Viewer, Security Analyst or Admin',
    )
    .option('--name <name>', 'what the token is for', 'made on the command line')
    .addOption(dataOption())
    .action(async (flags: { role: string; name: string; data: string }) => {
      const { createToken, readRole } = await import('./local-accounts.ts');
      console.log(await createToken(flags.data, flags.name, readRole(flags.role), (line) => console.error(line)));
    });
  return command;
}

export function userCommand(): Command {
  const command = new Command('user').description('users of the portal');
  command
    .command('reset-password')
    .description('give a user a one-time password and print it')
    .argument('[user]', 'name of the user', 'admin')
    .addOption(dataOption())
    .action(async (user: string, flags: { data: string }) => {
      const { resetPassword } = await import('./local-accounts.ts');
      console.log(await resetPassword(flags.data, user, (line) => console.error(line)));
    });
  command
    .command('remove-second-factor')
    .description('take passkeys and the authenticator app of a user away who has lost them')
    .argument('[user]', 'name of the user', 'admin')
    .addOption(dataOption())
    .action(async (user: string, flags: { data: string }) => {
      const { removeSecondFactor } = await import('./local-accounts.ts');
      console.log(await removeSecondFactor(flags.data, user, (line) => console.error(line)));
    });
  return command;
}

export function alertCommand(): Command {
  const command = new Command('alert').description('alerts of a running or stopped system');
  command
    .command('pcap')
    .description('write the packets of an alert as pcapng')
    .argument('<id>', 'the alert, as the portal and the API name it')
    .addOption(dataOption())
    .option('--out <file>', 'where to write; - is standard output (alert-<id>.pcapng)')
    .action(async (id: string, flags: { data: string; out?: string }) => {
      const { writeAlertPcap } = await import('./alert-pcap.ts');
      const path = await writeAlertPcap(flags.data, id, flags.out);
      if (path !== '-') console.log(path);
    });
  return command;
}
