/** Nobody has asked yet to which flow the packet belongs. */
export const NO_FLOW = -2;

/**
 * The packet under the cursor. Hot code: one object is reused for every packet of a run; numbers only, offsets into the
 * chunk instead of copies. `decode.ts` fills it.
 */
export class Packet {
  /** The chunk that holds the frame; valid until the next packet is read. */
  bytes: Uint8Array = new Uint8Array(0);
  /** First byte of the frame, and the byte after the last captured one. */
  start = 0;
  end = 0;
  /** 1-based number of the frame in the run (over all files of one timeline). */
  frame = 0;
  /** Time: whole seconds since 1970, and nanoseconds within the second. */
  seconds = 0;
  nanoseconds = 0;
  /** Length on the wire; larger than `end - start` when the capture cut the frame. */
  wireLength = 0;
  /** Interface the frame came from (0 for a plain file). */
  interface = 0;
  /** Link type of the frame as the capture numbers it (1 Ethernet; `link-types.ts`). */
  linkType = 1;

  /** The decoder's: what is the same for all plain packets stands in the fields already (see `Decoder`). */
  plain = false;

  /** The flow table's (see `FlowTable.aim`): key of the flow, its hash, and the direction; row, negative until it was found. */
  flowA = 0;
  flowB = 0;
  flowPorts = 0;
  flowKind = 0;
  flowHash = 0;
  flowDirection = 0;
  flowRow = NO_FLOW;
  flowVersion = 0;

  /** Offsets of the MAC addresses, -1 when the link type carries none (then `macKnown` of the side is false). */
  sourceMac = -1;
  destinationMac = -1;
  /** Low 32 bits of the source MAC, 0 without one. */
  sourceMacLow = 0;
  /** Outermost 802.1Q VLAN id, -1 when untagged. */
  vlan = -1;
  /** EtherType after tags; below 0x600 the frame is 802.3 and this is its length field; 0 when there is none. */
  etherType = 0;
  /** First byte after the link header (and tags, LLC/SNAP). */
  network = 0;
  /** Destination MAC is a group address (multicast or broadcast). */
  toGroup = false;

  /** 4, 6, or 0 when the frame carries no IP. */
  ipVersion = 0;
  /** IPv4 as signed int32; IPv6 as the number the address table gave it. */
  source = 0;
  destination = 0;
  /** IP protocol after extension headers; 0 without IP. */
  protocol = 0;
  timeToLive = 0;
  /** The packet is an IP fragment that was kept for reassembly: nothing above IP can be read from it. */
  fragment = false;
  /** The payload was put together from fragments and lies in a buffer of its own (`bytes` points to it). */
  reassembled = false;

  /** Ports; 0 without TCP or UDP. */
  sourcePort = 0;
  destinationPort = 0;
  /** TCP only. Sequence and acknowledgement as signed int32. */
  sequence = 0;
  acknowledgement = 0;
  flags = 0;

  /** Payload of TCP, UDP, ICMP, or of the link layer when there is no IP: `bytes[payload, payloadEnd)`. */
  payload = 0;
  payloadEnd = 0;
  /** All payload bytes that the headers announce were captured. */
  complete = true;
  /** Payload bytes that the headers announce and the capture lacks; 0 when `complete`. */
  missing = 0;
  /** Layers peeled on the way (GRE, VXLAN, MPLS, PPPoE, IP in IP); with any, the MACs may be the tunnel's. */
  tunnels = 0;
  /**
   * Who put the frame into a tunnel that carries Ethernet (VXLAN, ERSPAN, GRE), outermost: offset of its MAC address, -1
   * without such a tunnel; IP version, address as in `source`, time to live and VLAN of what carries the frame.
   */
  carrierMac = -1;
  carrierVersion = 0;
  carrierSource = 0;
  carrierTimeToLive = 0;
  carrierVlan = -1;
  /**
   * Name of what is wrong with the headers (`tcp.header-length`), empty when nothing is. With `complete` false the capture
   * cut the frame there, and nobody is to blame. Counted in `Decoder.problems`.
   */
  problem = '';
  /** The headers broke off: nothing above them can be read. Other problems leave the payload readable. */
  stopped = false;
}

/** TCP flag bits (RFC 9293, 3.1). */
export const Tcp = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const;
