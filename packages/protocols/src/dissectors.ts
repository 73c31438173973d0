/** Every dissector, in the order in which content is judged when the port tells nothing. A new protocol adds one line. */
import { arp } from './arp/dissector.ts';
import { cotp } from './cotp/dissector.ts';
import type { Dissector } from './dissector.ts';
import { enip } from './enip/dissector.ts';
import { icmp } from './icmp/dissector.ts';

export const DISSECTORS: readonly Dissector[] = [cotp, enip, arp, icmp];
