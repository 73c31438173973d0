/** SSDP (UPnP Device Architecture 2.0, 1): HTTP headers in datagrams, with which devices look for and announce each other. */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Role } from '../facts.ts';
import { isStatusLine, startsWith } from '../http/identify.ts';
import { tokenEnd } from '../http/line.ts';
import { methodCode, methodName } from '../http/names.ts';
import { PROTOCOLS } from '../registry.ts';

const SSDP = PROTOCOLS.ssdp.index;

export const ssdp: Dissector = {
  protocol: PROTOCOLS.ssdp,
  reports: [PROTOCOLS.ssdp],
  tcpPorts: [],
  udpPorts: [1900],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    if (stream) return Confidence.No;
    if (startsWith(bytes, start, end, 'M-SEARCH * HTTP/1.1') || startsWith(bytes, start, end, 'NOTIFY * HTTP/1.1'))
      return Confidence.Certain;
    return isStatusLine(bytes, start, end) ? Confidence.Possible : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    if (isStatusLine(bytes, start, end)) {
      facts.message(SSDP, 0, Role.Response);
      if (facts.countsFields) facts.field('http.response.code', text(bytes, start + 9, start + 12));
      return;
    }
    const method = text(bytes, start, tokenEnd(bytes, start, end), 16);
    const code = methodCode(method);
    facts.message(SSDP, code, method === 'M-SEARCH' ? Role.Request : Role.Notification);
    if (facts.countsFields && code !== 0) facts.field('http.request.method', method);
  },

  operationName: (_protocol, code) => (code === 0 ? 'Response' : methodName(code)),
  aspects: {},
};
