/** How documents and the inventory call what a connection carries. */
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Sensor } from '../sensor.ts';

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

/** Name of an operation, as the dissector that reports the protocol calls it. */
export function operationNames(sensor: Sensor): (protocol: number, code: number) => string {
  const dissectors = new Map(sensor.dissectors.flatMap((dissector) => dissector.reports.map((protocol) => [protocol.index, dissector])));
  return (protocol, code) => dissectors.get(protocol)?.operationName(protocol, code) ?? `operation ${code}`;
}
