/**
 * Operational events: stop, reset and mode commands, failed operations, lost devices. They need no
 * baseline: whoever does it, somebody in the plant wants to know.
 */
import type { ActionFact, ConditionFact, FailureFact, IndicationFact, LeaseFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Device } from '../inventory/device.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { RateWindow } from './window.ts';
import { indicationsText } from './wording.ts';

/** IEEE 1815 internal indications with an alert of their own: bit number, alert, what it says. */
const INDICATIONS: readonly (readonly [number, string, string, boolean])[] = [
  // bit, alert, text, only when it rises
  [7, 'outstation-restarted', 'IIN1.7, device restart', true],
  [11, 'event-buffer-overflow-in-outstation', 'IIN2.3, event buffer overflow', true],
  [13, 'outstations-corrupted-configuration-detected', 'IIN2.5, configuration corrupt', false],
  [6, 'suspicion-of-hardware-problems-in-outstation', 'IIN1.6, device trouble', false],
];

const MAX_OUTSTATIONS = 1 << 14;

const ALERT_OF_CONDITION: Readonly<Record<ConditionFact['name'], string>> = {
  'mms.vmd-status': 'bad-mms-device-state',
  'goose.needs-commissioning': 'goose-control-block-requires-further-configuration',
  'opcua.event': 'opc-ua-server-raised-an-event-that-requires-users-attention',
};

/** Protocols whose changed configuration has an alert of its own. GOOSE and SV tell of streams, not of devices. */
const ALERTS_OF_CONFIGURATION: Readonly<Record<number, readonly string[]>> = {
  [PROTOCOLS.dnp3.index]: ['outstations-configuration-changed', 'change-of-device-configuration'],
  [PROTOCOLS.goose.index]: ['goose-dataset-configuration-was-changed'],
  [PROTOCOLS.sv.index]: ['sampled-values-message-dataset-configuration-was-changed'],
};

/** Protocols whose stop command has an alert of its own. */
const STOPS: Readonly<Record<number, string>> = {
  [PROTOCOLS.s7comm.index]: 'an-s7-stop-plc-command-was-sent',
  [PROTOCOLS.s7commPlus.index]: 'an-s7-stop-plc-command-was-sent',
  [PROTOCOLS.srtp.index]: 'ge-srtp-stop-plc-command-was-sent',
};

