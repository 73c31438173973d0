/** What a TLS socket tells of the other side. */
import type { TLSSocket } from 'node:tls';
import type { HubProtocol } from '@annunciator/rules/hub-operation';
import type { Origin } from '../authentication/caller.ts';
import type { PeerCertificate } from '../authentication/certificate-chain.ts';

export function originOf(socket: TLSSocket, protocol: HubProtocol): Origin {
  // IPv4 in IPv6 form comes from sockets that listen on both.
  return { protocol, ipAddress: socket.remoteAddress?.replace(/^::ffff:/, '') ?? null };
}

export function certificateOf(socket: TLSSocket): PeerCertificate | undefined {
  return socket.getPeerX509Certificate();
}
