/** CoAP over UDP (RFC 7252): methods, resources that are changed, refusals. Each option consumes a byte at least; nothing is allocated for a message but errors. */
import { text, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { codeName, type CoapViolation, isMethod, isResponse, Option, Type, VIOLATIONS } from './names.ts';

const COAP = PROTOCOLS.coap.index;
const HEADER = 4;
const LONGEST_TOKEN = 8;
const PAYLOAD = 0xff;
const MOST_OPTIONS = 64;

/** Options as they were walked last: one for all. */
const walked = { path: '', fault: '' as '' | CoapViolation, after: 0, payload: false };

function violate(facts: Facts, name: CoapViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: COAP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Walks the options from `at` on; texts of the path are made when they are wanted. */
function walk(bytes: Uint8Array, at: number, end: number, wanted: boolean): void {
  walked.path = '';
  walked.fault = '';
  walked.payload = false;
  let number = 0;
  for (let count = 0; at < end && count < MOST_OPTIONS; count++) {
    if (bytes[at] === PAYLOAD) {
      walked.payload = true;
      if (at + 1 === end) walked.fault = 'coap.length';
      break;
    }
    let delta = bytes[at] >> 4;
    let length = bytes[at] & 15;
    at++;
    if (delta === 15 || length === 15) {
      walked.fault = 'coap.format';
      break;
    }
    if (delta === 13) delta = 13 + bytes[at++];
    else if (delta === 14) {
      delta = 269 + u16(bytes, at);
      at += 2;
    }
    if (length === 13) length = 13 + bytes[at++];
    else if (length === 14) {
      length = 269 + u16(bytes, at);
      at += 2;
    }
    number += delta;
    if (at + length > end) {
      walked.fault = 'coap.length';
      break;
    }
    if (wanted && number === Option.UriPath && walked.path.length < 128) walked.path += `/${text(bytes, at, at + length, 64)}`;
    at += length;
  }
  walked.after = at;
}

/** Version 1, a token that fits, a code that exists for its type, options that fit. Only four fixed bits tell: it is certain where options explain all bytes. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const size = end - start;
  if (size < HEADER || bytes[start] >> 6 !== 1) return Confidence.No;
  const token = bytes[start] & 15;
  const code = bytes[start + 1];
  if (token > LONGEST_TOKEN || start + HEADER + token > end) return Confidence.No;
  if (code === 0)
    return token === 0 && size === HEADER && ((bytes[start] >> 4) & 3) >= Type.Acknowledgement ? Confidence.Possible : Confidence.No;
  if (!isMethod(code) && !isResponse(code)) return Confidence.No;
  walk(bytes, start + HEADER + token, end, false);
  return walked.fault === '' && (walked.payload || walked.after === end) ? Confidence.Possible : Confidence.No;
}

export const coap: Dissector = {
  protocol: PROTOCOLS.coap,
  reports: [PROTOCOLS.coap],
  tcpPorts: [],
  udpPorts: [5683],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    const token = bytes[start] & 15;
    const code = end - start > 1 ? bytes[start + 1] : 0;
    facts.message(COAP, code, isMethod(code) ? Role.Request : code === 0 ? Role.Notification : Role.Response);
    if (end - start < HEADER || start + HEADER + token > end) {
      if (facts.complete) violate(facts, 'coap.length', `A message of ${end - start} bytes ends within its token of ${token}.`);
      return;
    }
    if (facts.countsFields) {
      facts.field('coap.type', (bytes[start] >> 4) & 3);
      facts.field('coap.code', code);
    }
    if (token > LONGEST_TOKEN) {
      violate(facts, 'coap.format', `A token has at most ${LONGEST_TOKEN} bytes, this one says ${token}.`);
      return;
    }
    const changes = code >= 2 && isMethod(code) && code !== 5;
    walk(bytes, start + HEADER + token, end, changes);
    if (walked.fault && facts.complete) violate(facts, walked.fault, `The options of a message of ${end - start} bytes do not fit.`);
    else if (changes)
      facts.tell({
        is: 'action',
        protocol: COAP,
        action: 'configuration.write',
        phase: 'requested',
        text: `${codeName(code)} ${walked.path || '/'}`,
      });
    if (code >= 0x80 && isResponse(code))
      facts.tell({
        is: 'failure',
        protocol: COAP,
        name: 'coap.response',
        code,
        operation: 0,
        text: `the server answered ${codeName(code)}`,
      });
  },

  operationName: (_protocol, code) => codeName(code),
  aspects: {},
};
