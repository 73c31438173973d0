/**
 * DNP3 over TCP and UDP: link frames, transport segments, application fragments. Requests and responses are told apart by
 * function code and DIR bit, never by who opened the connection: a master may be the TCP server.
 *
 * Hot code: a fragment of one segment is read from one buffer shared by all flows.
 */
import { u16le } from '@annunciator/packet/bytes';
import { type Dissector, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readFragment, violate } from './application.ts';
import { crcFits } from './crc.ts';
import { Dnp3Flow, LONGEST_FRAGMENT } from './flow.ts';
import { functionName, INDICATION_NAMES, isLinkFunction, LINK_PRIMARY, LINK_SECONDARY, SEGMENT, UNREADABLE } from './names.ts';
import { Control, copyData, frameSize, HEADER, identifyDnp3, LONGEST_DATA, LONGEST_FRAME, SHORTEST_LENGTH } from './parse.ts';

const DNP3 = PROTOCOLS.dnp3.index;
/** Bits of the transport byte (clause 8.2). */
const FINAL = 0x80;
const FIRST = 0x40;
const SEQUENCE = 0x3f;
const scratch = new Uint8Array(LONGEST_DATA);

function flowOf(facts: Facts): Dnp3Flow {
  if (facts.state instanceof Dnp3Flow) return facts.state;
  const flow = new Dnp3Flow();
  facts.state = flow;
  return flow;
}

function unreadable(facts: Facts, name: Parameters<typeof violate>[1], sentence: string): void {
  facts.message(DNP3, UNREADABLE, Role.Notification);
  violate(facts, name, sentence);
}

/** Reads the whole frame at `start`, whose length field is right. */
function readFrame(facts: Facts, bytes: Uint8Array, start: number): void {
  if (!crcFits(bytes, start, start + 8)) {
    unreadable(facts, 'dnp3.header-crc', 'The checksum of the link header is wrong.');
    return;
  }
  const data = bytes[start + 2] - SHORTEST_LENGTH;
  const control = bytes[start + 3];
  const destination = u16le(bytes, start + 4);
  const source = u16le(bytes, start + 6);
  const primary = (control & Control.Primary) !== 0;
  const code = control & Control.Function;
  if (facts.countsFields) {
    facts.field(primary ? 'dnp3.ctl.prifunc' : 'dnp3.ctl.secfunc', code);
    facts.field('dnp3.src', source);
    facts.field('dnp3.dst', destination);
  }
  const carriesData = primary && (code === 3 || code === 4);
  if (!carriesData) {
    facts.message(DNP3, (primary ? LINK_PRIMARY : LINK_SECONDARY) | code, primary ? Role.Request : Role.Response);
    if (!isLinkFunction(primary, code))
      violate(facts, 'dnp3.link-function', `Link function ${code} of a ${primary ? 'primary' : 'secondary'} frame is reserved.`);
    else if (data > 0)
      violate(facts, 'dnp3.link-data', `${functionName((primary ? LINK_PRIMARY : LINK_SECONDARY) | code)} carries ${data} bytes of data.`);
    return;
  }
  const broken = copyData(bytes, start + HEADER, data, scratch);
  if (broken >= 0) {
    unreadable(facts, 'dnp3.block-crc', `The checksum of data block ${broken + 1} is wrong.`);
    return;
  }
  if (data === 0) {
    unreadable(facts, 'dnp3.link-data', 'A frame for user data carries none.');
    return;
  }
  readSegment(facts, data, source, destination, (control & Control.FromMaster) !== 0);
}

