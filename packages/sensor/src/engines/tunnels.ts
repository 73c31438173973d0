/**
 * Channels that hide in DNS and ICMP.
 *
 * A name tunnel spells its data in names below one domain, so every question has a name of its own. What counts are
 * different names below one registered domain, and the bytes that they carry there. Whoever asks the far end directly
 * leaves out the domain; then the last label is longer than any top-level domain.
 *
 * An ICMP tunnel misuses echo messages. An honest answer repeats the data of its question (RFC 792); what counts are echo
 * messages that carry an IP packet, answers with other data than was asked for, and answers to no question.
 */
import type { IcmpFact, NameFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { Judge } from './judge.ts';
import type { MalwareEngine } from './malware.ts';
import type { Scene } from './scene.ts';
import { hashOfName, RateWindow } from './window.ts';

/**
 * So many different names below one domain within ten minutes, which carry so many bytes together. Half a hundred names of
 * content delivery (12 bytes or so each) stay far below; names that carry data come to 20 bytes and more on average.
 */
const NAMES = { count: 50, bytes: 1500, windowSeconds: 600 };
const MAX_DOMAINS = 4096;
/** Names kept of one domain; a tunnel has long been told by then. */
const MAX_NAMES = 256;
/** Names of one or two labels below a domain that everybody uses: `www`, `mail`. */
const SHORTEST_CARGO = 5;
/** No top-level domain is longer (IANA's list: 24 bytes). */
const LONGEST_TOP_LEVEL = 24;

/** So many odd echo messages between two devices within five minutes; a tap that misses some questions stays below. */
const ECHOES = { count: 20, windowSeconds: 300 };
const MAX_QUESTIONS = 1 << 14;

/** Multiplier that makes one number of a party and a 32-bit hash. */
const HASHES = 2 ** 32;

/** RFC 792 and RFC 4443. */
const ECHO_REPLY = 0;
const ECHO = 8;
const ECHO_V6 = 128;
const ECHO_REPLY_V6 = 129;

interface Question {
  readonly size: number;
  readonly hash: number;
}

/** What the names below one domain carried within the window. */
class Cargo {
  readonly names = new Map<number, { readonly bytes: number; readonly seconds: number; readonly frame: number }>();
  bytes = 0;

  add(name: number, bytes: number, seconds: number, frame: number): void {
    this.#drop(name);
    this.names.set(name, { bytes, seconds, frame });
    this.bytes += bytes;
    for (const [old, one] of this.names) {
      if (one.seconds > seconds - NAMES.windowSeconds && this.names.size <= MAX_NAMES) break;
      this.#drop(old);
    }
  }

  #drop(name: number): void {
    const one = this.names.get(name);
    if (!one) return;
    this.names.delete(name);
    this.bytes -= one.bytes;
  }
}

export class TunnelDetector {
  readonly #judge: Judge;
  readonly #malware: MalwareEngine;
  /** Names by device and domain, both in the order of their last use. */
  readonly #cargo = new Map<number, Cargo>();
  readonly #echoes = new RateWindow(ECHOES);
  /** Data of echo requests by devices, identifier and sequence; and devices that ask at all, by pair. */
  readonly #questions = new Map<string, Question>();
  readonly #asking = new Map<string, number>();

  constructor(judge: Judge, malware: MalwareEngine) {
    this.#judge = judge;
    this.#malware = malware;
  }

  name(scene: Scene, fact: NameFact): void {
    if (fact.step !== 'query' || fact.protocol !== PROTOCOLS.dns.index || !this.#judge.isOn('suspicious-traffic-detected')) return;
    const name = fact.name.toLowerCase().replace(/\.$/, '');
    if (name.endsWith('.arpa')) return;
    const domain = domainOf(name, fact.domain ?? '');
    const cargo = (fact.labelBytes ?? name.length) - (domain === '' ? 0 : domain.replaceAll('.', '').length);
    if (cargo < SHORTEST_CARGO) return;
    const key = scene.sender * HASHES + hashOfName(domain);
    const carried = this.#cargo.get(key) ?? new Cargo();
    this.#cargo.delete(key);
    carried.add(hashOfName(name), cargo, scene.seconds, scene.frame);
    if (carried.names.size < NAMES.count || carried.bytes < NAMES.bytes) {
      remember(this.#cargo, key, carried, MAX_DOMAINS);
      return;
    }
    const frames = [...carried.names.values()].map((one) => one.frame).slice(-100);
    const where = domain === '' ? 'without any domain' : `below ${domain}`;
    const text = `${carried.names.size} different names ${where} with ${carried.bytes} bytes in them within ${NAMES.windowSeconds / 60} minutes, the last ${fact.name}`;
    this.#malware.tunnel(scene, scene.sender, scene.receiver, fact.protocol, text, domain, frames);
  }

  icmp(scene: Scene, fact: IcmpFact): void {
    if (fact.hash === undefined || scene.toGroup || !this.#judge.isOn('suspicious-traffic-detected')) return;
    const asks = fact.type === ECHO || fact.type === ECHO_V6;
    if (!asks && fact.type !== ECHO_REPLY && fact.type !== ECHO_REPLY_V6) return;
    const [client, server] = asks ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    const odd = asks ? this.#asked(scene, fact, client, server) : this.#answered(scene, fact, client, server);
    if (odd === '') return;
    const frames = this.#echoes.add(`${client}>${server}`, scene.seconds, scene.frame);
    if (!frames) return;
    const text = `${ECHOES.count} ICMP echo messages within ${ECHOES.windowSeconds / 60} minutes that no ping makes, the last ${odd}`;
    this.#malware.tunnel(
      scene,
      client,
      server,
      fact.type === ECHO || fact.type === ECHO_REPLY ? PROTOCOLS.icmp.index : PROTOCOLS.icmpv6.index,
      text,
      'echo',
      frames,
    );
  }

  #asked(scene: Scene, fact: IcmpFact, client: number, server: number): string {
    const pair = `${client}>${server}`;
    remember(this.#asking, pair, scene.seconds, MAX_QUESTIONS);
    remember(this.#questions, `${pair}:${fact.identifier}:${fact.sequence}`, { size: fact.size, hash: fact.hash ?? 0 }, MAX_QUESTIONS);
    return fact.carriesIp ? 'with an IP packet as its data' : '';
  }

  #answered(scene: Scene, fact: IcmpFact, client: number, server: number): string {
    if (fact.carriesIp) return 'with an IP packet as its data';
    const pair = `${client}>${server}`;
    const question = this.#questions.get(`${pair}:${fact.identifier}:${fact.sequence}`);
    // Some devices answer long questions with their beginning only.
    if (question) return question.hash !== fact.hash && fact.size >= question.size ? 'an answer with other data than its question' : '';
    const asked = this.#asking.get(pair);
    // A tap may see one direction only; then no question says nothing.
    if (asked === undefined || scene.seconds - asked > ECHOES.windowSeconds || fact.size === 0) return '';
    return 'an answer to no question';
  }
}

/** The domain that somebody registered; empty when the name ends in no possible top-level domain. */
function domainOf(name: string, registered: string): string {
  const top = name.slice(name.lastIndexOf('.') + 1);
  return top.length > LONGEST_TOP_LEVEL ? '' : registered;
}

/** Sets an entry as the youngest; the oldest goes when there are too many. */
function remember<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}
