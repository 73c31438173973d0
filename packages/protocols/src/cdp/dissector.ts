/** Cisco Discovery Protocol in IEEE 802.2 frames: what a neighbour tells about itself. A device sends a frame a minute, so texts are made for each. Every TLV consumes four bytes at least. */
import { text, u16, u24, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ANNOUNCEMENT, operationName, Tlv, typeOf, VIOLATIONS } from './names.ts';

const CDP = PROTOCOLS.cdp.index;
/** LLC and SNAP with Cisco's organisation code and type 0x2000, then version, time to live and checksum. */
const SNAP = 8;
const HEADER = SNAP + 4;
const CISCO = 0x00000c;
const CDP_TYPE = 0x2000;
/** What else switches send to the address of CDP, in turn with it: PAgP, UDLD, VTP, DTP, uplink fast. Nothing is read from these. */
const NEIGHBOURS: ReadonlySet<number> = new Set([0x0104, 0x0111, 0x2003, 0x2004, 0x200a]);
const LONGEST_TEXT = 128;

interface Neighbour {
  name: string;
  port: string;
  platform: string;
  software: string;
  type: string;
}

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER || u24(bytes, start) !== 0xaaaa03 || u24(bytes, start + 3) !== CISCO) return Confidence.No;
  const type = u16(bytes, start + 6);
  if (NEIGHBOURS.has(type)) return Confidence.Certain;
  if (type !== CDP_TYPE || end - start < HEADER + 4) return Confidence.No;
  return bytes[start + SNAP] === 1 || bytes[start + SNAP] === 2 ? Confidence.Certain : Confidence.No;
}

function readTlv(neighbour: Neighbour, type: number, bytes: Uint8Array, start: number, end: number): void {
  if (type === Tlv.DeviceId) neighbour.name = text(bytes, start, end, LONGEST_TEXT);
  else if (type === Tlv.PortId) neighbour.port = text(bytes, start, end, LONGEST_TEXT);
  else if (type === Tlv.Platform) neighbour.platform = text(bytes, start, end, LONGEST_TEXT);
  else if (type === Tlv.Version) neighbour.software = text(bytes, start, end, 256);
  else if (type === Tlv.Capabilities && end - start === 4) neighbour.type = typeOf(u32(bytes, start));
}

function tellNeighbour(facts: Facts, { name, port, platform, software, type }: Neighbour): void {
  const firmware = /Version (\d[^\s,]{0,60})/.exec(software)?.[1];
  if (name === '' && platform === '' && firmware === undefined && type === '') return;
  facts.tell({
    is: 'identity',
    protocol: CDP,
    of: 'sender',
    ...(name === '' ? {} : { name }),
    ...(platform === '' ? {} : { model: platform }),
    ...(/cisco/i.test(platform) ? { vendor: 'Cisco' } : {}),
    ...(firmware === undefined ? {} : { firmware }),
    ...(/Cisco IOS/.test(software) ? { os: 'Cisco IOS' } : {}),
    ...(type === '' ? {} : { type }),
    ...(port === '' ? {} : { place: `port ${port}` }),
  });
}

export const cdp: Dissector = {
  protocol: PROTOCOLS.cdp,
  reports: [PROTOCOLS.cdp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    if (end - start < HEADER || u16(bytes, start + 6) !== CDP_TYPE) return;
    facts.message(CDP, ANNOUNCEMENT, Role.Notification);
    const neighbour: Neighbour = { name: '', port: '', platform: '', software: '', type: '' };
    let at = start + HEADER;
    while (at + 4 <= end) {
      const type = u16(bytes, at);
      const next = at + u16(bytes, at + 2);
      if (facts.countsFields) facts.field('cdp.tlv.type', type);
      if (next < at + 4 || next > end) {
        const { malformed } = VIOLATIONS['cdp.length'];
        const sentence = `TLV ${type} says ${next - at} bytes, ${end - at} are left.`;
        if (facts.complete) facts.tell({ is: 'violation', protocol: CDP, name: 'cdp.length', malformed, text: sentence });
        break;
      }
      readTlv(neighbour, type, bytes, at + 4, next);
      at = next;
    }
    tellNeighbour(facts, neighbour);
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
