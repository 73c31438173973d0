/** The commands of the hub: run it, and look after its devices, modules, policies and certificates. */
import { existsSync, readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { defaultData } from '../up/commands.ts';
import { UsageError } from '../exit-codes.ts';

interface HubFlags {
  data: string;
  host: string;
  address?: string;
  otherName: string[];
  mqttPort: number;
  amqpPort: number;
  httpsPort: number;
  partitions: number;
  tier: 'S1' | 'S2' | 'S3' | 'none';
  units: number;
  journalBudget: number;
  fileBudget: number;
  handshakes: number;
  tlsKey?: string;
  tlsCert?: string;
}

const dataOption = (): Option => new Option('--data <dir>', 'where everything is kept').default(defaultData(), '~/.annunciator');

function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < low || value > high)
      throw new InvalidArgumentError(`Give a whole number from ${low} to ${high}.`);
    return value;
  };
}

function gigabytes(text: string): number {
  const value = Number(text);
  if (value >= 0.05 && value <= 1_000_000) return value;
  throw new InvalidArgumentError('Give gigabytes such as 4 or 0.5.');
}

const port = whole(0, 65_535);

export function hubCommand(): Command {
  const command = new Command('hub')
    .description('the IoT hub that devices with stock Azure IoT SDKs talk to')
    .addOption(dataOption())
    .option('--host <name>', 'host name by which devices reach it; its certificate names it', 'localhost')
    .option('--address <address>', 'address to listen on; without it the loopback address for localhost, else all of them')
    .option('--other-name <host...>', 'more names and addresses of this hub', [])
    .option('--mqtt-port <number>', 'port of MQTT over TLS', port, 8883)
    .option('--amqp-port <number>', 'port of AMQP over TLS', port, 5671)
    .option('--https-port <number>', 'port of HTTPS and WebSockets', port, 443)
    .option('--partitions <number>', 'partitions of a new hub', whole(1, 32), 4)
    .addOption(
      new Option('--tier <tier>', 'rates as of this tier of the product, or none').choices(['S1', 'S2', 'S3', 'none']).default('S1'),
    )
    .option('--units <number>', 'units of the tier', whole(1, 200), 1)
    .option('--journal-budget <GB>', 'disk for messages of devices and records of operations', gigabytes, 4)
    .option('--file-budget <GB>', 'disk for files that devices upload', gigabytes, 10)
    .option('--handshakes <number>', 'TLS handshakes begun in a second', whole(1, 1_000_000), 500)
    .option('--tls-key <file>', 'key of your own certificate (PEM)')
    .option('--tls-cert <file>', 'your own certificate with its chain (PEM)')
    .action(run);
  for (const child of [deviceCommand(), moduleCommand(), policyCommand(), certificateCommand()]) command.addCommand(child);
  return command;
}

async function run(flags: HubFlags): Promise<void> {
  if (Boolean(flags.tlsKey) !== Boolean(flags.tlsCert))
    throw new UsageError('A certificate of your own needs both --tls-key and --tls-cert.');
  const { runHubAlone } = await import('./hub-alone.ts');
  const say = (line: string): void => console.log(line);
  const running = await runHubAlone(
    {
      data: flags.data,
      host: flags.host,
      address: flags.address,
      otherNames: flags.otherName,
      ports: { mqtt: flags.mqttPort, amqp: flags.amqpPort, https: flags.httpsPort },
      partitions: flags.partitions,
      tier: flags.tier,
      units: flags.units,
      journalBytes: flags.journalBudget * 1e9,
      blobBytes: flags.fileBudget * 1e9,
      handshakesPerSecond: flags.handshakes,
      certificate: flags.tlsKey && flags.tlsCert ? { keyFile: flags.tlsKey, certFile: flags.tlsCert } : null,
    },
    say,
  );
  say('Ctrl-C stops it.');
  await stopOnSignal(running.stop, say);
}

/** Resolves once a signal has come and everything has stopped. */
function stopOnSignal(stop: () => Promise<void>, say: (line: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        say('Stopping ...');
        stop().then(resolve, reject);
      });
  });
}

/** Options of `hub` are taken wherever they stand, so it has the directory of its commands too. */
function dataOf(self: Command): string {
  return self.optsWithGlobals<{ data: string }>().data;
}

function deviceCommand(): Command {
  const command = new Command('device').description('devices of the hub');
  command
    .command('create')
    .description('create a device and print its connection string')
    .argument('<id>', 'id of the device')
    .option('--thumbprint <hex>', 'it has a self-signed certificate with this SHA-1 or SHA-256 thumbprint')
    .option('--authority', 'it has a certificate of a verified authority')
    .option('--disabled', 'it may not connect yet')
    .addOption(dataOption())
    .action(async (id: string, flags: { thumbprint?: string; authority?: boolean; disabled?: boolean }, self: Command) => {
      if (flags.thumbprint && flags.authority) throw new UsageError('Give either --thumbprint or --authority, not both.');
      const { createDevice } = await import('./identities.ts');
      console.log(await createDevice(dataOf(self), id, flags));
    });
  command
    .command('list')
    .description('list the devices')
    .option('--json', 'print their documents')
    .addOption(dataOption())
    .action(async (flags: { json?: boolean }, self: Command) => {
      const { listDevices } = await import('./identities.ts');
      for await (const line of listDevices(dataOf(self), flags.json ?? false)) console.log(line);
    });
  command
    .command('show')
    .description('print the connection string of a device')
    .argument('<id>', 'id of the device')
    .option('--json', 'print its document instead')
    .addOption(dataOption())
    .action(async (id: string, flags: { json?: boolean }, self: Command) => {
      const { showIdentity } = await import('./identities.ts');
      console.log(await showIdentity(dataOf(self), id, null, flags.json ?? false));
    });
  command
    .command('delete')
    .description('delete a device with its modules, twins and waiting messages')
    .argument('<id>', 'id of the device')
    .addOption(dataOption())
    .action(async (id: string, _flags: object, self: Command) => {
      const { deleteIdentity } = await import('./identities.ts');
      await deleteIdentity(dataOf(self), id, null);
    });
  return command;
}

