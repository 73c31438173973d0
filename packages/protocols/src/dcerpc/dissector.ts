/**
 * DCE/RPC: over TCP (port 135, or any by content) and in datagrams. PROFINET's context manager, which is carried in such
 * datagrams, has a dissector of its own (profinet/cm.ts).
 *
 * Hot code: headers are read in place; state per flow is bounded (see connection.ts).
 */
import type { Dissector } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ConnectionFlow, identifyConnection, readConnection } from './connection.ts';
import { ConnectionlessHeader, identifyConnectionless, readConnectionless } from './connectionless.ts';
import { interfaceName, packetTypeName, PacketType } from './names.ts';

const header = new ConnectionlessHeader();

/** `Request of operation 3`, `Bind`. */
export function rpcOperationName(code: number): string {
  const type = code >>> 16;
  const called = type === PacketType.Request || type === PacketType.Response || type === PacketType.Fault;
  return called ? `${packetTypeName(type)} of operation ${code & 0xffff}` : packetTypeName(type);
}

/** Texts of the aspect that every carrier of DCE/RPC uses. */
export const RPC_ASPECTS: Dissector['aspects'] = {
  [Aspect.RpcInterface]: (a, b, interned) => ({ interface: interfaceName(interned(a)), operation: b }),
};

export const dcerpc: Dissector = {
  protocol: PROTOCOLS.dcerpc,
  reports: [PROTOCOLS.dcerpc],
  tcpPorts: [135],
  udpPorts: [135],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? identifyConnection(bytes, start, end) : identifyConnectionless(bytes, start, end)),

  stream(facts, bytes, start, end) {
    if (!(facts.state instanceof ConnectionFlow)) facts.state = new ConnectionFlow();
    return readConnection(facts, facts.state as ConnectionFlow, bytes, start, end); // assigned in the line before when it was none
  },

  datagram(facts, bytes, start, end) {
    readConnectionless(facts, header, bytes, start, end);
  },

  gap(facts) {
    if (facts.state instanceof ConnectionFlow) facts.state.forget();
  },

  operationName: (_protocol, code) => rpcOperationName(code),

  aspects: RPC_ASPECTS,
};
