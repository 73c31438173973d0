/**
 * The context manager of PROFINET IO (IEC 61158-6-10, 4.10; UDP port 34964 and the ports it moves to): controllers
 * connect to stations, read and write their records, hand over control and release, by DCE/RPC datagrams.
 *
 * Connections are made once and records are read now and then: not hot, but nothing is allocated for repeated requests.
 */
import { text, u16, u32, u32le } from '@annunciator/packet/bytes';
import { ConnectionlessHeader, HEADER, identifyConnectionless, readConnectionless, roleOf } from '../dcerpc/connectionless.ts';
import { RPC_ASPECTS, rpcOperationName } from '../dcerpc/dissector.ts';
import { PacketType } from '../dcerpc/names.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import type { Facts, IdentityFact } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Opnum, opnumName, type ProfinetViolation, VIOLATIONS, vendorName } from './names.ts';

const IO = PROTOCOLS.profinetIo.index;
/** Arguments of a request or a response before its blocks: status or maximum, length, and the head of an array. */
const ARGUMENTS = 20;
const BLOCK_HEADER = 6;
const AR_BLOCK_REQUEST = 0x0101;
const AR_TYPE_SUPERVISOR = 6;
/** Header of a read or write, and index of the record in it; identification and maintenance records 0 to 4. */
const RECORD_HEADER = 64;
const RECORD_INDEX = 36;
const IM0 = 0xaff0;
const IM1 = 0xaff1;
const IM4 = 0xaff4;
const IM0_BLOCK = 0x0020;

const header = new ConnectionlessHeader();

/** `dea0000?-6c97-11d1-8271-`: interfaces and objects of PROFINET differ from one another in the other parts. */
function isProfinet(bytes: Uint8Array, at: number, little: boolean): boolean {
  const first = little ? u32le(bytes, at) : u32(bytes, at);
  const second = little ? u32le(bytes, at + 4) : u32(bytes, at + 4);
  const third = little ? 0x11d16c97 : 0x6c9711d1;
  return (first & 0xfffffff8) >>> 0 === 0xdea00000 && second === third && bytes[at + 8] === 0x82 && bytes[at + 9] === 0x71;
}

function violate(facts: Facts, name: ProfinetViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: IO, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function readCall(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const { opnum, type, little } = header;
  const asks = type === PacketType.Request;
  facts.message(IO, opnum, roleOf(type));
  if (facts.countsFields) facts.field('pn_io.opnum', opnum);
  if (opnum > Opnum.ReadImplicit) {
    violate(facts, 'profinet-io.unknown-operation', `Operation ${opnum} of the context manager.`);
    return;
  }
  // Later fragments carry the middle of the arguments.
  if (header.fragment !== 0) return;
  if (end - start < ARGUMENTS) {
    if (facts.complete)
      violate(facts, 'profinet-io.length-mismatch', `${opnumName(opnum)} with ${end - start} bytes, ${ARGUMENTS} expected.`);
    return;
  }
  const status = little ? u32le(bytes, start) : u32(bytes, start);
  if (!asks && status !== 0) {
    const hex = `0x${status.toString(16).padStart(8, '0')}`;
    const text = `${opnumName(opnum)} answered with PNIO status ${hex}`;
    facts.tell({
      is: 'failure',
      protocol: IO,
      name: 'profinet-io.status',
      code: status,
      operation: opnum,
      text,
      parameters: { status: hex },
    });
    return;
  }
  const blocks = start + ARGUMENTS;
  if (asks && opnum === Opnum.Connect) tellController(facts, bytes, blocks, end);
  else if (asks && opnum === Opnum.Write) tellWrite(facts, bytes, blocks, end);
  else if (!asks && (opnum === Opnum.Read || opnum === Opnum.ReadImplicit)) tellIdentification(facts, bytes, blocks, end);
}

/** The first block of a connect describes who connects: type of the relation, name of the station. */
function tellController(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < 58 || u16(bytes, start) !== AR_BLOCK_REQUEST) return;
  const length = u16(bytes, start + 56);
  if (start + 58 + length > end || length > 240) return;
  const name = text(bytes, start + 58, start + 58 + length, 240);
  const supervisor = u16(bytes, start + BLOCK_HEADER) === AR_TYPE_SUPERVISOR;
  facts.tell({
    is: 'identity',
    protocol: IO,
    of: 'sender',
    type: supervisor ? 'Engineering Station' : 'PLC',
    ...(name !== '' && { name }),
  });
}

/** Identification and maintenance records are what people write; the other records are sent at every start. */
function tellWrite(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < RECORD_HEADER) return;
  const index = u16(bytes, start + RECORD_INDEX);
  if (index < IM1 || index > IM4) return;
  const text = `PROFINET Write of identification and maintenance record ${index - IM0}`;
  facts.tell({ is: 'action', protocol: IO, action: 'configuration.write', phase: 'requested', text, parameters: { index } });
}

/** I&M0 (IEC 61158-6-10, 5.2.4): vendor, order number, serial number, hardware and software revision. */
function tellIdentification(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const at = start + RECORD_HEADER;
  if (end - at < BLOCK_HEADER + 54 || u16(bytes, start + RECORD_INDEX) !== IM0 || u16(bytes, at) !== IM0_BLOCK) return;
  const from = at + BLOCK_HEADER;
  const prefix = bytes[from + 40];
  const firmware = `${prefix >= 65 && prefix <= 90 ? String.fromCharCode(prefix) : ''}${bytes[from + 41]}.${bytes[from + 42]}.${bytes[from + 43]}`;
  const fact: IdentityFact = {
    is: 'identity',
    protocol: IO,
    of: 'sender',
    vendor: vendorName(u16(bytes, from)),
    model: text(bytes, from + 2, from + 22).trim(),
    serial: text(bytes, from + 22, from + 38).trim(),
    firmware,
  };
  facts.tell(fact);
}

export const profinetIo: Dissector = {
  protocol: PROTOCOLS.profinetIo,
  reports: [PROTOCOLS.profinetIo, PROTOCOLS.dcerpc],
  tcpPorts: [],
  udpPorts: [34964],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    if (stream) return Confidence.No;
    const confidence = identifyConnectionless(bytes, start, end);
    if (confidence === Confidence.No) return Confidence.No;
    // The endpoint mapper of a station is asked on the same port.
    return isProfinet(bytes, start + 24, bytes[start + 4] >>> 4 === 1) ? Confidence.Certain : Confidence.Possible;
  },

  datagram(facts, bytes, start, end) {
    if (!readConnectionless(facts, header, bytes, start, end)) return;
    if (header.type !== PacketType.Request && header.type !== PacketType.Response) return;
    if (isProfinet(bytes, start + 24, header.little)) readCall(facts, bytes, start + HEADER, Math.min(end, start + HEADER + header.length));
  },

  operationName: (protocol, code) => (protocol === PROTOCOLS.profinetIo.index ? opnumName(code) : rpcOperationName(code)),

  aspects: RPC_ASPECTS,
};
