/** Finds what carried the traffic of an alert: alerts name devices and ports, connections know the transport. */
import type { AlertDocument, ConnectionDocument } from '@annunciator/sensor/analysis/document';

/** `tcp`, `udp` ... of the connection between an alert's ends; null when there is none. */
export type TransportOf = (alert: AlertDocument) => string | null;

export function transports(connections: readonly ConnectionDocument[]): TransportOf {
  const byPort = new Map<string, string>();
  const byPair = new Map<string, string>();
  const note = (map: Map<string, string>, key: string, transport: string): void => {
    if (!map.has(key)) map.set(key, transport);
  };
  for (const { source, destination, port, transport } of connections) {
    for (const pair of [`${source} ${destination}`, `${destination} ${source}`]) {
      note(byPort, `${pair} ${port}`, transport);
      note(byPair, pair, transport);
    }
  }
  return ({ source, destination }) => {
    const pair = `${source?.device ?? ''} ${destination?.device ?? ''}`;
    return byPort.get(`${pair} ${destination?.port}`) ?? byPort.get(`${pair} ${source?.port}`) ?? byPair.get(pair) ?? null;
  };
}

/** Protocols of alerts that are no applications: what carries them, or less. */
const CARRIERS: ReadonlySet<string> = new Set(['unknown', 'ethernet', 'arp', 'ip', 'icmp', 'icmpv6', 'tcp', 'udp']);

/** Id of the application protocol of an alert; undefined when there is none. */
export function applicationOf({ protocol }: AlertDocument): string | undefined {
  return protocol === null || CARRIERS.has(protocol) ? undefined : protocol;
}

/** IP protocol of a connection's `transport`, with the name IANA gives it; undefined below IP. */
export function ipProtocol(transport: string | null): { number: number; name: string } | undefined {
  if (transport === null || transport.startsWith('ethertype-')) return undefined;
  if (transport === 'tcp') return { number: 6, name: 'TCP' };
  if (transport === 'udp') return { number: 17, name: 'UDP' };
  const number = Number(transport.replace('ip-', ''));
  if (!Number.isInteger(number)) return undefined;
  return { number, name: number === 1 ? 'ICMP' : number === 58 ? 'IPv6-ICMP' : String(number).padStart(3, '0') };
}
