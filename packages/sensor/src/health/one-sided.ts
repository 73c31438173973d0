/** TCP connections of which only one direction is seen: the sign of a mirror that copies half of the traffic. */
import { IpProtocol } from '@annunciator/packet/decode';
import { FLOW_WIDTH, Flow, FlowBit, type FlowTable } from '@annunciator/packet/tables/flow-table';

/** Seconds of packet time that a flow counts after its last packet. */
const RECENT = 600;
const EXAMPLES = 10;

export interface OneSided {
  /** Recent TCP flows that carried data, and those of them whose other direction was never seen. */
  readonly flows: number;
  readonly oneSided: number;
  readonly examples: readonly OneSidedFlow[];
}

export interface OneSidedFlow {
  /** Who sends, and to whom; nobody saw that one answer. */
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
}

/**
 * Looks through the flows.
 * @param now the newest packet's second
 * @param nameOf the device of a party
 */
export function oneSidedFlows(flows: FlowTable, now: number, nameOf: (party: number) => string): OneSided {
  const { rows } = flows;
  const examples: OneSidedFlow[] = [];
  let recent = 0;
  let oneSided = 0;
  for (let row = 0; row < flows.used; row++) {
    const at = row * FLOW_WIDTH;
    if ((rows[at + Flow.KIND] & 0xffff) !== IpProtocol.TCP || rows[at + Flow.KIND] >>> 16 === 0) continue;
    const bits = rows[at + Flow.BITS];
    // A SYN that nobody answers is a closed door, not a blind eye.
    if ((bits & (FlowBit.DATA_A | FlowBit.DATA_B)) === 0) continue;
    if (((now - rows[at + Flow.LAST]) | 0) > RECENT) continue;
    recent++;
    if ((bits & FlowBit.CARRIED) !== 0) continue;
    const silent = rows[at + Flow.PACKETS] === 0 ? 0 : rows[at + Flow.PACKETS + 1] === 0 ? 1 : -1;
    if (silent < 0) continue;
    oneSided++;
    if (examples.length >= EXAMPLES) continue;
    const ports = rows[at + Flow.PORTS];
    const [fromPort, toPort] = silent === 1 ? [ports >>> 16, ports & 0xffff] : [ports & 0xffff, ports >>> 16];
    examples.push({
      from: nameOf(rows[at + Flow.DEVICE + 1 - silent]),
      to: nameOf(rows[at + Flow.DEVICE + silent]),
      fromPort,
      toPort,
    });
  }
  return { flows: recent, oneSided, examples };
}
