/**
 * Protocol violations: messages that break their protocol, and answers that say so. The table maps what dissectors call a
 * violation to the alert type; what is only malformed counts towards the session's limit.
 */
import type { FailureFact, IndicationFact, ViolationFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { RateWindow } from './window.ts';
import { indicationsText } from './wording.ts';
import { ALERT_OF_OUTSTATION_VIOLATION, ALERT_OF_VIOLATION } from './violation-table.ts';

/** Modbus application protocol 1.1b3, clause 7: exception codes with an alert of their own. */
const MODBUS_EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'slave-device-received-illegal-function-code',
  2: 'slave-device-received-illegal-data-address-parameter',
  3: 'slave-device-received-illegal-data-value-parameter',
  4: 'slave-device-unrecoverable-failure',
};

/** IEC 60870-5-101, 7.2.3: causes of transmission that refuse. */
const IEC104_CAUSES: Readonly<Record<number, string>> = {
  44: 'slave-device-received-illegal-asdu-type',
  45: 'slave-device-received-illegal-command-cause-of-transmission',
  46: 'slave-device-received-illegal-common-address',
  47: 'slave-device-received-illegal-information-object-address',
};

/** IEEE 1815, 4.2.2.1.. internal indications that name a fault of the request (bit number, alert, what it says). */
const INDICATIONS: readonly (readonly [number, string, string])[] = [
  [8, 'function-code-not-supported-by-outstation', 'IIN2.0, function code not supported'],
  [9, 'unknown-object-sent-to-outstation', 'IIN2.1, object unknown'],
  [10, 'incorrect-parameter-sent-to-outstation', 'IIN2.2, parameter error'],
  [14, 'usage-of-reserved-status-flags-iin', 'IIN2.6, reserved'],
  [15, 'usage-of-reserved-status-flags-iin', 'IIN2.7, reserved'],
];

/** IIN2.2 is the last bit that refuses a request. */
const REFUSALS = 10;

export class ProtocolViolationEngine {
  readonly #judge: Judge;
  readonly #malformed: RateWindow;

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#malformed = new RateWindow(judge.threshold('excessive-malformed-packets-in-a-single-session'));
  }

  violation(scene: Scene, fact: ViolationFact): void {
    const protocol = PROTOCOL_BY_INDEX[fact.protocol]?.name ?? 'protocol';
    // Who answers, or speaks unasked as the side that was called, is the outstation.
    const outstation = fact.protocol === PROTOCOLS.dnp3.index && (!scene.toServer || scene.actor !== scene.sender);
    const types = ALERT_OF_VIOLATION[fact.name] ?? [];
    const ofOutstation = outstation ? ALERT_OF_OUTSTATION_VIOLATION[fact.name] : undefined;
    for (const type of ofOutstation ? [...types, ...ofOutstation] : types) {
      this.#judge.raise(scene, {
        type,
        source: scene.sender,
        destination: scene.receiver,
        sourcePort: scene.senderPort,
        destinationPort: scene.receiverPort,
        protocol: fact.protocol,
        message: `${this.#judge.label(scene.sender)} sent ${this.#judge.label(scene.receiver)} a ${protocol} message that breaks the protocol: ${fact.text}.`,
        expected: `a message as the ${protocol} specification allows`,
        seen: fact.text,
        parameters: { violation: fact.name, ...fact.parameters },
        parameterKey: fact.name,
      });
    }
    if (fact.malformed) this.#countMalformed(scene, fact, protocol);
  }

  #countMalformed(scene: Scene, fact: ViolationFact, protocol: string): void {
    // A session is what a client has with one service: an attacker opens a connection for each attempt.
    const [client, server] = scene.toServer ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    const port = scene.toServer ? scene.receiverPort : scene.senderPort;
    const frames = this.#malformed.add(`${client}>${server}:${port}`, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('excessive-malformed-packets-in-a-single-session');
    this.#judge.raise(scene, {
      type: 'excessive-malformed-packets-in-a-single-session',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol: fact.protocol,
      message: `${count} malformed ${protocol} messages between ${this.#judge.label(scene.sender)} and ${this.#judge.label(scene.receiver)} within ${windowSeconds / 60} minutes; the last: ${fact.text}.`,
      expected: `fewer than ${count} malformed messages in one session`,
      seen: fact.text,
      parameters: { violation: fact.name },
      frames,
    });
  }

  failure(scene: Scene, fact: FailureFact): void {
    if (fact.name === 'modbus.exception') this.#modbusException(scene, fact);
    else if (fact.name === 'iec104.cause') this.#answer(scene, fact, IEC104_CAUSES[fact.code]);
  }

  #modbusException(scene: Scene, fact: FailureFact): void {
    const specific = MODBUS_EXCEPTIONS[fact.code];
    const type = specific && this.#judge.isOn(specific) ? specific : 'modbus-exception';
    this.#answer(scene, fact, type);
  }

  #answer(scene: Scene, fact: FailureFact, type: string | undefined): void {
    if (!type) return;
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: scene.target,
      sourcePort: scene.receiverPort,
      destinationPort: scene.senderPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.target)} refused a request of ${this.#judge.label(scene.actor)}: ${fact.text}.`,
      expected: 'requests the device can serve',
      seen: fact.text,
      parameters: { code: fact.code, operation: fact.operation, ...fact.parameters },
      // Whatever was asked for, the same refusal to the same client is one alert: a client that tries all functions gets one.
      parameterKey: `${fact.code}`,
    });
  }

  indication(scene: Scene, fact: IndicationFact): void {
    for (const [bit, type, text] of INDICATIONS) {
      if ((fact.bits & (1 << bit)) === 0) continue;
      // A refusal is about the master's request; a reserved bit is the outstation's own fault.
      const refusal = bit <= REFUSALS;
      this.#judge.raise(scene, {
        type,
        source: refusal ? scene.receiver : scene.sender,
        destination: refusal ? scene.sender : scene.receiver,
        protocol: PROTOCOLS.dnp3.index,
        message: `Outstation ${this.#judge.label(scene.sender)} (address ${fact.outstation}) answered with ${text}.`,
        expected: 'a response without this indication',
        seen: text,
        parameters: { outstation: fact.outstation, indications: indicationsText(fact.bits) },
        parameterKey: `${fact.outstation}:${bit}`,
      });
    }
  }

  /** Somebody tries to connect to port 0, or from it. */
  portZero(scene: Scene, protocol: number): void {
    this.#judge.raise(scene, {
      type: 'illegal-connection-attempt-on-port-0',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol,
      message: `${this.#judge.label(scene.sender)} tried to reach ${this.#judge.label(scene.receiver)} with port 0.`,
      expected: 'ports 1 to 65535',
      seen: `port ${scene.senderPort} to port ${scene.receiverPort}`,
    });
  }

  action(scene: Scene, type: string, text: string, protocol: number): void {
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: scene.target,
      protocol,
      message: `${this.#judge.label(scene.actor)} transfers firmware to ${this.#judge.label(scene.target)}: ${text}.`,
      expected: 'firmware changes only in an agreed maintenance window',
      seen: text,
    });
  }
}
