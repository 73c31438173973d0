/**
 * Policy violations: whatever the baseline does not hold. The dissectors' aspects come here one by one when unknown; the
 * sensor's own (devices, ports, group traffic, Internet, programming) are asked here.
 */
import type { Learnable, Parameters } from '@annunciator/core/alert';
import type { ReviewKind } from '@annunciator/core/review';
import type { AspectText } from '@annunciator/protocols/dissector';
import { type ActionFact, Aspect, type IdentityFact, type LoginFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { ASPECTS, SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Device } from '../inventory/device.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Finding, Judge } from './judge.ts';
import type { Reviewer } from './reviewer.ts';
import type { Scene } from './scene.ts';
import { RateWindow } from './window.ts';
import { describeParameters, deviationSentence } from './wording.ts';

/** Server ports from here on are given out by the operating system and say nothing about a service. */
const DYNAMIC_PORTS = 49_152;

/** Group traffic that every network carries to run itself: destination ports (UDP) and EtherTypes or IP protocols. */
const INFRASTRUCTURE_PORTS = new Set([67, 68, 123, 137, 138, 520, 546, 547, 1900, 3702, 5353, 5355]);
const INFRASTRUCTURE_TYPES = new Set([0x0806, 0x88cc, 0x88e1, 0x8899, 0x9000, 0x893a, 1, 2, 58, 88, 89, 103, 112]);
/** Operations of the service control manager's interface that change a service (MS-SCMR, 3.1.4). */
const SERVICE_OPERATIONS: Readonly<Record<number, string>> = {
  1: 'ControlService',
  2: 'DeleteService',
  11: 'ChangeServiceConfig',
  12: 'CreateService',
  19: 'StartService',
  23: 'ChangeServiceConfig',
  24: 'CreateService',
  31: 'StartService',
};

/** Protocols whose changed firmware has an alert of its own. */
const FIRMWARE: Readonly<Record<number, number>> = {
  [PROTOCOLS.modbus.index]: SensorAspect.ModbusFirmware,
  [PROTOCOLS.ads.index]: SensorAspect.BeckhoffSoftware,
  [PROTOCOLS.melsec.index]: SensorAspect.MitsubishiFirmware,
  [PROTOCOLS.s7commPlus.index]: SensorAspect.S7PlusFirmware,
};

/** Types that devices of the field level tell of themselves. */
const FIELD_TYPES: ReadonlySet<string> = new Set(['I/O Adapter', 'Variable Frequency Drive', 'Servo Drive', 'Pneumatic Device']);

const DATABASES: ReadonlySet<number> = new Set([PROTOCOLS.mysql, PROTOCOLS.postgresql, PROTOCOLS.tds].map(({ index }) => index));

export class PolicyEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #inventory: Inventory;
  readonly #reviewer: Reviewer;
  readonly #texts: ReadonlyMap<number, AspectText>;
  readonly #text: (interned: number) => string;
  readonly #databaseFailures: RateWindow;

  /** @param texts how each aspect's numbers read; @param text the text behind an interned number */
  constructor(
    judge: Judge,
    baseline: Baseline,
    reviewer: Reviewer,
    texts: ReadonlyMap<number, AspectText>,
    text: (interned: number) => string,
  ) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#reviewer = reviewer;
    this.#inventory = judge.inventory;
    this.#texts = texts;
    this.#text = text;
    this.#databaseFailures = new RateWindow(judge.threshold('database-login-failed'));
  }

  /** A message used something that the baseline does not know. */
  deviation(scene: Scene, aspect: number, a: number, b: number): void {
    const definition = ASPECTS[aspect];
    if (!definition) return;
    const parameters = this.#parameters(aspect, a, b);
    const what = describeParameters(parameters);
    const whom = definition.between === 'pair' ? scene.target : 0;
    const learnable = this.#baseline.learnable(scene.actor, whom, aspect, a, b);
    this.#judge.raise(scene, {
      type: definition.alert,
      source: scene.actor,
      destination: scene.target,
      ...ports(scene),
      message: deviationSentence(
        definition.name,
        this.#judge.label(scene.actor),
        this.#judge.label(scene.target),
        definition.between === 'pair',
        what,
      ),
      expected: `only what the baseline holds for ${definition.between === 'pair' ? 'this pair of devices' : 'this device'}`,
      seen: what,
      parameters,
      parameterKey: `${learnable.aspect} ${learnable.value}`,
      learn: [learnable],
    });
    if (aspect === Aspect.RpcInterface && parameters.interface === 'svcctl') this.#serviceManagement(scene, Number(parameters.operation));
  }

  /** Services of Windows are managed by a host that was not known to do it. */
  #serviceManagement(scene: Scene, operation: number): void {
    const name = SERVICE_OPERATIONS[operation];
    if (!name) return;
    this.#judge.raise(scene, {
      type: 'suspicion-of-remote-windows-service-management',
      source: scene.actor,
      destination: scene.target,
      ...ports(scene),
      message: `${this.#judge.label(scene.actor)} manages Windows services of ${this.#judge.label(scene.target)}: ${name} (svcctl operation ${operation}).`,
      expected: 'service management by hosts known for it',
      seen: `${name} (svcctl operation ${operation})`,
      parameters: { operation, name },
      parameterKey: name,
    });
  }

  /** A message touched items outside the known ranges. */
  rangeDeviation(scene: Scene, aspect: number, key: number, first: number, count: number): void {
    const definition = ASPECTS[aspect];
    if (!definition) return;
    const last = first + Math.max(count, 1) - 1;
    const parameters = { ...this.#parameters(aspect, key, first), first, last };
    const what = describeParameters(parameters);
    const learnable = this.#baseline.learnableRange(scene.actor, scene.target, aspect, key, first, count);
    this.#judge.raise(scene, {
      type: definition.alert,
      source: scene.actor,
      destination: scene.target,
      ...ports(scene),
      message: `${this.#judge.label(scene.actor)} reached outside the known addresses of ${this.#judge.label(scene.target)}: ${what}.`,
      expected: 'addresses inside the ranges learned for this pair of devices',
      seen: what,
      parameters,
      parameterKey: `${learnable.aspect} ${learnable.value}`,
      learn: [learnable],
    });
  }

  #parameters(aspect: number, a: number, b: number): Parameters {
    return this.#texts.get(aspect)?.(a, b, this.#text) ?? { value: `${a} ${b}` };
  }

  /** A device has sent its first packet. */
  appeared(scene: Scene, device: Device): void {
    if (this.#baseline.check(device.party, 0, SensorAspect.Asset, 0, 0)) return;
    device.authorised = false;
    const details = [device.macs[0], device.vendor].filter(Boolean).join(', ');
    this.#judge.raise(scene, {
      type: 'new-asset-detected',
      source: device.party,
      destination: 0,
      protocol: 0,
      message: `A device that was not there before is active: ${device.label}${details && ` (${details})`}.`,
      expected: 'only devices of the authorised inventory',
      seen: `first packet of ${device.label}`,
      parameters: { vendor: device.vendor || 'unknown', vlan: device.vlan },
      learn: [this.#baseline.learnable(device.party, 0, SensorAspect.Asset, 0, 0)],
    });
    // Its first packet may have said what it is.
    this.describedItself(scene, device, device.toldType);
  }

  /** A device said what it is: one of the field level that nobody has authorised is more than a new device. */
  describedItself(scene: Scene, device: Device, type: string): void {
    if (device.authorised || !FIELD_TYPES.has(type)) return;
    const article = /^[AEIO]/.test(type) ? 'an' : 'a';
    this.#judge.raise(scene, {
      type: 'field-device-discovered-unexpectedly',
      source: device.party,
      destination: 0,
      protocol: scene.protocol,
      message: `A device of the field level is active that nobody has authorised: ${device.label} says that it is ${article} ${type}.`,
      expected: 'only field devices of the authorised inventory',
      seen: type,
      parameters: { type },
    });
  }

  /** A device answered on a port: the sender of the packet under the cursor is the server. */
  answered(scene: Scene, transport: number): void {
    const port = scene.senderPort;
    if (port === 0 || port >= DYNAMIC_PORTS || scene.toGroup) return;
    // Ports of Internet hosts are no business of the site: talking with them is, and has alerts of its own.
    if (this.#inventory.party(scene.sender).public && !this.#inventory.isPublicInside(scene.sender, scene.receiver)) return;
    if (this.#baseline.check(scene.sender, 0, SensorAspect.ListeningPort, transport, port)) return;
    const name = `${transport === 6 ? 'TCP' : 'UDP'} port ${port}`;
    this.#judge.raise(scene, {
      type: 'new-port-discovery',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: port,
      destinationPort: scene.receiverPort,
      protocol: transport === 6 ? PROTOCOLS.tcp.index : PROTOCOLS.udp.index,
      message: `${this.#judge.label(scene.sender)} now answers on ${name}.`,
      expected: 'only the ports on which this device has answered before',
      seen: `an answer from ${name}`,
      parameters: { transport: transport === 6 ? 'TCP' : 'UDP', port },
      parameterKey: `${transport}:${port}`,
      learn: [this.#baseline.learnable(scene.sender, 0, SensorAspect.ListeningPort, transport, port)],
    });
  }

  /**
   * A server answers within a TCP conversation whose beginning was not seen: while learning, its port is as good as one that
   * was seen to accept a connection.
   */
  serves(scene: Scene, transport: number): void {
    const port = scene.senderPort;
    if (!this.#baseline.learning.on || port === 0 || port >= DYNAMIC_PORTS || scene.toGroup) return;
    this.#baseline.check(scene.sender, 0, SensorAspect.ListeningPort, transport, port);
  }

  /** A device sent to a multicast or broadcast address. @param kind EtherType or IP protocol */
  groupTraffic(scene: Scene, kind: number): void {
    if (INFRASTRUCTURE_TYPES.has(kind) || INFRASTRUCTURE_PORTS.has(scene.receiverPort)) return;
    if (this.#baseline.check(scene.sender, scene.receiver, SensorAspect.GroupTraffic, kind, scene.receiverPort)) return;
    const group = this.#inventory.nameOf(scene.receiver);
    const what = scene.receiverPort ? `${kind === 6 ? 'TCP' : 'UDP'} port ${scene.receiverPort}` : `type 0x${kind.toString(16)}`;
    this.#judge.raise(scene, {
      type: 'unauthorized-multicast-broadcast-connection',
      source: scene.sender,
      destination: scene.receiver,
      ...ports(scene),
      message: `${this.#judge.label(scene.sender)} sends to the group ${group} (${what}), which it did not do before.`,
      expected: 'only the groups this device is known to send to',
      seen: `${what} to ${group}`,
      parameters: { group, traffic: what },
      parameterKey: `${group}:${kind}:${scene.receiverPort}`,
      learn: [this.#baseline.learnable(scene.sender, scene.receiver, SensorAspect.GroupTraffic, kind, scene.receiverPort)],
    });
  }

  /** Is talking to the Internet normal for this pair? Learns it while learning. */
  internetKnown(local: number, remote: number): boolean {
    return this.#baseline.check(local, remote, SensorAspect.Internet, 0, 0);
  }

  internetLearnable(local: number, remote: number): ReturnType<Baseline['learnable']> {
    return this.#baseline.learnable(local, remote, SensorAspect.Internet, 0, 0);
  }

  /** Somebody programmed, read or configured a controller. */
  action(scene: Scene, fact: ActionFact, intern: (text: string) => number): void {
    if (fact.phase === 'refused') return;
    const source = this.#inventory.device(scene.actor);
    switch (fact.action) {
      case 'program.download':
      case 'program.delete':
        source?.roles.add('programming');
        if (!source?.programming) this.#programs(scene, fact);
        return;
      case 'program.upload': {
        source?.roles.add('programming');
        if (this.#baseline.standing(scene.actor, scene.target, SensorAspect.ProgramUpload, 0, 0) === 'known') return;
        const learn = [this.#baseline.learnable(scene.actor, scene.target, SensorAspect.ProgramUpload, 0, 0)];
        const expected = 'devices known to read the program of this controller';
        const finding = this.#finding(scene, fact, 'unauthorized-plc-program-upload', 'reads the program of', expected, learn);
        this.#raiseUnlessWaiting(scene, fact, finding, 'program-upload', learn);
        return;
      }
      case 'configuration.read': {
        if (source?.programming || this.#baseline.check(scene.actor, scene.target, SensorAspect.ConfigurationRead, 0, 0)) return;
        const learn = [this.#baseline.learnable(scene.actor, scene.target, SensorAspect.ConfigurationRead, 0, 0)];
        const expected = 'devices known to read the configuration of this controller';
        const type = 'unauthorized-plc-configuration-read';
        this.#judge.raise(scene, this.#finding(scene, fact, type, 'reads the configuration of', expected, learn));
        return;
      }
      case 'configuration.write':
      case 'time.set':
        this.#configures(scene, fact, intern);
        return;
      default:
    }
  }

  #programs(scene: Scene, fact: ActionFact): void {
    if (this.#baseline.standing(scene.actor, 0, SensorAspect.ProgrammingDevice, 0, 0) === 'known') return;
    const learn = [this.#baseline.learnable(scene.actor, 0, SensorAspect.ProgrammingDevice, 0, 0)];
    const type = 'unauthorized-plc-programming';
    const finding = this.#finding(scene, fact, type, 'programs', 'devices flagged as programming device', learn);
    if (this.#raiseUnlessWaiting(scene, fact, finding, 'program-download', [])) return;
    // What would make it an engineering station is about the device alone, whichever controller it programs.
    const message = `${this.#judge.label(scene.actor)} programs controllers: it is an engineering station, or should not do so.`;
    this.#reviewer.fate(scene, { ...finding, destination: 0, message }, 'engineering-station', learn, fact.phase === 'requested');
  }

  #configures(scene: Scene, fact: ActionFact, intern: (text: string) => number): void {
    const kind = classOf(fact.text);
    const interned = intern(kind);
    const { actor, target } = scene;
    const known =
      fact.action === 'time.set'
        ? this.#baseline.standing(actor, target, SensorAspect.ConfigurationWrite, interned, 0) === 'known'
        : this.#baseline.check(actor, target, SensorAspect.ConfigurationWrite, interned, 0);
    if (known) return;
    const learn = [this.#baseline.learnable(actor, target, SensorAspect.ConfigurationWrite, interned, 0)];
    const expected = 'configuration writes known for this pair';
    const type = 'unauthorized-plc-configuration-write';
    const finding = { ...this.#finding(scene, fact, type, 'changes the configuration of', expected, learn), parameterKey: kind };
    if (fact.action === 'time.set') this.#raiseUnlessWaiting(scene, fact, finding, 'time-set', learn);
    else this.#judge.raise(scene, finding);
  }

  /** True when it was free to be raised. */
  #raiseUnlessWaiting(scene: Scene, fact: ActionFact, finding: Finding, kind: ReviewKind, learn: readonly Learnable[]): boolean {
    const fate = this.#reviewer.fate(scene, finding, kind, learn, fact.phase === 'requested');
    if (fate !== 'waits') this.#judge.raise(scene, { ...finding, loud: fate === 'rejected' });
    return fate === 'free';
  }

  #finding(scene: Scene, fact: ActionFact, type: string, verb: string, expected: string, learn: readonly Learnable[]): Finding {
    return {
      type,
      source: scene.actor,
      destination: scene.target,
      ...ports(scene),
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.actor)} ${verb} ${this.#judge.label(scene.target)}: ${fact.text}.`,
      expected,
      seen: fact.text,
      parameters: fact.parameters ?? {},
      learn,
    };
  }

  /** A server turned a user away; one that did so while the sensor learned goes on doing so. */
  login(scene: Scene, fact: LoginFact, intern: (text: string) => number): void {
    const [client, server] = scene.toServer ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    const [clientPort, serverPort] = scene.toServer ? [scene.senderPort, scene.receiverPort] : [scene.receiverPort, scene.senderPort];
    if (fact.outcome !== 'failure') return;
    if (DATABASES.has(fact.protocol) && !this.#baseline.check(client, server, SensorAspect.DatabaseRefusal, intern(fact.user), 0))
      this.#databaseLogin(scene, fact, client, server);
    if (fact.protocol !== PROTOCOLS.ftp.index) return;
    if (this.#baseline.check(client, server, SensorAspect.RefusedSignIn, intern(fact.user), 0)) return;
    this.#judge.raise(scene, {
      type: 'ftp-login-failed',
      source: client,
      destination: server,
      sourcePort: clientPort,
      destinationPort: serverPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(server)} refused the FTP sign-in of ${this.#judge.label(client)}${fact.user && ` as ${fact.user}`}.`,
      expected: 'a sign-in that the server accepts',
      seen: 'a refusal of the user name or the password',
      parameters: { user: fact.user },
      frames: fact.userFrame && fact.userFrame < scene.frame ? [fact.userFrame, scene.frame] : [scene.frame],
      // Other names tried by the same client belong to the same alert.
    });
  }

  #databaseLogin(scene: Scene, fact: LoginFact, client: number, server: number): void {
    const frames = this.#databaseFailures.add(`${client}>${server}`, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('database-login-failed');
    this.#judge.raise(scene, {
      type: 'database-login-failed',
      source: client,
      destination: server,
      protocol: fact.protocol,
      message: `${this.#judge.label(server)} refused ${count} sign-ins of ${this.#judge.label(client)} to its database within ${windowSeconds / 60} minutes${fact.user && `, the last as ${fact.user}`}.`,
      expected: `fewer than ${count} refused sign-ins within ${windowSeconds / 60} minutes`,
      seen: `${count} refused sign-ins`,
      parameters: fact.user ? { user: fact.user } : {},
      frames,
    });
  }

  /** A device told its firmware: the first version is taken as it is, another one is a deviation. */
  firmware(scene: Scene, device: Device, fact: IdentityFact, before: string, version: number): void {
    const aspect = FIRMWARE[fact.protocol] ?? SensorAspect.Firmware;
    if (before === '' || before === fact.firmware) {
      if (this.#baseline.learning.on) this.#baseline.check(device.party, 0, aspect, version, 0);
      return;
    }
    if (this.#baseline.standing(device.party, 0, aspect, version, 0) === 'known') return;
    const learn = [this.#baseline.learnable(device.party, 0, aspect, version, 0)];
    const finding: Finding = {
      type: ASPECTS[aspect].alert,
      source: device.party,
      destination: 0,
      protocol: fact.protocol,
      message: `${this.#judge.label(device.party)} reports firmware ${fact.firmware}; it was ${before}.`,
      expected: `firmware ${before}`,
      seen: `firmware ${fact.firmware}`,
      parameters: { before, now: fact.firmware ?? '' },
      parameterKey: `${before}>${fact.firmware}`,
      learn,
    };
    const fate = this.#reviewer.fate(scene, finding, 'firmware', learn);
    if (fate !== 'waits') this.#judge.raise(scene, { ...finding, loud: fate === 'rejected' });
  }
}

/** The class of an operation: its phrase up to where details begin. Requests and answers of one operation agree in it. */
function classOf(text: string): string {
  const end = text.search(/: | \(/);
  return end < 0 ? text : text.slice(0, end);
}

function ports(scene: Scene): { sourcePort: number; destinationPort: number } {
  return scene.actor === scene.sender
    ? { sourcePort: scene.senderPort, destinationPort: scene.receiverPort }
    : { sourcePort: scene.receiverPort, destinationPort: scene.senderPort };
}
