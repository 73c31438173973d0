/**
 * What is remembered of one GOOSE message that a publisher repeats: its settings as bytes, so that the next frame is
 * compared without making texts. At most `MOST_STREAMS` per pair of MAC addresses.
 */
import { text } from '@annunciator/packet/bytes';
import { same } from '../ber/tlv.ts';
import type { Facts } from '../facts.ts';
import { Field } from './names.ts';
import type { GoosePdu } from './parse.ts';

export const MOST_STREAMS = 64;
const LONGEST_NAME = 129;

export class GooseStream {
  readonly reference: Uint8Array;
  readonly referenceText: string;
  /** Interned reference. */
  readonly name: number;
  dataSet = new Uint8Array(0);
  entries = -1;
  goId = new Uint8Array(0);
  appid = -1;
  vlan = -2;
  simulated = false;
  confRev = -1;
  timeAllowedToLive = -1;
  stNum = -1;
  needsCommissioning = false;
  /** Interned settings; `revision` is -1 while the configuration revision came with another data set. */
  identity = 0;
  revision = 0;
  life = 0;

  constructor(facts: Facts, bytes: Uint8Array, start: number, end: number) {
    this.reference = bytes.slice(start, end);
    this.referenceText = text(bytes, start, end, LONGEST_NAME);
    this.name = facts.intern(this.referenceText);
  }

  /** Takes over the data set of the PDU. True when it is another one than before, the first included. */
  takeDataSet(bytes: Uint8Array, pdu: GoosePdu): boolean {
    const start = pdu.starts[Field.datSet];
    const end = pdu.ends[Field.datSet];
    const entries = pdu.unsigned(bytes, Field.numDatSetEntries);
    if (entries === this.entries && same(bytes, start, end, this.dataSet)) return false;
    this.dataSet = bytes.slice(start, end);
    this.entries = entries;
    return true;
  }

  /** Takes over goID, APPID, VLAN, revision and life of the PDU, interning what is new. */
  takeSettings(facts: Facts, bytes: Uint8Array, pdu: GoosePdu, appid: number, simulated: boolean, withDataSet: boolean): void {
    const start = pdu.starts[Field.goID];
    const end = pdu.ends[Field.goID];
    const { vlan } = facts;
    if (appid !== this.appid || vlan !== this.vlan || simulated !== this.simulated || !same(bytes, start, end, this.goId)) {
      this.appid = appid;
      this.vlan = vlan;
      this.simulated = simulated;
      this.goId = bytes.slice(start, end);
      const where = vlan < 0 ? '' : `, VLAN ${vlan}`;
      const name = text(bytes, start, end, LONGEST_NAME);
      this.identity = facts.intern(`goID ${name}, APPID 0x${appid.toString(16).padStart(4, '0')}${where}${simulated ? ', simulated' : ''}`);
    }
    const confRev = pdu.unsigned(bytes, Field.confRev);
    if (confRev !== this.confRev) {
      const first = this.confRev < 0;
      this.confRev = confRev;
      this.revision = withDataSet && !first ? -1 : facts.intern(`confRev ${confRev}`);
    }
    const life = pdu.unsigned(bytes, Field.timeAllowedtoLive);
    if (life !== this.timeAllowedToLive) {
      this.timeAllowedToLive = life;
      this.life = facts.intern(`timeAllowedtoLive ${life} ms`);
    }
  }
}

/** The streams of one pair of MAC addresses. */
export class GooseFlow {
  readonly #streams: GooseStream[] = [];
  #last = 0;

  /** The stream of the control block reference `bytes[start, end)`; made when it is new, undefined when there are too many. */
  find(facts: Facts, bytes: Uint8Array, start: number, end: number): GooseStream | undefined {
    const streams = this.#streams;
    if (this.#last < streams.length && same(bytes, start, end, streams[this.#last].reference)) return streams[this.#last];
    for (let at = 0; at < streams.length; at++) {
      if (!same(bytes, start, end, streams[at].reference)) continue;
      this.#last = at;
      return streams[at];
    }
    if (streams.length >= MOST_STREAMS) return undefined;
    const stream = new GooseStream(facts, bytes, start, end);
    this.#last = streams.push(stream) - 1;
    return stream;
  }
}
