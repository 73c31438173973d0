/**
 * What a rule can ask of a message, protocol by protocol: what every message has, what the aspects of the baseline hold, what
 * facts tell, and the details that dissectors state for rules only.
 */
import { DETAILS } from '@annunciator/protocols/details';
import { Aspect } from '@annunciator/protocols/facts';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { ASPECTS, type AspectField } from '../baseline/aspects.ts';

export interface FieldDefinition {
  readonly name: string;
  readonly kind: 'number' | 'text' | 'address';
  /** Words that may stand for numbers. */
  readonly words: Readonly<Record<number, string>>;
  /** It comes several times in a message, each time with those of the same item. */
  readonly item: boolean;
  /** For people. */
  readonly about: string;
}

/** Where a field of a protocol comes from. */
export type FieldSource =
  | { readonly from: 'message' }
  | { readonly from: 'aspect'; readonly aspect: number; readonly field: AspectField }
  | { readonly from: 'items'; readonly aspect: number }
  | { readonly from: 'fact' }
  | { readonly from: 'detail'; readonly detail: number };

export interface ProtocolFields {
  readonly protocol: string;
  readonly name: string;
  readonly index: number;
  /** By name. */
  readonly fields: ReadonlyMap<string, FieldDefinition>;
  readonly sources: ReadonlyMap<string, readonly FieldSource[]>;
}

const ROLES = { 1: 'request', 2: 'response', 3: 'notification' };
const YES_NO = { 0: 'no', 1: 'yes' };

const field = (name: string, kind: FieldDefinition['kind'], about: string, words: FieldDefinition['words'] = {}): FieldDefinition => ({
  name,
  kind,
  about,
  words,
  item: false,
});

/** Of every message, and of conversations that begin. */
export const ENDS: readonly FieldDefinition[] = [
  field('source', 'address', 'any address of the sender'),
  field('destination', 'address', 'any address of the receiver'),
  field('source.port', 'number', 'port of the sender'),
  field('destination.port', 'number', 'port of the receiver'),
];

const MESSAGE: readonly FieldDefinition[] = [
  ...ENDS,
  field('code', 'number', 'code of the operation, as the protocol numbers it'),
  field('operation', 'text', 'name of the operation, such as Write Multiple Registers'),
  field('role', 'number', 'what the message is in its exchange', ROLES),
  field('to-server', 'number', 'sent by the client of the connection', YES_NO),
];

/** What facts tell, of any protocol that tells them. */
const FACTS: readonly FieldDefinition[] = [
  field('violation', 'text', 'name of a violation of the protocol, such as modbus.length-mismatch'),
  field('failure', 'text', 'kind of an error that a peer answers, such as modbus.exception'),
  field('failure.code', 'number', 'code of that error'),
  field('deed', 'text', 'what was done in words all protocols share, such as program.download or controller.stop'),
  field('deed.phase', 'text', 'requested, accepted or refused'),
];

const LOGIN = [field('user', 'text', 'name of a user who signs in'), field('outcome', 'text', 'attempt, success or failure')];
const TRANSFER = [field('file', 'text', 'name of a file that moves'), field('direction', 'text', 'read or write')];
const NAME = [
  field('name', 'text', 'name that is asked for'),
  field('domain', 'text', 'the part of the name that somebody registered'),
  field('record', 'number', 'type of the record'),
  field('rcode', 'number', 'response code'),
  field('address', 'address', 'an address in the answer'),
];
const HTTP = [
  field('method', 'text', 'GET, POST ...'),
  field('host', 'text', 'host of the request'),
  field('path', 'text', 'path of the request'),
  field('user-agent', 'text', 'program that asks'),
  field('soap-action', 'text', 'SOAP action'),
  field('status', 'number', 'status of the answer'),
  field('content-type', 'text', 'type of the content'),
];
const LEASE = [
  field('step', 'text', 'discover, offer, request, ack ...'),
  field('client', 'address', 'MAC address of the client'),
  field('address', 'address', 'address that is leased'),
  field('host-name', 'text', 'name that the client tells'),
  field('vendor-class', 'text', 'vendor class that the client tells'),
];
const ARP = [
  field('sender', 'address', 'MAC address that is claimed'),
  field('sender.ip', 'address', 'IP address that is claimed'),
  field('target.ip', 'address', 'IP address that is asked for'),
];
const REMOTE = [
  field('remote', 'text', 'what was opened, made or started from afar: pipe, service-create, service-start, task ...'),
  field('object', 'text', 'name of the pipe, service or task'),
  field('image', 'text', 'program that a service or task starts'),
];
const NOTICE = [field('text', 'text', 'what a trap or a line of a log says')];
const ICMP = [field('type', 'number', 'type'), field('size', 'number', 'bytes of data')];