/** Reads the transport segment in the first `data` bytes of the shared buffer. */
function readSegment(facts: Facts, data: number, source: number, destination: number, fromMaster: boolean): void {
  const flow = flowOf(facts);
  const transport = scratch[0];
  const sequence = transport & SEQUENCE;
  const first = (transport & FIRST) !== 0;
  const final = (transport & FINAL) !== 0;
  if (first && final) {
    readFragment(facts, flow, scratch, 1, data, source, destination, fromMaster);
    return;
  }
  const talk = flow.talk(source, destination);
  if (first) talk.drop();
  else if (talk.next !== sequence) {
    // A segment sent again is dropped without a word (8.2.2.5).
    const repeated = talk.next >= 0 && ((sequence + 1) & SEQUENCE) === talk.next;
    facts.message(DNP3, SEGMENT, Role.Notification);
    if (repeated) return;
    violate(
      facts,
      'dnp3.transport-sequence',
      talk.next < 0
        ? `Transport segment ${sequence} continues no fragment.`
        : `Transport segment ${sequence} where ${talk.next} was expected.`,
    );
    talk.drop();
    return;
  }
  if (!talk.add(scratch, 1, data)) {
    unreadable(facts, 'dnp3.fragment-too-long', `The segments of a fragment exceed ${LONGEST_FRAGMENT} bytes.`);
    talk.drop();
    return;
  }
  talk.next = (sequence + 1) & SEQUENCE;
  if (!final) {
    facts.message(DNP3, SEGMENT, Role.Notification);
    return;
  }
  readFragment(facts, flow, talk.bytes, 0, talk.length, source, destination, fromMaster);
  talk.drop();
}

export const dnp3: Dissector = {
  protocol: PROTOCOLS.dnp3,
  reports: [PROTOCOLS.dnp3],
  tcpPorts: [20000],
  udpPorts: [20000],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_FRAME,

  identify: identifyDnp3,
  speaker: (bytes, start, end) =>
    end - start < HEADER ? Speaker.Unknown : bytes[start + 3] & Control.FromMaster ? Speaker.Client : Speaker.Server,

  stream(facts, bytes, start, end) {
    if ((end > start && bytes[start] !== 0x05) || (end > start + 1 && bytes[start + 1] !== 0x64)) {
      unreadable(facts, 'dnp3.start-bytes', 'Bytes that do not begin with 0x0564 where a frame should be.');
      return -1;
    }
    if (end - start < HEADER) return start;
    const length = bytes[start + 2];
    if (length < SHORTEST_LENGTH) {
      unreadable(facts, 'dnp3.length', `Length field ${length}, but the shortest frame has ${SHORTEST_LENGTH}.`);
      return -1;
    }
    const next = start + frameSize(length);
    if (next > end) return start;
    readFrame(facts, bytes, start);
    return next;
  },

  datagram(facts, bytes, start, end) {
    for (let at = start; at < end; ) {
      if (
        end - at < HEADER ||
        bytes[at] !== 0x05 ||
        bytes[at + 1] !== 0x64 ||
        bytes[at + 2] < SHORTEST_LENGTH ||
        at + frameSize(bytes[at + 2]) > end
      ) {
        facts.message(DNP3, UNREADABLE, Role.Notification);
        if (bytes[at] !== 0x05 || (end - at > 1 && bytes[at + 1] !== 0x64))
          violate(facts, 'dnp3.start-bytes', 'Bytes that do not begin with 0x0564 where a frame should be.');
        else if (facts.complete) violate(facts, 'dnp3.length', `A frame of ${end - at} bytes in a datagram that does not hold its length.`);
        return;
      }
      readFrame(facts, bytes, at);
      at += frameSize(bytes[at + 2]);
    }
  },

  gap(facts) {
    if (facts.state instanceof Dnp3Flow) facts.state.gap();
  },

  operationName: (_protocol, code) => functionName(code),

  aspects: {
    [Aspect.Dnp3Function]: (a) => ({ functionCode: a, function: functionName(a) }),
    [Aspect.Dnp3Indication]: (a) => ({ indication: `IIN${1 + (a >> 3)}.${a & 7}`, meaning: INDICATION_NAMES[a & 15] }),
    [Aspect.Dnp3IntegrityScan]: (a) => ({ classes: [0, 1, 2, 3].filter((bit) => a & (1 << bit)).join(', ') }),
  },
};
