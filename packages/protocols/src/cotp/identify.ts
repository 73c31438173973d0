/** Is this a TPKT stream, and whose? Judged by content: RFC 1006 is shared by S7, MMS, remote desktop and H.323. */
import { Confidence } from '../dissector.ts';
import { isPduType, PduType } from './names.ts';
import { fitsS7, isRemoteDesktop, newHeader, readConnect, readHeader, SHORTEST_TPKT, TPKT_HEADER, tpktLength } from './parse.ts';
import type { CotpUser } from './user.ts';

/** User data wanted before judging a DT: the header of every user fits in. */
const LEADING = 12;

/** BER and PER tags of T.125 (MCS): connect-initial and -response, and the choice of a domain PDU in its upper six bits. */
export function isMcs(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return false;
  if (bytes[at] === 0x7f) return at + 1 < end && bytes[at + 1] >= 0x65 && bytes[at + 1] <= 0x68;
  const choice = bytes[at] >> 2;
  // erectDomainRequest 1, disconnectProviderUltimatum 8, attachUser 10 and 11, channelJoin 14 and 15, sendData 25 and 26
  return (
    (choice === 1 && end - at === 5) ||
    choice === 8 ||
    choice === 10 ||
    choice === 11 ||
    choice === 14 ||
    choice === 15 ||
    choice === 25 ||
    choice === 26
  );
}

/**
 * Judges the first bytes of a stream direction as ISO-on-TCP for plants. `Certain` when a user claims the data or the
 * TSAPs of a CR or CC fit S7; `No` for remote desktop, whose CR, CC and MCS PDUs are TPKT as well.
 */
export function identifyTpkt(users: readonly CotpUser[], bytes: Uint8Array, start: number, end: number): Confidence {
  if (start < end && bytes[start] !== 3) return Confidence.No;
  if (start + 1 < end && bytes[start + 1] !== 0) return Confidence.No;
  if (end - start < SHORTEST_TPKT) return Confidence.More;
  const length = tpktLength(bytes, start);
  if (length < SHORTEST_TPKT) return Confidence.No;
  const tpdu = start + TPKT_HEADER;
  const packetEnd = start + length;
  const header = readHeader(bytes, tpdu, packetEnd, newHeader());
  if (header.broken) return Confidence.No;
  if (header.type === PduType.Data) {
    if (bytes[tpdu] !== 2 || (bytes[tpdu + 1] & 0x0f) !== 0 || (bytes[tpdu + 2] & 0x7f) !== 0) return Confidence.No;
    const known = Math.min(end, packetEnd);
    if (known - header.data < Math.min(LEADING, packetEnd - header.data)) return Confidence.More;
    let best: Confidence = isMcs(bytes, header.data, packetEnd) ? Confidence.No : Confidence.Possible;
    for (const user of users) {
      const confidence = user.identify(bytes, header.data, known, header.last ? packetEnd - header.data : -1);
      if (confidence > best) best = confidence;
    }
    return best;
  }
  if (header.type !== PduType.ConnectRequest && header.type !== PduType.ConnectConfirm) {
    return isPduType(header.type) ? Confidence.Possible : Confidence.No;
  }
  // X.224 13.3.3: a CR names destination 0; class 0 and no options is all that RFC 1006 allows.
  if (header.type === PduType.ConnectRequest && (bytes[tpdu + 2] !== 0 || bytes[tpdu + 3] !== 0)) return Confidence.No;
  if (header.data !== packetEnd) return Confidence.No;
  const known = Math.min(end, packetEnd);
  if (isRemoteDesktop(bytes, tpdu, known)) return Confidence.No;
  const connect = readConnect(bytes, tpdu, known);
  if (known === packetEnd && connect.broken) return Confidence.No;
  return fitsS7(connect) ? Confidence.Certain : Confidence.Possible;
}
