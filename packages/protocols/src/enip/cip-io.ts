/**
 * CIP I/O over UDP (port 2222, or any by content): a sequenced address item and a connected data item (ODVA, THE CIP
 * NETWORKS LIBRARY volume 2, 3-2.2). The data is the application's own, so only who sends it to whom is told.
 *
 * Hot code: controllers send these every few milliseconds; nothing is allocated.
 */
import { u16le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ASPECT_TEXTS } from './aspects.ts';
import { violation } from './exchange.ts';
import { hex4, Item } from './names.ts';

const CIP_IO = PROTOCOLS.cipIo.index;

/** Count, address item with connection id and sequence number, header of the data item. */
const FIXED = 2 + 12 + 4;

function fits(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= FIXED &&
    u16le(bytes, start) === 2 &&
    u16le(bytes, start + 2) === Item.SequencedAddress &&
    u16le(bytes, start + 4) === 8 &&
    u16le(bytes, start + 14) === Item.ConnectedData &&
    u16le(bytes, start + 16) === end - start - FIXED
  );
}

export const cipIo: Dissector = {
  protocol: PROTOCOLS.cipIo,
  reports: [PROTOCOLS.cipIo],
  tcpPorts: [],
  udpPorts: [2222],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 0,

  identify(bytes, start, end, stream) {
    if (stream) return Confidence.No;
    if (fits(bytes, start, end)) return Confidence.Certain;
    const begins = end - start >= 6 && u16le(bytes, start) === 2 && u16le(bytes, start + 2) === Item.SequencedAddress;
    return begins ? Confidence.Possible : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    facts.message(CIP_IO, 0, Role.Notification);
    if (!fits(bytes, start, end)) return violation(facts, 'cip-io.item-mismatch', true, `${end - start} bytes`);
    if (facts.countsFields) {
      facts.field('enip.cpf.typeid', hex4(Item.SequencedAddress));
      facts.field('enip.cpf.typeid', hex4(Item.ConnectedData));
    }
    // The connection points are told by Forward Open only, in another flow.
    facts.use(Aspect.CipIoConnection, 0, 0);
  },

  operationName: () => 'I/O Data',

  aspects: ASPECT_TEXTS,
};
