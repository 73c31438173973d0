/** Where a BACnet message stands: which flow, from whom, across which networks. One object is reused for every message. */
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { BacnetFlow } from './flow.ts';
import { VIOLATIONS, type ViolationName } from './names.ts';

export class Context {
  flow: BacnetFlow = new BacnetFlow();
  /** Source and destination network of the NPDU, -1 when it names none. */
  sourceNetwork = -1;
  destinationNetwork = -1;
  /** IPv4 address that a Forwarded-NPDU came from, empty otherwise. */
  origin = '';
}

/** Tells a violation; `detail` gives what was expected and what was there. */
export function violation(facts: Facts, name: ViolationName, malformed: boolean, detail: string): void {
  // A frame that the capture cut short is no evidence of broken bytes.
  if (malformed && !facts.complete) return;
  facts.tell({ is: 'violation', protocol: PROTOCOLS.bacnet.index, name, malformed, text: `${VIOLATIONS[name]}: ${detail}.` });
}
