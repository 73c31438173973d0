/**
 * Threat intelligence: lists of names, addresses and URLs that no device should meet, loaded from a JSON file.
 *
 * The format: `{ "names": [], "addresses": [], "urls": [] }`, each entry `{ "indicator", "family"?, "alert"? }`, where
 * `alert` is the id of the malware alert type to raise instead of the usual one. A name covers the names below it; a URL is
 * `host/path`, or `/path` for any host, and covers longer paths.
 */
import { readFileSync } from 'node:fs';

export interface Threat {
  readonly indicator: string;
  readonly family?: string;
  /** Alert type to raise instead of the usual one. */
  readonly alert?: string;
}

/** Alert types that an entry may name; the sensor itself cannot tell one family from another. */
const LISTED_ALERTS: ReadonlySet<string> = new Set([
  'connection-attempt-to-known-malicious-ip',
  'malicious-domain-name-request',
  'malicious-url-path',
  'suspicion-of-conficker-malware',
  'suspicion-of-malicious-activity',
  'suspicion-of-malicious-activity-blackenergy',
  'suspicion-of-malicious-activity-darkcomet',
  'suspicion-of-malicious-activity-duqu',
  'suspicion-of-malicious-activity-flame',
  'suspicion-of-malicious-activity-havex',
  'suspicion-of-malicious-activity-karagany',
  'suspicion-of-malicious-activity-lightsout',
  'suspicion-of-malicious-activity-poison-ivy',
  'suspicion-of-malicious-activity-regin',
  'suspicion-of-malicious-activity-stuxnet',
  'suspicion-of-malicious-activity-wannacry',
  'suspicious-traffic-detected',
]);

/** Names that malware published itself with; always loaded. */
const BUILT_IN_NAMES: readonly Threat[] = [
  {
    indicator: 'iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com',
    family: 'WannaCry',
    alert: 'suspicion-of-malicious-activity-wannacry',
  },
  {
    indicator: 'ifferfsodp9ifjaposdfjhgosurijfaewrwergwea.com',
    family: 'WannaCry',
    alert: 'suspicion-of-malicious-activity-wannacry',
  },
];

/** A threat-intelligence file that cannot be used; the message says why and what to do. */
export class ThreatFileError extends Error {
  readonly code = 'THREAT_FILE';
}

export class ThreatIntelligence {
  readonly #names = new Map<string, Threat>();
  readonly #addresses = new Map<string, Threat>();
  readonly #urls = new Map<string, Threat>();

  constructor(names: readonly Threat[] = [], addresses: readonly Threat[] = [], urls: readonly Threat[] = []) {
    for (const threat of [...BUILT_IN_NAMES, ...names]) this.#names.set(threat.indicator.toLowerCase().replace(/\.$/, ''), threat);
    for (const threat of addresses) this.#addresses.set(threat.indicator.toLowerCase(), threat);
    for (const threat of urls) this.#urls.set(threat.indicator.toLowerCase(), threat);
  }

  /** Reads a list from a JSON file. @throws ThreatFileError when it is missing or not of the format */
  static read(file: string): ThreatIntelligence {
    let parsed: unknown;
    try {
      parsed = JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new ThreatFileError(
        `The threat list ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}. Give a JSON file with "names", "addresses" and "urls".`,
      );
    }
    const list = (name: string): Threat[] => {
      const value = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
      if (value === undefined) return [];
      if (!Array.isArray(value))
        throw new ThreatFileError(`"${name}" in ${file} is no list. Write it as a list of { "indicator": "..." }.`);
      return value.map((entry: unknown, index) => {
        const indicator: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'indicator') : undefined;
        if (typeof indicator !== 'string' || indicator === '')
          throw new ThreatFileError(`Entry ${index + 1} of "${name}" in ${file} has no "indicator". Give each entry one.`);
        const family: unknown = Reflect.get(Object(entry), 'family');
        const alert: unknown = Reflect.get(Object(entry), 'alert');
        if (typeof alert === 'string' && !LISTED_ALERTS.has(alert))
          throw new ThreatFileError(
            `Entry ${index + 1} of "${name}" in ${file} names the alert "${alert}", which no list can raise. Use one of ${[...LISTED_ALERTS].join(', ')}, or leave "alert" out.`,
          );
        return { indicator, ...(typeof family === 'string' ? { family } : {}), ...(typeof alert === 'string' ? { alert } : {}) };
      });
    };
    return new ThreatIntelligence(list('names'), list('addresses'), list('urls'));
  }

  /** The threat that covers a name: the name itself or one above it. */
  name(name: string): Threat | undefined {
    let rest = name.toLowerCase().replace(/\.$/, '');
    for (;;) {
      const threat = this.#names.get(rest);
      if (threat) return threat;
      const dot = rest.indexOf('.');
      if (dot < 0) return undefined;
      rest = rest.slice(dot + 1);
    }
  }

  address(address: string): Threat | undefined {
    return this.#addresses.get(address);
  }

  /** The threat that covers a URL: with or without its host, the path itself or a folder above it. */
  url(host: string, path: string): Threat | undefined {
    if (this.#urls.size === 0) return undefined;
    let rest = path.toLowerCase().split('?')[0];
    const prefix = host.toLowerCase().split(':')[0];
    for (let depth = 0; depth < 64; depth++) {
      const threat = this.#urls.get(prefix + rest) ?? this.#urls.get(rest);
      if (threat) return threat;
      const slash = rest.lastIndexOf('/');
      if (slash <= 0) return undefined;
      rest = rest.slice(0, slash);
    }
    return undefined;
  }
}
