/** Where and when something happened: what every engine reads of the packet under the cursor. */
export interface Scene {
  /** Packet time. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Frame number of the packet under the cursor, and of the one in which the message began (the same, usually). */
  readonly frame: number;
  readonly firstFrame: number;
  /** Frame of the request that the message answers, where what is told is the request's; 0 else. */
  readonly requestFrame: number;
  /** Canonical parties. */
  readonly sender: number;
  readonly receiver: number;
  readonly senderPort: number;
  readonly receiverPort: number;
  /** Who acts: the sender of a request or notification, the receiver of a response; and upon whom. */
  readonly actor: number;
  readonly target: number;
  /** The packet goes from the flow's client to its server. */
  readonly toServer: boolean;
  /** Destination is a multicast or broadcast address. */
  readonly toGroup: boolean;
  /** Index of the protocol of the last message; 0 when none was read. */
  readonly protocol: number;
  /** Row of the flow table; the same number for all packets of a session while it lives. */
  readonly flow: number;
}

/** A moment that no packet marks: silence was noticed. */
export function moment(seconds: number): Scene {
  return {
    seconds,
    nanoseconds: 0,
    frame: 0,
    firstFrame: 0,
    requestFrame: 0,
    sender: 0,
    receiver: 0,
    senderPort: 0,
    receiverPort: 0,
    actor: 0,
    target: 0,
    toServer: true,
    toGroup: false,
    protocol: 0,
    flow: -1,
  };
}
