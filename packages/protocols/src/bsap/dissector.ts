/**
 * BSAP over UDP: the remote data base of Bristol Babcock controllers (ControlWave), whose signals are read and written by name.
 * Hot code: nothing is allocated for a message but writes.
 */
import { text, u16le, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Application, isMessageFunction, isWrite, MESSAGE, MessageFunction, operationName, VIOLATIONS } from './names.ts';

const BSAP = PROTOCOLS.bsap.index;
/** Identifier 0x000E, number of messages, function, sequence, last sequence received; then the messages, each with a length that counts itself. */
const IDENTIFIER = 0x000e;
const HEADER = 14;
const LENGTH = 4;
/** Offset of the application function, of the function of the data base, and of the number of signals in the data. */
const APPLICATION = 5;
const FUNCTION = 7;
const MOST_MESSAGES = 32;

/** Operation of the last request, by which its answer is counted. */
class Flow {
  last = -1;
}

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER || u16le(bytes, start) !== IDENTIFIER || u16le(bytes, start + 2) > MOST_MESSAGES) return Confidence.No;
  const code = u16le(bytes, start + 4);
  if (!isMessageFunction(code)) return Confidence.No;
  if (end - start === HEADER) return code === MessageFunction.Acknowledge ? Confidence.Possible : Confidence.No;
  return messagesEnd(bytes, start, end) === end ? Confidence.Certain : Confidence.No;
}

/** Offset after the messages that the header announces, -1 when one does not fit. */
function messagesEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start + HEADER;
  for (let left = u16le(bytes, start + 2); left > 0; left--) {
    const length = at + LENGTH <= end ? u32le(bytes, at) : 0;
    if (length < LENGTH || length > end - at) return -1;
    at += length;
  }
  return at;
}

/** The first text of letters, digits and points that a zero ends; empty without one. */
function firstName(bytes: Uint8Array, at: number, end: number): string {
  for (let from = at; from < end; ) {
    let stop = from;
    while (stop < end && bytes[stop] !== 0) stop++;
    const name = /@?[A-Za-z][\w.@]{0,63}$/.exec(text(bytes, from, stop, 128))?.[0];
    if (name) return name;
    from = stop + 1;
  }
  return '';
}

function readRequest(facts: Facts, bytes: Uint8Array, data: number, end: number): void {
  if (end - data < FUNCTION + 1) {
    facts.message(BSAP, MESSAGE + MessageFunction.Request, Role.Request);
    return;
  }
  const application = bytes[data + APPLICATION];
  const code = (application << 8) | (application === Application.DataBase ? bytes[data + FUNCTION] : 0);
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  (facts.state as Flow).last = code; // assigned in the line before when it was none
  facts.message(BSAP, code, Role.Request);
  if (application === Application.DataBase && isWrite(code & 0xff)) {
    const name = firstName(bytes, data + FUNCTION + 1, end);
    facts.tell({
      is: 'action',
      protocol: BSAP,
      action: 'control.operate',
      phase: 'requested',
      text: `${operationName(code)}${name && ` ${name}`}`,
    });
  } else if (application === Application.Download || application === Application.FlashDownload)
    facts.tell({
      is: 'action',
      protocol: BSAP,
      action: application === Application.Download ? 'program.download' : 'firmware.update',
      phase: 'requested',
      text: operationName(code),
    });
}

export const bsap: Dissector = {
  protocol: PROTOCOLS.bsap,
  reports: [PROTOCOLS.bsap],
  tcpPorts: [],
  udpPorts: [1234, 1235],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    const code = end - start >= 6 ? u16le(bytes, start + 4) : 0;
    const asks = code === MessageFunction.Request || code === MessageFunction.Request1 || code === MessageFunction.Request2;
    const messages = end - start > HEADER ? u16le(bytes, start + 2) : 0;
    if (messages > 0 && (messages > MOST_MESSAGES || messagesEnd(bytes, start, end) !== end)) {
      facts.message(BSAP, MESSAGE + code, asks ? Role.Request : Role.Response);
      const { malformed } = VIOLATIONS['bsap.length'];
      const sentence = `The lengths of ${messages} messages are not that of a datagram of ${end - start} bytes.`;
      if (facts.complete) facts.tell({ is: 'violation', protocol: BSAP, name: 'bsap.length', malformed, text: sentence });
      return;
    }
    if (messages === 0) facts.message(BSAP, MESSAGE, Role.Notification);
    for (let at = start + HEADER, left = messages; left > 0; left--) {
      const next = at + u32le(bytes, at);
      if (asks) readRequest(facts, bytes, at + LENGTH, next);
      else {
        const last = facts.state instanceof Flow ? facts.state.last : -1;
        facts.message(BSAP, last < 0 ? MESSAGE + code : last, Role.Response);
      }
      at = next;
    }
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
