/**
 * Sampled values (IEC 61850-9-2): currents and voltages that a merging unit publishes, some 4000 frames a second for each
 * stream.
 *
 * Hot code: a frame that repeats the settings of the last one allocates nothing.
 */
import { text } from '@annunciator/packet/bytes';
import { integer, Tlv } from '../ber/tlv.ts';
import type { Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { HeaderFault, SubstationHeader } from '../goose/header.ts';
import { PROTOCOLS } from '../registry.ts';
import { ETHERTYPE, FIELD_NAMES, Field, type SvViolation, Tag, VIOLATIONS } from './names.ts';
import { Asdu, Fault } from './parse.ts';
import { SvFlow, type SvStream } from './stream.ts';

const SV = PROTOCOLS.sv.index;
const header = new SubstationHeader();
const asdu = new Asdu();
const tlv = new Tlv();

function violate(facts: Facts, name: SvViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SV, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function tellFault(facts: Facts, fault: Fault): void {
  const field = FIELD_NAMES[asdu.faultField] ?? '';
  if (fault === Fault.Asn1) violate(facts, 'sv.malformed-asn1', 'An element of an ASDU runs past its end.');
  else if (fault === Fault.Missing) violate(facts, 'sv.missing-field', `An ASDU lacks ${field}.`);
  else if (fault === Fault.Length) violate(facts, 'sv.field-length', `The contents of ${field} have a length that the field cannot have.`);
  else violate(facts, 'sv.unknown-field', `An ASDU holds an element 0x${asdu.faultField.toString(16)} that has no place there.`);
}

/** The data set is part of the publisher's configuration: told when first seen and when it changes. */
function tellDataSet(facts: Facts, stream: SvStream): void {
  const name = text(stream.dataSet, 0, stream.dataSet.length);
  // the name ends at the first colon
  const what = `data set of ${stream.idText.replaceAll(':', '.')}`;
  const revision = `${what}: ${name ? `${name}, ` : ''}${stream.asdus} ASDU of ${stream.sampleBytes} bytes`;
  facts.tell({ is: 'identity', protocol: SV, of: 'sender', type: 'IED', revision });
}

/** Reads the settings of one ASDU; returns its stream. `previous` is that of the ASDU before in the same frame. */
function readAsdu(facts: Facts, bytes: Uint8Array, asdus: number, previous: SvStream | undefined): SvStream | undefined {
  if (!(facts.state instanceof SvFlow)) facts.state = new SvFlow();
  const flow = facts.state as SvFlow; // assigned in the line before when it was none
  const stream = flow.find(facts, bytes, asdu.starts[Field.svID], asdu.ends[Field.svID]);
  if (!stream) return undefined;
  const newDataSet = stream.takeDataSet(bytes, asdu, asdus);
  const newSettings = stream.takeSettings(facts, bytes, asdu, header.appid);
  if (stream !== previous || newSettings) {
    facts.use(Aspect.SvSettings, stream.name, stream.identity);
    facts.use(Aspect.SvSettings, stream.name, stream.revision);
    facts.use(Aspect.SvSettings, stream.name, stream.synchronisation);
  }
  if (newDataSet) tellDataSet(facts, stream);
  return stream;
}

function readAsdus(facts: Facts, bytes: Uint8Array, announced: number, start: number, end: number, honest: boolean): void {
  let count = 0;
  let stream: SvStream | undefined;
  for (let at = start; at < end; count++) {
    if (!tlv.read(bytes, at, end) || tlv.tag !== Tag.Asdu) {
      if (honest) violate(facts, 'sv.malformed-asn1', 'The list of ASDUs holds something else or runs past its end.');
      return;
    }
    at = tlv.next;
    const fault = asdu.read(bytes, tlv.start, tlv.end);
    if (facts.countsFields && asdu.has(Field.svID)) facts.field('sv.svID', text(bytes, asdu.starts[Field.svID], asdu.ends[Field.svID]));
    if (fault === Fault.None) stream = readAsdu(facts, bytes, announced, stream);
    else if (honest) {
      tellFault(facts, fault);
      return;
    }
  }
  if (honest && count !== announced) violate(facts, 'sv.asdu-count', `The frame announces ${announced} ASDUs and holds ${count}.`);
}

/** `honest` is false when the frame was already blamed, or cut by the capture: then nothing more is said about it. */
function readPdu(facts: Facts, bytes: Uint8Array, honest: boolean): void {
  let announced = -1;
  for (let at = header.start; at < header.end; at = tlv.next) {
    if (!tlv.read(bytes, at, header.end) && tlv.end <= header.end) break;
    if (tlv.tag === Tag.noASDU && announced < 0) announced = integer(bytes, tlv.start, Math.min(tlv.end, header.end)) & 0xffff;
    else if (tlv.tag === Tag.seqASDU && announced >= 0) {
      readAsdus(facts, bytes, announced, tlv.start, Math.min(tlv.end, header.end), honest);
      return;
    } else if (tlv.tag !== Tag.security) {
      if (honest) violate(facts, 'sv.unknown-field', `The PDU holds an element 0x${tlv.tag.toString(16)} that has no place there.`);
      return;
    }
  }
  if (honest) violate(facts, 'sv.missing-field', `The PDU lacks ${announced < 0 ? 'noASDU' : 'seqASDU'}.`);
}

export const sv: Dissector = {
  protocol: PROTOCOLS.sv,
  reports: [PROTOCOLS.sv],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [ETHERTYPE],
  ipProtocols: [],
  longestMessage: 65_535,

  datagram(facts, bytes, start, end) {
    const fault = header.read(bytes, start, end);
    facts.message(SV, header.tag, Role.Notification);
    if (fault === HeaderFault.Truncated) {
      if (facts.complete) violate(facts, 'sv.header-truncated', `${end - start} bytes are too few for a header and PDU.`);
      return;
    }
    if (facts.countsFields) facts.field('sv.appid', `0x${header.appid.toString(16).padStart(4, '0')}`);
    if (fault === HeaderFault.Apdu) {
      if (facts.complete) violate(facts, 'sv.malformed-asn1', 'The identifier or length of the PDU cannot be read.');
      return;
    }
    if (fault === HeaderFault.Length && facts.complete) {
      const sentence = `The header announces ${header.length} bytes; ${end - start} were sent, the PDU ends after ${header.end - start}.`;
      violate(facts, 'sv.length-mismatch', sentence);
    }
    if (header.tag === Tag.SavPdu) readPdu(facts, bytes, fault === HeaderFault.None);
    else violate(facts, 'sv.unknown-pdu', `The PDU begins with 0x${header.tag.toString(16)}, which is not savPdu.`);
  },

  operationName: (_protocol, code) =>
    code === Tag.SavPdu ? 'Sampled values' : code === 0 ? 'Frame without a PDU' : `PDU 0x${code.toString(16)}`,

  aspects: {
    [Aspect.SvSettings]: (a, b, interned) => ({ stream: interned(a), setting: interned(b) }),
  },
};
