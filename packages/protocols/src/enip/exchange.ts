/**
 * Where a CIP message stands: in which flow, in which request or reply, how deep. One object is reused for every
 * message; embedded messages share it with the one around them.
 */
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { Connection, EnipFlow, Pending } from './flow.ts';
import { EnipFlow as Flow } from './flow.ts';
import { VIOLATIONS, type ViolationName } from './names.ts';

/** Messages in messages: an Unconnected Send of a Multiple Service Packet is 3 deep. */
export const MAX_DEPTH = 4;

export class Exchange {
  flow: EnipFlow = new Flow();
  /** The request being read, or the one a reply answers; null when it was not seen. */
  pending: Pending | null = null;
  /** Entry of `pending` that the next message belongs to. */
  entry = 0;
  /** The connection that carries the message, when it is known; null for unconnected messages too. */
  connection: Connection | null = null;
  /** The message came in a connection, known or not. */
  connected = false;
  /** Another module answers in the name of this address, or may. */
  through = false;
  depth = 0;
}

/** Tells a violation of a message of this family; `detail` gives what was expected and what was there. */
export function violation(facts: Facts, name: ViolationName, malformed: boolean, detail: string): void {
  // A frame that the capture cut short is no evidence of broken bytes.
  if (malformed && !facts.complete) return;
  const family = name.slice(0, name.indexOf('.'));
  const protocol =
    family === 'cip' ? PROTOCOLS.cip : family === 'pccc' ? PROTOCOLS.pccc : family === 'cip-io' ? PROTOCOLS.cipIo : PROTOCOLS.enip;
  facts.tell({ is: 'violation', protocol: protocol.index, name, malformed, text: `${VIOLATIONS[name]}: ${detail}.` });
}
