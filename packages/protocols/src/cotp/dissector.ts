/**
 * ISO-on-TCP: TPKT (RFC 1006) and COTP class 0 (ISO 8073, X.224). Reads transport PDUs on any port, puts TSDUs together
 * and hands them to the protocol that uses the connection; what none of them claims is counted as plain COTP.
 *
 * Hot code: a DT that carries a whole TSDU allocates nothing; the header object is shared by all flows.
 */
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import type { Facts } from '../facts.ts';
import { Role } from '../facts.ts';
import { mms } from '../mms/dissector.ts';
import { PROTOCOLS } from '../registry.ts';
import { s7comm } from '../s7comm/dissector.ts';
import { s7commPlus } from '../s7comm/plus.ts';
import { CotpConnection, LONGEST_TSDU } from './connection.ts';
import { identifyTpkt } from './identify.ts';
import { type CotpViolation, isPduType, PduType, pduName, TYPE_TEXT, VIOLATIONS } from './names.ts';
import { newHeader, readConnect, readHeader, SHORTEST_TPKT, s7Tsap, TPKT_HEADER, tpktLength } from './parse.ts';
import type { CotpUser } from './user.ts';

const COTP = PROTOCOLS.cotp.index;
const header = newHeader();

/** The protocols over COTP, in the order in which they are asked. */
const users: readonly CotpUser[] = [s7comm, s7commPlus, mms];

function violate(facts: Facts, name: CotpViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: COTP, name, malformed: VIOLATIONS[name].malformed, text });
}

/** The position in `users` of the protocol that claims a TSDU, or -1. */
function claim(bytes: Uint8Array, start: number, end: number): number {
  for (let at = 0; at < users.length; at++) if (users[at].claims(bytes, start, end)) return at;
  return -1;
}

function connectionOf(facts: Facts): CotpConnection {
  if (facts.state instanceof CotpConnection) return facts.state;
  const connection = new CotpConnection();
  facts.state = connection;
  return connection;
}

/** One whole TSDU: to its user, or counted. */
function readTsdu(facts: Facts, connection: CotpConnection, bytes: Uint8Array, start: number, end: number): void {
  const at = claim(bytes, start, end);
  if (at < 0) {
    facts.message(COTP, PduType.Data, Role.Notification);
    return;
  }
  let reader = connection.readers[at];
  if (!reader) {
    reader = users[at].open();
    connection.readers[at] = reader;
  }
  reader.read(facts, bytes, start, end);
}

function readData(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const connection = connectionOf(facts);
  const { toServer } = facts;
  const partial = connection.partial(toServer);
  if (header.last && !partial) {
    if (start < end) readTsdu(facts, connection, bytes, start, end);
    return;
  }
  const { last } = header;
  if (!connection.append(toServer, bytes, start, end)) {
    violate(
      facts,
      'cotp.reassembly-limit',
      `A message is spread over data units of more than ${LONGEST_TSDU} bytes; it is not put together.`,
    );
  }
  if (!last) return;
  const whole = connection.partial(toServer);
  connection.close(toServer);
  if (whole && !whole.overflow && whole.length > 0) readTsdu(facts, connection, whole.bytes, 0, whole.length);
}

/** A TSAP that names rack and slot tells that its owner is a controller of that place. */
function tellTsaps(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const connect = readConnect(bytes, start, end);
  if (connect.broken)
    violate(facts, 'cotp.parameter-length', 'A parameter of the connection request or confirmation runs past its header.');
  const called = s7Tsap(connect.called);
  if (!called || connect.called[0] > 3 || connect.calling.length !== 2 || connect.calling[0] === 0) return;
  if (header.type !== PduType.ConnectConfirm) return;
  facts.tell({
    is: 'identity',
    protocol: COTP,
    of: facts.toServer ? 'receiver' : 'sender',
    type: 'PLC',
    vendor: 'Siemens',
    place: `rack ${called.rack}, slot ${called.slot}`,
  });
}

function readTpdu(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  readHeader(bytes, start, end, header);
  const { type } = header;
  if (facts.countsFields && !header.broken) facts.field('cotp.type', TYPE_TEXT[type]);
  if (type === PduType.Data && !header.broken) {
    readData(facts, bytes, header.data, end);
    return;
  }
  facts.message(
    COTP,
    type,
    type === PduType.ConnectRequest ? Role.Request : type === PduType.ConnectConfirm ? Role.Response : Role.Notification,
  );
  if (header.broken) {
    violate(facts, 'cotp.header-length', `Length indicator ${bytes[start]} does not fit a ${pduName(type)} in ${end - start} bytes.`);
    return;
  }
  if (type === PduType.ConnectRequest || type === PduType.ConnectConfirm) {
    const option = bytes[start + 6];
    if (option >> 4 !== 0) violate(facts, 'cotp.class', `Transport class ${option >> 4}, but ISO-on-TCP allows class 0 only.`);
    tellTsaps(facts, bytes, start, header.data);
  } else if (!isPduType(type)) violate(facts, 'cotp.unknown-type', `Transport PDU type 0x${type.toString(16)} does not exist.`);
}

function speaker(bytes: Uint8Array, start: number, end: number): Speaker {
  const next = end - start < SHORTEST_TPKT ? end + 1 : start + tpktLength(bytes, start);
  if (next > end || next - start < SHORTEST_TPKT) return Speaker.Unknown;
  readHeader(bytes, start + TPKT_HEADER, next, header);
  if (header.broken) return Speaker.Unknown;
  if (header.type === PduType.ConnectRequest) return Speaker.Client;
  if (header.type === PduType.ConnectConfirm) return Speaker.Server;
  const user = header.type === PduType.Data ? claim(bytes, header.data, next) : -1;
  return user < 0 ? Speaker.Unknown : users[user].speaker(bytes, header.data, next);
}

function tellShort(facts: Facts, length: number): void {
  facts.message(COTP, 0, Role.Notification);
  violate(facts, 'cotp.tpkt-length', `TPKT length ${length}, but the shortest packet has ${SHORTEST_TPKT} bytes.`);
}

export const cotp: Dissector = {
  protocol: PROTOCOLS.cotp,
  reports: [PROTOCOLS.cotp, ...users.flatMap((user) => user.reports)],
  tcpPorts: [102],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? identifyTpkt(users, bytes, start, end) : Confidence.No),
  speaker,

  stream(facts, bytes, start, end) {
    if (start < end && (bytes[start] !== 3 || (start + 1 < end && bytes[start + 1] !== 0))) return -1;
    if (end - start < TPKT_HEADER) return start;
    const length = tpktLength(bytes, start);
    if (length < TPKT_HEADER) {
      tellShort(facts, length);
      return -1;
    }
    if (end - start < length) return start;
    if (length < SHORTEST_TPKT) tellShort(facts, length);
    else readTpdu(facts, bytes, start + TPKT_HEADER, start + length);
    return start + length;
  },

  gap(facts) {
    if (facts.state instanceof CotpConnection) facts.state.gap();
  },

  operationName(protocol, code) {
    for (const user of users) if (user.reports.some((name) => name.index === protocol)) return user.operationName(protocol, code);
    return code === 0 ? 'TPKT' : pduName(code);
  },

  aspects: Object.assign({}, ...users.map((user) => user.aspects)),
};
