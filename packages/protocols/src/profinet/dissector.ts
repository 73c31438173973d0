/**
 * PROFINET frames (EtherType 0x8892; IEC 61158-6-10): cyclic data, alarms, clock synchronisation, DCP.
 *
 * Hot code: cyclic data comes every millisecond from every station; nothing is allocated for it.
 */
import { u16 } from '@annunciator/packet/bytes';
import type { Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readDcp } from './dcp.ts';
import {
  DcpFrame,
  dcpServiceName,
  ETHERTYPE,
  firstOf,
  frameTitle,
  isCyclic,
  type ProfinetViolation,
  rangeOf,
  VIOLATIONS,
} from './names.ts';

const RT = PROTOCOLS.profinetRt.index;
/** Cycle counter, data status and transfer status at the end of cyclic data. */
const CYCLIC_STATUS = 4;

function violate(facts: Facts, name: ProfinetViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: RT, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

export const profinet: Dissector = {
  protocol: PROTOCOLS.profinetRt,
  reports: [PROTOCOLS.profinetRt, PROTOCOLS.profinetDcp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [ETHERTYPE],
  ipProtocols: [],
  longestMessage: 1_500,

  datagram(facts, bytes, start, end) {
    if (end - start < 2) {
      facts.message(RT, 0, Role.Notification);
      if (facts.complete) violate(facts, 'profinet-rt.short-frame', `${end - start} bytes are too few for a frame id.`);
      return;
    }
    const frameId = u16(bytes, start);
    const range = rangeOf(frameId);
    const first = range < 0 ? frameId : firstOf(range);
    if (frameId >= DcpFrame.Hello && frameId <= DcpFrame.IdentifyResponse) readDcp(facts, frameId, bytes, start + 2, end);
    else facts.message(RT, first, Role.Notification);
    if (facts.countsFields) facts.field('pn_rt.frame_id', frameId);
    facts.use(Aspect.ProfinetFrame, first, 0);
    if (range < 0) violate(facts, 'profinet-rt.reserved-frame-id', `Frame id 0x${frameId.toString(16).padStart(4, '0')}.`);
    else if (isCyclic(range) && end - start < 2 + CYCLIC_STATUS && facts.complete)
      violate(facts, 'profinet-rt.short-frame', `Cyclic data of ${end - start - 2} bytes lack the status at the end.`);
  },

  operationName: (protocol, code) => (protocol === PROTOCOLS.profinetDcp.index ? dcpServiceName(code) : frameTitle(code)),

  aspects: {
    [Aspect.ProfinetFrame]: (a) => ({ frame: frameTitle(a), frameId: `0x${a.toString(16).padStart(4, '0')}` }),
  },
};
