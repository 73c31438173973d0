/** How documents and the inventory call what a connection carries. */
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';

/** Id of the protocol, or what is known below it: the transport, the IP protocol, the EtherType. */
export function connectionProtocol(protocol: number, transport: number): string {
  return protocol === 0 ? transportName(transport) : (PROTOCOL_BY_INDEX[protocol]?.id ?? 'unknown');
}

/** `tcp`, `udp`, `ip-<number>` or `ethertype-0x<number>`. */
export function transportName(transport: number): string {
  if (transport === 6) return 'tcp';
  if (transport === 17) return 'udp';
  return transport > 0xff ? `ethertype-0x${transport.toString(16).padStart(4, '0')}` : `ip-${transport}`;
}
