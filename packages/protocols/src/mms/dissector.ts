/**
 * MMS (ISO 9506), the client-server protocol of IEC 61850 and ICCP: what a control centre, an HMI or an engineering tool
 * does with a protection device or controller. A user of COTP: the transport is read by `cotp/`.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Tlv, Universal } from '../ber/tlv.ts';
import type { CotpUser } from '../cotp/user.ts';
import { Confidence, Speaker } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { operationName, Pdu, Spdu } from './names.ts';
import { MmsReader } from './reader.ts';

const tlv = new Tlv();
const inner = new Tlv();

/** An MMS PDU that fills the bytes: the whole of a TSDU of controllers that leave out session and presentation. */
function isPlainPdu(bytes: Uint8Array, start: number, end: number): boolean {
  if ((bytes[start] & 0xc0) !== 0x80 || !tlv.read(bytes, start, end) || tlv.next !== end) return false;
  if (tlv.number === Pdu.ConcludeRequest || tlv.number === Pdu.ConcludeResponse) return tlv.tag < 0xa0 && tlv.start === tlv.end;
  if (tlv.number > Pdu.InitiateResponse || !inner.read(bytes, tlv.start, tlv.end)) return false;
  if (tlv.tag === 0xa0 || tlv.tag === 0xa1) return inner.tag === Universal.Integer && inner.end - inner.start <= 5;
  if (tlv.tag === 0xa8 || tlv.tag === 0xa9) return inner.tag === 0x80 || inner.tag === 0x81;
  if (tlv.tag === 0xa3) return inner.tag >= 0xa0 && inner.tag <= 0xa2;
  return (tlv.tag === 0xa2 || tlv.tag === 0xa4) && inner.tag === 0x80;
}

/** Give tokens without parameters, and data transfer without parameters, and whatever follows. */
const isSessionData = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= 4 &&
  bytes[start] === Spdu.GiveTokensOrData &&
  bytes[start + 1] === 0 &&
  bytes[start + 2] === Spdu.GiveTokensOrData &&
  bytes[start + 3] === 0;

/** CONNECT and ACCEPT begin with the identifier of the connection or the connect item (ISO 8327-1). */
function isSessionConnect(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== Spdu.Connect && bytes[start] !== Spdu.Accept) return false;
  const first = bytes[start + 1] === 0xff ? start + 4 : start + 2;
  return first < end && (bytes[first] === 1 || bytes[first] === 5);
}

function isSessionEnd(bytes: Uint8Array, start: number, end: number): boolean {
  const type = bytes[start];
  const ends = type === Spdu.Finish || type === Spdu.Disconnect || type === Spdu.Refuse || type === Spdu.Abort || type === Spdu.AbortAccept;
  return ends && start + 1 < end && bytes[start + 1] === end - start - 2;
}

/**
 * Strict: session data whose presentation fills the TSDU; a session connect that fills it and begins with the connect
 * item; a plain PDU that fills it.
 */
function identify(bytes: Uint8Array, start: number, end: number, length: number): Confidence {
  if (length < 5) return Confidence.No;
  if (isSessionData(bytes, start, end)) {
    tlv.read(bytes, start + 4, end);
    return bytes[start + 4] === 0x61 && tlv.end === start + length && bytes[tlv.start] === Universal.Sequence
      ? Confidence.Certain
      : Confidence.No;
  }
  if (isSessionConnect(bytes, start, end)) {
    const long = bytes[start + 1] === 0xff;
    const first = start + (long ? 4 : 2);
    const announced = long ? u16(bytes, start + 2) : bytes[start + 1];
    return first + announced === start + length && bytes[first] === 5 && bytes[first + 2] === 0x13 ? Confidence.Certain : Confidence.No;
  }
  return end - start >= length && isPlainPdu(bytes, start, end) ? Confidence.Certain : Confidence.No;
}

export const mms: CotpUser = {
  protocol: PROTOCOLS.mms,
  reports: [PROTOCOLS.mms],
  identify,
  claims: (bytes, start, end) =>
    start < end &&
    (isSessionData(bytes, start, end) ||
      isSessionConnect(bytes, start, end) ||
      isSessionEnd(bytes, start, end) ||
      isPlainPdu(bytes, start, end)),
  speaker: (bytes, start, end) => {
    if (!isSessionConnect(bytes, start, end)) return Speaker.Unknown;
    return bytes[start] === Spdu.Connect ? Speaker.Client : Speaker.Server;
  },
  open: () => new MmsReader(),
  operationName: (_protocol, code) => operationName(code),
  aspects: {
    [Aspect.MmsService]: (a) => ({ service: operationName(a) }),
    [Aspect.MmsProgram]: (a, b, text) => ({ service: operationName(a), name: text(b) || 'unnamed' }),
  },
};
