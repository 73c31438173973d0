/** KNXnet/IP over UDP and TCP: services of building automation, and what devices are. Hot code: nothing is allocated for a routed telegram. */
import { text, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  DEVICE_BLOCK,
  DEVICE_BLOCK_SIZE,
  DEVICE_NAME,
  DEVICE_SERIAL,
  isAnswer,
  isService,
  type KnxipViolation,
  Service,
  serviceName,
  VIOLATIONS,
} from './names.ts';

const KNXIP = PROTOCOLS.knxip.index;
/** Header size 6, version 1.0, service, length (03/08/02, 2.3). */
const HEADER = 6;
const MARK = 0x0610;
const LONGEST = 2048;
/** Endpoint of control that comes before the description in a search response. */
const ENDPOINT = 8;

function violate(facts: Facts, name: KnxipViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: KNXIP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (bytes[start] !== 6 || (end - start > 1 && bytes[start + 1] !== 0x10)) return Confidence.No;
  if (end - start < HEADER) return stream ? Confidence.More : Confidence.No;
  const length = u16(bytes, start + 4);
  if (!isService(u16(bytes, start + 2)) || length < HEADER || length > LONGEST) return Confidence.No;
  return stream || length === end - start ? Confidence.Certain : Confidence.No;
}

/** The device's own description: medium, status, address, serial number, MAC address, name. */
function tellDevice(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (at + DEVICE_BLOCK_SIZE > end || bytes[at] !== DEVICE_BLOCK_SIZE || bytes[at + 1] !== DEVICE_BLOCK) return;
  const name = text(bytes, at + DEVICE_NAME, at + DEVICE_BLOCK_SIZE, 30).replace(/[.\s]+$/, '');
  const serial = Buffer.from(bytes.buffer, bytes.byteOffset + at + DEVICE_SERIAL, 6).toString('hex');
  facts.tell({ is: 'identity', protocol: KNXIP, of: 'sender', type: 'HVAC', serial, ...(name && { model: name }) });
}

function readFrame(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const service = u16(bytes, start + 2);
  facts.message(
    KNXIP,
    service,
    isAnswer(service) ? Role.Response : service === Service.RoutingIndication ? Role.Notification : Role.Request,
  );
  if (facts.countsFields) facts.field('knxip.service', `0x${service.toString(16).padStart(4, '0')}`);
  if (!isService(service)) violate(facts, 'knxip.service', `Service 0x${service.toString(16)} is not defined.`);
  switch (service) {
    case Service.SearchRequest:
    case Service.SearchRequestExtended:
    case Service.DescriptionRequest:
      facts.tell({ is: 'action', protocol: KNXIP, action: 'identity.request', phase: 'requested', text: serviceName(service) });
      return;
    case Service.SearchResponse:
    case Service.SearchResponseExtended:
      tellDevice(facts, bytes, start + HEADER + ENDPOINT, end);
      return;
    case Service.DescriptionResponse:
      tellDevice(facts, bytes, start + HEADER, end);
      return;
    case Service.RemoteReset:
      facts.tell({ is: 'action', protocol: KNXIP, action: 'controller.reset', phase: 'requested', text: serviceName(service) });
      return;
    case Service.RemoteConfiguration:
      facts.tell({ is: 'action', protocol: KNXIP, action: 'configuration.write', phase: 'requested', text: serviceName(service) });
      return;
    default:
  }
}

export const knxip: Dissector = {
  protocol: PROTOCOLS.knxip,
  reports: [PROTOCOLS.knxip],
  tcpPorts: [3671],
  udpPorts: [3671],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (start < end ? identify(bytes, start, end, stream) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    const length = u16(bytes, start + 4);
    if (u16(bytes, start) !== MARK || length > LONGEST) return -1;
    if (length < HEADER) {
      facts.message(KNXIP, u16(bytes, start + 2), Role.Notification);
      violate(facts, 'knxip.length', `A frame has at least ${HEADER} bytes, this one says ${length}.`);
      return -1;
    }
    if (end - start < length) return start;
    readFrame(facts, bytes, start, start + length);
    return start + length;
  },

  datagram(facts, bytes, start, end) {
    if (end - start < HEADER || u16(bytes, start + 4) !== end - start) {
      facts.message(KNXIP, end - start >= 4 ? u16(bytes, start + 2) : 0, Role.Notification);
      if (facts.complete)
        violate(
          facts,
          'knxip.length',
          `A frame says ${end - start < HEADER ? 'nothing' : u16(bytes, start + 4)} in a datagram of ${end - start} bytes.`,
        );
      return;
    }
    readFrame(facts, bytes, start, end);
  },

  operationName: (_protocol, code) => serviceName(code),
  aspects: {},
};