/** Fields that facts of one kind bring, by protocol. */
const BY_FACT: Readonly<Record<string, readonly FieldDefinition[]>> = {
  ads: LOGIN,
  amqp: LOGIN,
  arp: ARP,
  c1222: LOGIN,
  dcerpc: REMOTE,
  dhcp: LEASE,
  dns: NAME,
  fox: LOGIN,
  ftp: [...LOGIN, ...TRANSFER],
  http: [...HTTP, ...LOGIN, ...TRANSFER],
  icmp: ICMP,
  icmpv6: ICMP,
  iec104: TRANSFER,
  kerberos: LOGIN,
  ldap: LOGIN,
  llmnr: NAME,
  mdns: NAME,
  melsec: LOGIN,
  mms: [...LOGIN, ...TRANSFER],
  mqtt: LOGIN,
  mysql: LOGIN,
  nbns: NAME,
  postgresql: LOGIN,
  rdp: LOGIN,
  roc: LOGIN,
  s7comm: [...LOGIN, ...TRANSFER],
  smb: [...LOGIN, ...TRANSFER, ...REMOTE],
  snmp: [...LOGIN, ...NOTICE],
  srtp: LOGIN,
  ssh: LOGIN,
  syslog: NOTICE,
  tds: LOGIN,
  telnet: LOGIN,
  tftp: TRANSFER,
  vnc: LOGIN,
};

/** Aspects that facts tell, with more in them. */
const TOLD_BY_FACTS: ReadonlySet<number> = new Set([
  Aspect.HttpCommunication,
  Aspect.HttpActivity,
  Aspect.HttpUserAgent,
  Aspect.HttpSoapAction,
  Aspect.NameQuery,
  // Its block comes item by item as a detail.
  Aspect.S7DataBlock,
]);

const IDS: ReadonlySet<string> = new Set(Object.values(PROTOCOLS).map(({ id }) => id));

/** Aspects by protocol: the protocol that the aspect is named after, else all that its dissectors report. */
const ASPECTS_OF: ReadonlyMap<string, ReadonlySet<number>> = (() => {
  const found = new Map<string, Set<number>>();
  for (const { aspects, reports } of DISSECTORS)
    for (const aspect of Object.keys(aspects).map(Number)) {
      if (TOLD_BY_FACTS.has(aspect)) continue;
      const [first = ''] = ASPECTS[aspect]?.name.split('.') ?? [];
      const named = IDS.has(first);
      for (const id of named ? [first] : reports.map((one) => one.id)) {
        if (id === 'tls') continue;
        const known = found.get(id);
        if (known) known.add(aspect);
        else found.set(id, new Set([aspect]));
      }
    }
  return found;
})();

/** Aspects of which a message may use several: each use is about one item. */
const ITEM_ASPECTS: ReadonlySet<number> = new Set([
  Aspect.CipClass,
  Aspect.CipClassService,
  Aspect.CipSymbol,
  Aspect.BacnetObject,
  Aspect.OpcuaActivity,
  Aspect.MmsProgram,
  Aspect.S7PlusObject,
  Aspect.S7PlusBlock,
]);

/** Fields of aspects under another name, where every message has the name already. */
const RENAMED: Readonly<Record<string, string>> = { operation: 'opnum' };

/** Fields that are the code of the operation under another name, which requests and answers have. */
export const CODE_FIELDS: Readonly<Record<string, string>> = {
  modbus: 'function',
  umas: 'function',
  s7comm: 'function',
  's7comm-plus': 'function',
  dnp3: 'function',
  enip: 'command',
  iec104: 'type',
};

/** Conversations: no message, only its beginning. */
export const CONVERSATIONS: ReadonlySet<string> = new Set(['tcp', 'udp']);

function build(): Map<string, ProtocolFields> {
  const all = new Map<string, ProtocolFields>();
  for (const { id, index, name } of Object.values(PROTOCOLS)) {
    if (index === 0 || id === 'ip' || id === 'ethernet') continue;
    const fields = new Map<string, FieldDefinition>();
    const sources = new Map<string, FieldSource[]>();
    const add = (definition: FieldDefinition, source: FieldSource): void => {
      if (!fields.has(definition.name)) fields.set(definition.name, definition);
      const known = sources.get(definition.name);
      if (known) known.push(source);
      else sources.set(definition.name, [source]);
    };
    for (const definition of CONVERSATIONS.has(id) ? ENDS : MESSAGE) add(definition, { from: 'message' });
    const code = CODE_FIELDS[id];
    if (code) add(field(code, 'number', `${code}, the same as code`), { from: 'message' });
    if (!CONVERSATIONS.has(id)) {
      addAspects(id, add);
      for (const definition of DETAILS.filter(({ protocols }) => protocols.includes(id)))
        add(
          { ...definition, words: definition.words ?? {}, item: definition.item ?? false },
          { from: 'detail', detail: definition.number },
        );
      for (const definition of [...FACTS, ...(BY_FACT[id] ?? [])]) add(definition, { from: 'fact' });
    }
    all.set(id, { protocol: id, name, index, fields, sources });
  }
  return all;
}

function addAspects(protocol: string, add: (definition: FieldDefinition, source: FieldSource) => void): void {
  for (const aspect of ASPECTS_OF.get(protocol) ?? []) {
    const { name: aspectName, fields, items } = ASPECTS[aspect];
    for (const part of fields) {
      const name = RENAMED[part.name] ?? part.name;
      if (name === CODE_FIELDS[protocol]) continue;
      const about = `${part.name} of ${aspectName}, as in the baseline`;
      add(
        { name, kind: part.text ? 'text' : 'number', words: part.words, item: ITEM_ASPECTS.has(aspect), about },
        { from: 'aspect', aspect, field: part },
      );
    }
    if (items !== undefined)
      add(
        { name: items.replace(/es$/, ''), kind: 'number', words: {}, item: true, about: `the ${items} that a request touches` },
        { from: 'items', aspect },
      );
  }
}

/** By protocol id. */
export const FIELDS: ReadonlyMap<string, ProtocolFields> = build();
