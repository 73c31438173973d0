/**
 * What TLS and SSH showed in clear, by connection: fingerprints of the programs, certificates. Bounded: so many connections,
 * and so many different ones of each kind on a connection; what comes later is counted.
 */
import type { CertificateFact, FingerprintFact } from '@annunciator/protocols/facts';

const MAX_CONNECTIONS = 1 << 14;
const MOST_OF_A_KIND = 8;

export interface Shown {
  readonly fingerprints: FingerprintFact[];
  readonly certificates: CertificateFact[];
}

export class Handshakes {
  readonly #shown = new Map<number, Shown>();
  /** Fingerprints and certificates that had no room. */
  refused = 0;

  fingerprint(connection: number, fact: FingerprintFact): void {
    const list = this.#room(connection)?.fingerprints;
    const known = list?.some(({ kind, value, about }) => kind === fact.kind && value === fact.value && about === fact.about);
    if (!known) this.#add(list, fact);
  }

  certificate(connection: number, fact: CertificateFact): void {
    const list = this.#room(connection)?.certificates;
    const known = list?.some(
      ({ subject, issuer, notBefore }) => subject === fact.subject && issuer === fact.issuer && notBefore === fact.notBefore,
    );
    if (!known) this.#add(list, fact);
  }

  /** What was shown on a connection, undefined when nothing was. */
  of(connection: number): Shown | undefined {
    return this.#shown.get(connection);
  }

  #room(connection: number): Shown | undefined {
    let shown = this.#shown.get(connection);
    if (!shown && this.#shown.size < MAX_CONNECTIONS) this.#shown.set(connection, (shown = { fingerprints: [], certificates: [] }));
    return shown;
  }

  #add<T>(list: T[] | undefined, fact: T): void {
    if (list && list.length < MOST_OF_A_KIND) list.push(fact);
    else this.refused++;
  }
}
