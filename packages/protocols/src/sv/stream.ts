/**
 * What is remembered of one stream of sampled values: its settings as bytes and numbers, so that the next of 4000 frames
 * a second is compared without making texts. At most `MOST_STREAMS` per pair of MAC addresses.
 */
import { text } from '@annunciator/packet/bytes';
import { same } from '../ber/tlv.ts';
import type { Facts } from '../facts.ts';
import { Field, RATE_NAMES, SYNCH_NAMES } from './names.ts';
import type { Asdu } from './parse.ts';

export const MOST_STREAMS = 64;
const LONGEST_NAME = 129;
const UNSEEN = -2;

export class SvStream {
  readonly id: Uint8Array;
  readonly idText: string;
  /** Interned svID. */
  readonly name: number;
  dataSet = new Uint8Array(0);
  asdus = UNSEEN;
  sampleBytes = UNSEEN;
  appid = UNSEEN;
  vlan = UNSEEN;
  rate = UNSEEN;
  mode = UNSEEN;
  confRev = UNSEEN;
  synch = UNSEEN;
  /** Interned settings. */
  identity = 0;
  revision = 0;
  synchronisation = 0;

  constructor(facts: Facts, bytes: Uint8Array, start: number, end: number) {
    this.id = bytes.slice(start, end);
    this.idText = text(bytes, start, end, LONGEST_NAME);
    this.name = facts.intern(this.idText);
  }

  /** Takes over data set, number of ASDUs and sample length. True when one is another than before, the first included. */
  takeDataSet(bytes: Uint8Array, asdu: Asdu, asdus: number): boolean {
    const start = asdu.starts[Field.datSet];
    const end = asdu.ends[Field.datSet];
    if (asdus === this.asdus && asdu.sampleBytes === this.sampleBytes && same(bytes, start, end, this.dataSet)) return false;
    this.dataSet = bytes.slice(start, end);
    this.asdus = asdus;
    this.sampleBytes = asdu.sampleBytes;
    return true;
  }

  /** Takes over APPID, VLAN, rate, revision and synchronisation, interning what is new. True when something was. */
  takeSettings(facts: Facts, bytes: Uint8Array, asdu: Asdu, appid: number): boolean {
    const rate = asdu.value(bytes, Field.smpRate);
    const mode = asdu.value(bytes, Field.smpMod);
    const confRev = asdu.value(bytes, Field.confRev);
    const synch = asdu.value(bytes, Field.smpSynch);
    let changed = false;
    const { vlan } = facts;
    if (appid !== this.appid || vlan !== this.vlan || rate !== this.rate || mode !== this.mode) {
      this.appid = appid;
      this.vlan = vlan;
      this.rate = rate;
      this.mode = mode;
      const unit = RATE_NAMES[Math.max(mode, 0)] ?? `in mode ${mode}`;
      const where = vlan < 0 ? '' : `, VLAN ${vlan}`;
      this.identity = facts.intern(`APPID 0x${appid.toString(16).padStart(4, '0')}${where}${rate < 0 ? '' : `, ${rate} ${unit}`}`);
      changed = true;
    }
    if (confRev !== this.confRev) {
      this.confRev = confRev;
      this.revision = facts.intern(`confRev ${confRev}`);
      changed = true;
    }
    if (synch !== this.synch) {
      this.synch = synch;
      this.synchronisation = facts.intern(`smpSynch ${synch < 0 ? 'absent' : (SYNCH_NAMES[synch] ?? synch)}`);
      changed = true;
    }
    return changed;
  }
}

/** The streams of one pair of MAC addresses. */
export class SvFlow {
  readonly #streams: SvStream[] = [];
  #last = 0;

  /** The stream with the svID `bytes[start, end)`; made when it is new, undefined when there are too many. */
  find(facts: Facts, bytes: Uint8Array, start: number, end: number): SvStream | undefined {
    const streams = this.#streams;
    if (this.#last < streams.length && same(bytes, start, end, streams[this.#last].id)) return streams[this.#last];
    for (let at = 0; at < streams.length; at++) {
      if (!same(bytes, start, end, streams[at].id)) continue;
      this.#last = at;
      return streams[at];
    }
    if (streams.length >= MOST_STREAMS) return undefined;
    const stream = new SvStream(facts, bytes, start, end);
    this.#last = streams.push(stream) - 1;
    return stream;
  }
}
