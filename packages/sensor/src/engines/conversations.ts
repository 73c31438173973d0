/** What has become of a TCP conversation: looked up in the flow table when an engine judges it, seconds after it began. */
import { FLOW_WIDTH, Flow, FlowBit, type FlowTable } from '@annunciator/packet/tables/flow-table';

export const Outcome = {
  /** The conversation is no longer kept, or cannot be judged. */
  Unknown: 0,
  /** Nobody answered. */
  Silent: 1,
  /** The server, or the network, refused it. */
  Refused: 2,
  /** The server accepted and the client never agreed. */
  HalfOpen: 3,
  /** Both sides agreed, or data flowed. */
  Complete: 4,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

export class Conversations {
  #flows: FlowTable | undefined;

  /** Where conversations are looked up; without it all are unknown. */
  follow(flows: FlowTable): void {
    this.#flows = flows;
  }

  /** @param row row of the flow table @param frame frame in which the conversation began: the row may hold another one by now */
  outcome(row: number, frame: number): Outcome {
    const flows = this.#flows;
    if (!flows || row < 0 || flows.firstFrame[row] !== frame) return Outcome.Unknown;
    const at = row * FLOW_WIDTH;
    const bits = flows.rows[at + Flow.BITS];
    if ((bits & (FlowBit.ESTABLISHED | FlowBit.DATA_A | FlowBit.DATA_B)) !== 0) return Outcome.Complete;
    if ((bits & FlowBit.SYN_ACK) !== 0) return Outcome.HalfOpen;
    if ((bits & FlowBit.RST) !== 0) return Outcome.Refused;
    return flows.rows[at + Flow.PACKETS] !== 0 && flows.rows[at + Flow.PACKETS + 1] !== 0 ? Outcome.Unknown : Outcome.Silent;
  }

  /** Frame in which the conversation of a row began; 0 without one. */
  firstFrame(row: number): number {
    return (row >= 0 && this.#flows?.firstFrame[row]) || 0;
  }

  /** Second in which a closed conversation fell silent; undefined while it is open or no longer kept. */
  closedAt(row: number, frame: number): number | undefined {
    const flows = this.#flows;
    if (!flows || row < 0 || flows.firstFrame[row] !== frame) return undefined;
    const at = row * FLOW_WIDTH;
    const closing = FlowBit.RST | FlowBit.FIN_A | FlowBit.FIN_B;
    return (flows.rows[at + Flow.BITS] & closing) === 0 ? undefined : flows.rows[at + Flow.LAST];
  }
}
