/** A sensor under attack, and what must hold of it whatever it was fed. */
import type { Alert, Detection } from '@annunciator/core/alert';
import { AlertBook } from '@annunciator/core/alert-book';
import { findAlertType } from '@annunciator/core/catalogue';
import { Packet } from '@annunciator/packet/packet';
import type { Dissector } from '@annunciator/protocols/dissector';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import type { Facts } from '@annunciator/protocols/facts';
import { analysisDocument } from '@annunciator/sensor/analysis/document';
import { Sensor } from '@annunciator/sensor/sensor';
import type { FuzzFrame } from './traffic.ts';

/** Calls of dissectors and facts that a packet may cause beyond those its bytes account for. */
const FREE_CALLS = 1024;
/** Facts that a byte may cause: a list of short references has a fact and a use for each byte or two. */
const FACTS_A_BYTE = 8;
/** The ordering keeps so much; what a single packet adds beyond the bound. */
const HELD_LIMIT = (64 << 20) + (1 << 20);

/** Words that a text has when a value was missing; BACnet has a reason of its own with one of them. */
export const NONSENSE = /\bundefined\b(?! enumeration)|\bNaN\b|\bInfinity\b|\[object /;

/** Something that must hold did not. */
export class Violated extends Error {}

export function hold(condition: boolean, what: () => string): void {
  if (!condition) throw new Violated(what());
}

/** A dissector that is held to its contract and counted. */
function watched(dissector: Dissector, work: PathCheck): Dissector {
  const { stream, datagram } = dissector;
  const made: Dissector = Object.create(dissector);
  if (stream) {
    made.stream = (facts: Facts, bytes: Uint8Array, start: number, end: number): number => {
      hold(
        start < end && start >= 0 && end <= bytes.length,
        () => `${dissector.protocol.id} was given ${start} to ${end} of ${bytes.length} bytes`,
      );
      const next = stream.call(dissector, facts, bytes, start, end);
      hold(
        next === -1 || (next >= start && next <= end && Number.isInteger(next)),
        () => `${dissector.protocol.id} returned ${next} for bytes ${start} to ${end}`,
      );
      work.calls++;
      work.consumed += next < 0 ? end - start : next - start;
      return next;
    };
  }
  if (datagram) {
    made.datagram = (facts: Facts, bytes: Uint8Array, start: number, end: number): void => {
      hold(
        start <= end && start >= 0 && end <= bytes.length,
        () => `${dissector.protocol.id} was given ${start} to ${end} of ${bytes.length} bytes`,
      );
      work.calls++;
      work.consumed += end - start;
      datagram.call(dissector, facts, bytes, start, end);
    };
  }
  return made;
}

export class PathCheck {
  readonly sensor: Sensor;
  /** Of the packet under the cursor: dissector calls, bytes they used, facts they told. */
  calls = 0;
  consumed = 0;
  facts = 0;
  /** Most dissector calls and facts of one packet so far. */
  mostCalls = 0;
  mostFacts = 0;
  packets = 0;
  readonly #packet = new Packet();
  readonly #book = new AlertBook({ enabled: () => true });
  readonly #alerts = new Map<string, Alert>();
  #milliseconds = 1_780_000_000_000;

  constructor(learning: boolean) {
    this.sensor = new Sensor({
      report: (detection) => this.#report(detection),
      event: () => undefined,
      learning,
      fields: true,
      dissectors: DISSECTORS.map((dissector) => watched(dissector, this)),
    });
    const { observer } = this.sensor;
    const message = observer.message.bind(observer);
    observer.message = (protocol, code, role) => {
      this.facts++;
      hold(Number.isInteger(code) && protocol > 0, () => `message ${protocol} with code ${code}`);
      message(protocol, code, role);
    };
    const use = observer.use.bind(observer);
    observer.use = (aspect, a, b) => {
      this.facts++;
      hold(a === (a | 0) && b === (b | 0), () => `use of aspect ${aspect} with ${a} and ${b}, which are no int32`);
      use(aspect, a, b);
    };
    const useRange = observer.useRange.bind(observer);
    observer.useRange = (aspect, key, first, count) => {
      this.facts++;
      hold(
        key === (key | 0) && first === (first | 0) && count === (count | 0),
        () => `range of aspect ${aspect} with ${key}, ${first}, ${count}`,
      );
      useRange(aspect, key, first, count);
    };
    const tell = observer.tell.bind(observer);
    observer.tell = (fact) => {
      this.facts++;
      tell(fact);
    };
  }

  #report(detection: Detection): void {
    const { frames } = detection;
    hold(findAlertType(detection.type) !== undefined, () => `no alert type ${detection.type}`);
    hold(
      frames.every((frame, i) => frame >= 1 && frame <= this.packets && (i === 0 || frame >= frames[i - 1])),
      () => `${detection.type} names frames ${frames.join(', ')} at frame ${this.packets}`,
    );
    for (const text of [detection.message, detection.expected, detection.seen])
      hold(!NONSENSE.test(text), () => `${detection.type} says "${text}"`);
    const applied = this.#book.apply(detection);
    if (applied.alert) this.#alerts.set(applied.alert.id, applied.alert);
    for (const { alert } of applied.closed) this.#alerts.set(alert.id, alert);
  }

  take(frame: FuzzFrame): void {
    const packet = this.#packet;
    this.#milliseconds += frame.wait;
    packet.bytes = frame.bytes;
    packet.start = 0;
    packet.end = frame.bytes.length;
    packet.wireLength = frame.wireLength;
    packet.linkType = frame.linkType;
    packet.seconds = Math.floor(this.#milliseconds / 1000);
    packet.nanoseconds = (this.#milliseconds % 1000) * 1e6;
    packet.frame = ++this.packets;
    this.calls = 0;
    this.consumed = 0;
    this.facts = 0;
    this.sensor.take(packet);
    const { calls, consumed, facts } = this;
    hold(calls <= consumed + FREE_CALLS, () => `${calls} steps of dissectors for ${consumed} bytes`);
    hold(facts <= FACTS_A_BYTE * consumed + FREE_CALLS, () => `${facts} facts for ${consumed} bytes`);
    if (calls > this.mostCalls) this.mostCalls = calls;
    if (facts > this.mostFacts) this.mostFacts = facts;
  }

  /** What holds at any time. */
  checkBounds(): void {
    const { order, decoder, flows } = this.sensor.path;
    hold(order.heldBytes >= 0 && order.heldBytes <= HELD_LIMIT, () => `the TCP ordering holds ${order.heldBytes} bytes`);
    hold(decoder.fragments.pending <= 1024, () => `${decoder.fragments.pending} unfinished datagrams`);
    hold(flows.size <= 1 << 18 && flows.size >= 0, () => `${flows.size} flows`);
  }

  /** Ends the capture; the document must be whole and make sense. */
  finish(): void {
    this.checkBounds();
    this.sensor.finish();
    hold(this.sensor.path.order.heldBytes === 0, () => `the TCP ordering still holds ${this.sensor.path.order.heldBytes} bytes at the end`);
    const time = this.#milliseconds;
    const document = analysisDocument(
      {
        sensor: this.sensor,
        summary: {
          files: [],
          formats: [],
          linkTypes: [],
          packets: this.packets,
          bytes: 0,
          firstTime: null,
          lastTime: null,
          decimals: 6,
          truncated: false,
          damages: [],
          skipped: {},
        },
        alerts: [...this.#alerts.values()],
        events: [],
        seconds: 1,
      },
      true,
    );
    hold(time > 0, () => 'time ran backwards');
    checkNumbers(document, 'document');
    for (const [id, protocol] of Object.entries(document.protocols))
      hold(protocol.packets <= this.packets, () => `${id} has ${protocol.packets} of ${this.packets} packets`);
    for (const alert of document.alerts)
      hold(
        alert.count >= 1 &&
          alert.frames.every((frame) => frame >= 1 && frame <= this.packets) &&
          alert.firstDetection <= alert.lastDetection,
        () => `alert ${JSON.stringify(alert)}`,
      );
    hold(JSON.stringify(document).length < 1 << 28, () => 'the document has more than 256 MiB');
  }
}

/** Every number of a document is finite and not negative. */
function checkNumbers(value: unknown, where: string): void {
  if (typeof value === 'number') hold(Number.isFinite(value) && (value >= 0 || /parameters/.test(where)), () => `${where} is ${value}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, part] of Object.entries(value)) {
      hold(part !== undefined, () => `${where}.${key} is undefined`);
      checkNumbers(part, `${where}.${key}`);
    }
}
