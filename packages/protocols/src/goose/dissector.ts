/**
 * GOOSE (IEC 61850-8-1): what a protection device publishes to a group, repeated every few milliseconds after a change
 * and every few seconds otherwise.
 *
 * Hot code: a frame that repeats the settings of the last one allocates nothing.
 */
import { text } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { pduDetails } from './details.ts';
import { HeaderFault, SubstationHeader } from './header.ts';
import { APDU_NAMES, Apdu, ETHERTYPE, FIELD_NAMES, Field, type GooseViolation, VIOLATIONS } from './names.ts';
import { Fault, GoosePdu } from './parse.ts';
import { GooseFlow, type GooseStream } from './stream.ts';

const GOOSE = PROTOCOLS.goose.index;
const header = new SubstationHeader();
const pdu = new GoosePdu();

function violate(facts: Facts, name: GooseViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: GOOSE, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function tellFault(facts: Facts): void {
  const field = FIELD_NAMES[pdu.faultField] ?? '';
  switch (pdu.fault) {
    case Fault.Asn1:
      violate(facts, 'goose.malformed-asn1', `The element at the place of ${field} is no ASN.1 that a GOOSE PDU may hold.`);
      return;
    case Fault.Missing:
      violate(facts, 'goose.missing-field', `The PDU lacks ${field}.`);
      return;
    case Fault.Unknown:
      violate(facts, 'goose.unknown-field', `The PDU holds an element 0x${pdu.faultField.toString(16)} that has no place there.`);
      return;
    case Fault.Length:
      violate(facts, 'goose.field-length', `The contents of ${field} have a form that the field cannot have.`);
      return;
    case Fault.EntryCount:
      violate(facts, 'goose.entry-count', 'The data set has another number of entries than numDatSetEntries announces.');
      return;
    default:
  }
}

function countFields(facts: Facts, bytes: Uint8Array): void {
  if (pdu.has(Field.gocbRef)) facts.field('goose.gocbRef', text(bytes, pdu.starts[Field.gocbRef], pdu.ends[Field.gocbRef]));
  if (pdu.has(Field.simulation)) facts.field('goose.simulation', pdu.flag(bytes, Field.simulation) ? 1 : 0);
}

/** The data set is part of the publisher's configuration: told when first seen and when it changes. */
function tellDataSet(facts: Facts, stream: GooseStream): void {
  const name = text(stream.dataSet, 0, stream.dataSet.length);
  // the name ends at the first colon
  const revision = `data set of ${stream.referenceText.replaceAll(':', '.')}: ${name}, ${stream.entries} entries`;
  facts.tell({ is: 'identity', protocol: GOOSE, of: 'sender', type: 'IED', revision });
}

function tellCommissioning(facts: Facts, bytes: Uint8Array, stream: GooseStream): void {
  const needs = pdu.flag(bytes, Field.ndsCom);
  const stNum = pdu.unsigned(bytes, Field.stNum);
  if (needs && (!stream.needsCommissioning || stNum !== stream.stNum)) {
    facts.tell({
      is: 'condition',
      protocol: GOOSE,
      name: 'goose.needs-commissioning',
      text: `control block ${stream.referenceText} needs commissioning (ndsCom)`,
      parameters: { gocbRef: stream.referenceText },
    });
  }
  stream.needsCommissioning = needs;
  stream.stNum = stNum;
}

function readStream(facts: Facts, bytes: Uint8Array): void {
  if (!(facts.state instanceof GooseFlow)) facts.state = new GooseFlow();
  const flow = facts.state as GooseFlow; // assigned in the line before when it was none
  const stream = flow.find(facts, bytes, pdu.starts[Field.gocbRef], pdu.ends[Field.gocbRef]);
  if (!stream) return;
  const changed = stream.takeDataSet(bytes, pdu);
  const simulated = header.simulated || pdu.flag(bytes, Field.simulation);
  stream.takeSettings(facts, bytes, pdu, header.appid, simulated, changed);
  facts.use(Aspect.GooseSettings, stream.name, stream.identity);
  if (stream.revision >= 0) facts.use(Aspect.GooseSettings, stream.name, stream.revision);
  facts.use(Aspect.GooseSettings, stream.name, stream.life);
  if (changed) tellDataSet(facts, stream);
  tellCommissioning(facts, bytes, stream);
}

export const goose: Dissector = {
  protocol: PROTOCOLS.goose,
  reports: [PROTOCOLS.goose],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [ETHERTYPE],
  ipProtocols: [],
  longestMessage: 65_535,

  datagram(facts, bytes, start, end) {
    const fault = header.read(bytes, start, end);
    facts.message(GOOSE, header.tag, Role.Notification);
    if (fault === HeaderFault.Truncated) {
      if (facts.complete) violate(facts, 'goose.header-truncated', `${end - start} bytes are too few for a GOOSE header and PDU.`);
      return;
    }
    if (facts.wantsDetails) facts.detail(Detail.GooseAppid, header.appid);
    if (facts.countsFields) {
      facts.field('goose.appid', `0x${header.appid.toString(16).padStart(4, '0')}`);
      facts.field('goose.reserve1.s_bit', header.simulated ? 1 : 0);
    }
    if (fault === HeaderFault.Apdu) {
      if (facts.complete) violate(facts, 'goose.malformed-asn1', 'The identifier or length of the PDU cannot be read.');
      return;
    }
    if (fault === HeaderFault.Length && facts.complete) {
      const sentence = `The header announces ${header.length} bytes; ${end - start} were sent, the PDU ends after ${header.end - start}.`;
      violate(facts, 'goose.length-mismatch', sentence);
    }
    if (header.tag === Apdu.Management) return;
    if (header.tag !== Apdu.Goose) {
      violate(facts, 'goose.unknown-pdu', `The PDU begins with 0x${header.tag.toString(16)}, which is none of GOOSE.`);
      return;
    }
    pdu.read(bytes, header.start, header.end);
    if (facts.countsFields) countFields(facts, bytes);
    if (fault === HeaderFault.None && pdu.fault !== Fault.None) tellFault(facts);
    if (facts.wantsDetails && pdu.fault === Fault.None)
      pduDetails(facts, pdu, bytes, header.simulated || pdu.flag(bytes, Field.simulation));
    if (pdu.fault === Fault.None) readStream(facts, bytes);
  },

  operationName: (_protocol, code) => APDU_NAMES[code] ?? (code === 0 ? `Frame without a PDU` : `PDU 0x${code.toString(16)}`),

  aspects: {
    [Aspect.GooseSettings]: (a, b, interned) => ({ controlBlock: interned(a), setting: interned(b) }),
  },
};