/** The security module of the classic agent, which security groups look at first. */
const SECURITY_MODULE = 'azureiotsecurity';

function moduleCommand(): Command {
  const command = new Command('module').description('modules of a device');
  command
    .command('create')
    .description('create a module and print its connection string')
    .argument('<device>', 'id of the device')
    .argument('[module]', 'id of the module', SECURITY_MODULE)
    .addOption(dataOption())
    .action(async (device: string, module: string, _flags: object, self: Command) => {
      const { createModule } = await import('./identities.ts');
      console.log(await createModule(dataOf(self), device, module));
    });
  command
    .command('list')
    .description('list the modules of a device')
    .argument('<device>', 'id of the device')
    .addOption(dataOption())
    .action(async (device: string, _flags: object, self: Command) => {
      const { listModules } = await import('./identities.ts');
      for (const line of await listModules(dataOf(self), device)) console.log(line);
    });
  command
    .command('show')
    .description('print the connection string of a module')
    .argument('<device>', 'id of the device')
    .argument('[module]', 'id of the module', SECURITY_MODULE)
    .addOption(dataOption())
    .action(async (device: string, module: string, _flags: object, self: Command) => {
      const { showIdentity } = await import('./identities.ts');
      console.log(await showIdentity(dataOf(self), device, module, false));
    });
  command
    .command('delete')
    .description('delete a module')
    .argument('<device>', 'id of the device')
    .argument('[module]', 'id of the module', SECURITY_MODULE)
    .addOption(dataOption())
    .action(async (device: string, module: string, _flags: object, self: Command) => {
      const { deleteIdentity } = await import('./identities.ts');
      await deleteIdentity(dataOf(self), device, module);
    });
  return command;
}

function policyCommand(): Command {
  const command = new Command('policy').description('shared access policies of back ends');
  command
    .command('show')
    .description('print the connection string of a policy: iothubowner, service, device, registryRead or registryReadWrite')
    .argument('<name>', 'name of the policy')
    .addOption(dataOption())
    .action(async (name: string, _flags: object, self: Command) => {
      const { showPolicy } = await import('./policies.ts');
      console.log(await showPolicy(dataOf(self), name));
    });
  command
    .command('list')
    .description('list the policies and their rights')
    .addOption(dataOption())
    .action(async (_flags: object, self: Command) => {
      const { listPolicies } = await import('./policies.ts');
      for (const line of await listPolicies(dataOf(self))) console.log(line);
    });
  return command;
}

function certificateCommand(): Command {
  const command = new Command('certificate').description('certificate authorities of devices');
  command
    .command('add')
    .description('add the certificate of an authority')
    .argument('<name>', 'what to call it')
    .argument('<file>', 'the certificate, PEM or DER')
    .option('--verified', 'you vouch for its owner; without it the owner must prove to have its key')
    .addOption(dataOption())
    .action(async (name: string, file: string, flags: { verified?: boolean }, self: Command) => {
      const { addCertificate } = await import('./certificates.ts');
      console.log(await addCertificate(dataOf(self), name, readCertificate(file), flags.verified ?? false));
    });
  command
    .command('list')
    .description('list the authorities')
    .addOption(dataOption())
    .action(async (_flags: object, self: Command) => {
      const { listCertificates } = await import('./certificates.ts');
      for (const line of await listCertificates(dataOf(self))) console.log(line);
    });
  command
    .command('code')
    .description('print a code that the owner of an authority signs as the common name of a certificate')
    .argument('<name>', 'name of the authority')
    .addOption(dataOption())
    .action(async (name: string, _flags: object, self: Command) => {
      const { verificationCode } = await import('./certificates.ts');
      console.log(await verificationCode(dataOf(self), name));
    });
  command
    .command('verify')
    .description('take the certificate that the owner signed with the code')
    .argument('<name>', 'name of the authority')
    .argument('<file>', 'the signed certificate, PEM or DER')
    .addOption(dataOption())
    .action(async (name: string, file: string, _flags: object, self: Command) => {
      const { verifyCertificate } = await import('./certificates.ts');
      await verifyCertificate(dataOf(self), name, readCertificate(file));
    });
  command
    .command('delete')
    .description('delete an authority; its devices can no longer connect')
    .argument('<name>', 'name of the authority')
    .addOption(dataOption())
    .action(async (name: string, _flags: object, self: Command) => {
      const { deleteCertificate } = await import('./certificates.ts');
      await deleteCertificate(dataOf(self), name);
    });
  return command;
}

/** PEM as it is, DER in base64. */
function readCertificate(file: string): string {
  if (!existsSync(file)) throw new UsageError(`${file} does not exist; check the path.`);
  const bytes = readFileSync(file);
  const text = bytes.toString('latin1');
  return text.includes('-----BEGIN') ? text : bytes.toString('base64');
}