export class OperationalEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #restarts: RateWindow;
  readonly #overflows: RateWindow;
  readonly #excessiveRestarts: RateWindow;
  readonly #restartRequests: RateWindow;
  readonly #stops: RateWindow;
  readonly #leases: RateWindow;
  /** Last indications per outstation, to see bits rise. */
  readonly #indications = new Map<string, number>();

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#restarts = new RateWindow(judge.threshold('outstation-restarts-frequently'));
    this.#overflows = new RateWindow(judge.threshold('continuous-event-buffer-overflow-at-outstation'));
    this.#excessiveRestarts = new RateWindow(judge.threshold('excessive-restart-rate-of-an-outstation'));
    this.#restartRequests = new RateWindow(judge.threshold('excessive-restart-rate-of-an-outstation'));
    this.#stops = new RateWindow(judge.threshold('abnormal-termination-of-applications'));
    this.#leases = new RateWindow(judge.threshold('device-failed-to-receive-a-dynamic-ip-address'));
  }

  action(scene: Scene, fact: ActionFact): void {
    if (fact.phase === 'refused') return;
    const dnp3 = fact.protocol === PROTOCOLS.dnp3.index;
    switch (fact.action) {
      case 'controller.stop':
      case 'application.stop':
        if (fact.phase === 'requested') {
          this.#command(scene, fact, STOPS[fact.protocol] ?? 'controller-stop', 'ordered a stop of');
          this.#countStop(scene, fact);
        }
        return;
      case 'controller.reset':
        if (fact.phase === 'accepted' && isCip(fact.protocol)) this.#command(scene, fact, 'controller-reset', 'reset');
        return;
      case 'configuration.activate':
        if (fact.phase !== 'accepted') return;
        this.#command(
          scene,
          fact,
          dnp3 ? 'outstations-configuration-changed' : 'change-of-device-configuration',
          'activated a new configuration of',
        );
        return;
      case 'device.factory-reset':
        if (fact.phase === 'requested' && fact.protocol === PROTOCOLS.profinetDcp.index)
          this.#command(scene, fact, 'profinet-device-factory-reset', 'reset to factory settings');
        return;
      case 'outstation.restart':
        if (fact.phase !== 'requested' || !dnp3) return;
        this.#command(scene, fact, 'outstation-restarted', 'ordered a restart of');
        this.#countRestart(scene, 'excessive-restart-rate-of-an-outstation', this.#restartRequests, `${scene.target}`, fact.text);
        return;
      default:
    }
  }

  #command(scene: Scene, fact: ActionFact, type: string, verb: string): void {
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: scene.target,
      sourcePort: scene.actor === scene.sender ? scene.senderPort : scene.receiverPort,
      destinationPort: scene.actor === scene.sender ? scene.receiverPort : scene.senderPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.actor)} ${verb} ${this.#judge.label(scene.target)}: ${fact.text}.`,
      expected: 'no such command outside planned work',
      seen: fact.text,
      parameters: fact.parameters ?? {},
      parameterKey: fact.text,
    });
  }

  #countStop(scene: Scene, fact: ActionFact): void {
    const frames = this.#stops.add(`${scene.target}`, scene.seconds, scene.frame);
    if (!frames || this.#baseline.knows(scene.actor, scene.target, SensorAspect.ApplicationStops, 0, 0)) return;
    const { count, windowSeconds } = this.#judge.threshold('abnormal-termination-of-applications');
    this.#judge.raise(scene, {
      type: 'abnormal-termination-of-applications',
      source: scene.actor,
      destination: scene.target,
      protocol: fact.protocol,
      message: `${count} stop commands reached ${this.#judge.label(scene.target)} within ${windowSeconds / 3600} hours, the last from ${this.#judge.label(scene.actor)}.`,
      expected: `fewer than ${count} stop commands to one device`,
      seen: `${count} stop commands`,
      learn: [this.#baseline.learnable(scene.actor, scene.target, SensorAspect.ApplicationStops, 0, 0)],
      frames,
    });
  }

  indication(scene: Scene, fact: IndicationFact): void {
    const key = `${scene.sender}:${fact.outstation}`;
    const before = this.#indications.get(key) ?? 0;
    if (this.#indications.size < MAX_OUTSTATIONS || this.#indications.has(key)) this.#indications.set(key, fact.bits);
    for (const [bit, type, text, rising] of INDICATIONS) {
      const mask = 1 << bit;
      if ((fact.bits & mask) === 0) continue;
      const rose = (before & mask) === 0;
      if (bit === 11) this.#countOverflow(scene, key, fact);
      if (rising && !rose) continue;
      if (bit === 7) {
        this.#countRestart(scene, 'outstation-restarts-frequently', this.#restarts, key, text);
        this.#countRestart(scene, 'excessive-restart-rate-of-an-outstation', this.#excessiveRestarts, key, text);
      }
      this.#judge.raise(scene, {
        type,
        source: scene.sender,
        destination: 0,
        protocol: PROTOCOLS.dnp3.index,
        message: `Outstation ${this.#judge.label(scene.sender)} (address ${fact.outstation}) reports ${text}.`,
        expected: 'a response without this indication',
        seen: text,
        parameters: { outstation: fact.outstation, indications: indicationsText(fact.bits) },
        parameterKey: `${fact.outstation}`,
      });
    }
  }

  /** Requests and indications count apart: one restart shows as both. */
  #countRestart(scene: Scene, type: string, window: RateWindow, key: string, text: string): void {
    const frames = window.add(key, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold(type);
    // A request is told by the master, an indication by the outstation itself.
    const outstation = window === this.#restartRequests ? scene.target : scene.sender;
    this.#judge.raise(scene, {
      type,
      source: outstation,
      destination: 0,
      protocol: PROTOCOLS.dnp3.index,
      message: `Outstation ${this.#judge.label(outstation)} was restarted ${count} times within ${windowSeconds / 60} minutes.`,
      expected: `fewer than ${count} restarts`,
      seen: `${count} restarts, the last: ${text}`,
      parameterKey: key,
      frames,
    });
  }

  #countOverflow(scene: Scene, key: string, fact: IndicationFact): void {
    const frames = this.#overflows.add(key, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('continuous-event-buffer-overflow-at-outstation');
    this.#judge.raise(scene, {
      type: 'continuous-event-buffer-overflow-at-outstation',
      source: scene.sender,
      destination: 0,
      protocol: PROTOCOLS.dnp3.index,
      message: `Outstation ${this.#judge.label(scene.sender)} (address ${fact.outstation}) reported an event buffer overflow ${count} times within ${windowSeconds / 60} minutes.`,
      expected: 'events fetched before the buffer is full',
      seen: 'IIN2.3, event buffer overflow',
      frames,
    });
  }

  failure(scene: Scene, fact: FailureFact): void {
    const type = failureAlert(fact);
    if (!type) return;
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: scene.target,
      sourcePort: scene.actor === scene.sender ? scene.senderPort : scene.receiverPort,
      destinationPort: scene.actor === scene.sender ? scene.receiverPort : scene.senderPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.target)} did not do what ${this.#judge.label(scene.actor)} asked: ${fact.text}.`,
      expected: 'a positive answer',
      seen: fact.text,
      parameters: { code: fact.code, operation: fact.operation, ...fact.parameters },
      parameterKey: `${fact.name}:${fact.operation}:${fact.code}`,
    });
  }

  /** A device or stream says that it is not as it should be. */
  condition(scene: Scene, fact: ConditionFact): void {
    this.#judge.raise(scene, {
      type: ALERT_OF_CONDITION[fact.name],
      source: scene.sender,
      destination: 0,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.sender)} reports: ${fact.text}.`,
      expected: 'a device that is commissioned and works',
      seen: fact.text,
      parameters: fact.parameters ?? {},
      parameterKey: fact.text,
    });
  }

  lease(scene: Scene, fact: LeaseFact): void {
    const client = fact.clientMac;
    if (fact.step === 'offer' || fact.step === 'ack') {
      this.#leases.forget(client);
      return;
    }
    const { count } = this.#judge.threshold('device-failed-to-receive-a-dynamic-ip-address');
    const party = this.#judge.inventory.macText(client);
    if (fact.step === 'nak') {
      this.#noLease(scene, party, 'the server refused the address (DHCP NAK)', [scene.frame]);
      return;
    }
    if (fact.step !== 'discover' && fact.step !== 'request') return;
    const frames = this.#leases.add(client, scene.seconds, scene.frame);
    if (frames) this.#noLease(scene, party, `${count} DHCP requests without an answer`, frames);
  }

  #noLease(scene: Scene, party: number, seen: string, frames: readonly number[]): void {
    this.#judge.raise(scene, {
      type: 'device-failed-to-receive-a-dynamic-ip-address',
      source: party,
      destination: 0,
      protocol: PROTOCOLS.dhcp.index,
      message: `${this.#judge.label(party)} got no IP address: ${seen}.`,
      expected: 'an offer and an acknowledgement from a DHCP server',
      seen,
      frames,
    });
  }

  /** A controller's mode, or the position of its key switch, differs from the last one. */
  modeChanged(scene: Scene, device: Device, what: 'operating mode' | 'key switch', before: string, now: string, protocol: number): void {
    this.#judge.raise(scene, {
      type: 'plc-operating-mode-changed',
      source: device.party,
      destination: 0,
      protocol,
      message: `${this.#judge.label(device.party)} changed its ${what} from ${before} to ${now}.`,
      expected: `${what} ${before}`,
      seen: `${what} ${now}`,
      parameters: { what, before, now },
      parameterKey: `${what}:${before}>${now}`,
    });
  }

  /** A device tells another revision of its configuration than before. */
  configurationChanged(scene: Scene, device: Device, what: string, before: string, now: string, protocol: number): void {
    for (const type of ALERTS_OF_CONFIGURATION[protocol] ?? ['change-of-device-configuration']) {
      this.#judge.raise(scene, {
        type,
        source: device.party,
        destination: 0,
        protocol,
        message: `${this.#judge.label(device.party)} reports another configuration: ${what} was ${before} and is ${now}.`,
        expected: `${what} ${before}`,
        seen: `${what} ${now}`,
        parameters: { what, before, now },
        parameterKey: `${what}:${before}>${now}`,
      });
    }
  }

  /** An IP packet whose address cannot be right. */
  illegalAddress(scene: Scene, address: string, why: string): void {
    this.#judge.raise(scene, {
      type: 'illegal-ip-address',
      source: scene.sender,
      destination: scene.receiver,
      protocol: PROTOCOLS.ip.index,
      message: `A packet carries the address ${address}, ${why}.`,
      expected: 'addresses that a host may use',
      seen: address,
      parameters: { address },
      parameterKey: address,
    });
  }
}

function isCip(protocol: number): boolean {
  return protocol === PROTOCOLS.cip.index || protocol === PROTOCOLS.enip.index || protocol === PROTOCOLS.pccc.index;
}

function failureAlert(fact: FailureFact): string | undefined {
  switch (fact.name) {
    case 'bacnet.error':
    case 'bacnet.reject':
    case 'bacnet.abort':
      return 'bacnet-operation-failed';
    case 'cip.status':
      return 'ethernet-ip-cip-service-request-failed';
    case 'enip.status':
      return 'ethernet-ip-encapsulation-protocol-command-failed';
    case 'dnp3.authentication':
      return 'master-slave-authentication-error';
    case 'mms.error':
      return 'mms-service-request-failed';
    case 'opcua.status':
      return 'opc-ua-service-request-failed';
    case 'profinet-dcp.block-error':
      return 'profinet-dcp-command-failed';
    case 'dcerpc.fault':
      return 'rpc-operation-failed';
    case 'srtp.status':
      return 'ge-srtp-command-failure';
    case 'http.status':
      return fact.code >= 400 && fact.code < 500 && fact.code !== 401 && fact.code !== 407 ? 'http-client-error' : undefined;
    default:
      return undefined;
  }
}
