/** What share of the traffic no dissector knows, by server port. */
import { IpProtocol } from '@annunciator/packet/decode';
import type { Connections } from '../path/connections.ts';

const MOST_PORTS = 20;

export interface UndecodedPort {
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  /** Bytes on the wire of connections whose protocol nobody recognised, and of all on this port. */
  readonly undecoded: number;
  readonly bytes: number;
}

export interface Undecoded {
  readonly undecoded: number;
  readonly bytes: number;
  /** Those with most unknown bytes first, 20 at most. */
  readonly ports: readonly UndecodedPort[];
}

/** @param bytes of each connection so far */
export function undecodedTraffic(connections: Connections, bytes: Float64Array): Undecoded {
  const ports = new Map<number, { undecoded: number; bytes: number }>();
  let undecoded = 0;
  let all = 0;
  for (let row = 1; row < connections.count; row++) {
    const kind = connections.transport(row);
    if (kind !== IpProtocol.TCP && kind !== IpProtocol.UDP) continue;
    const key = (kind << 16) | connections.port(row);
    let sums = ports.get(key);
    if (!sums) {
      sums = { undecoded: 0, bytes: 0 };
      ports.set(key, sums);
    }
    sums.bytes += bytes[row];
    all += bytes[row];
    if (connections.protocol(row) !== 0) continue;
    sums.undecoded += bytes[row];
    undecoded += bytes[row];
  }
  const worst = [...ports]
    .filter(([, sums]) => sums.undecoded > 0)
    .sort(([, a], [, b]) => b.undecoded - a.undecoded)
    .slice(0, MOST_PORTS)
    .map(([key, sums]): UndecodedPort => ({ transport: key >>> 16 === IpProtocol.TCP ? 'tcp' : 'udp', port: key & 0xffff, ...sums }));
  return { undecoded, bytes: all, ports: worst };
}
