/** The first record of TLS (RFC 8446, 4.1.2), enough to be recognised; nothing is encrypted here. */
import { octets } from './octets.ts';
import type { Random } from './random.ts';

export const PORT = 443;

/** ClientHello of TLS 1.2 with a server name. */
export function clientHello(serverName: string, random: Random): Uint8Array {
  const name = octets()
    .u16(serverName.length + 3)
    .u8(0)
    .u16(serverName.length)
    .text(serverName)
    .take();
  const extension = octets().u16(0).u16(name.length).bytes(name).take();
  const body = octets()
    .u16(0x0303)
    .bytes(random.bytes(32))
    .u8(0)
    .u16(4)
    .u16(0xc02f)
    .u16(0x009c)
    .u8(1, 0)
    .u16(extension.length)
    .bytes(extension)
    .take();
  const handshake = octets().u8(1).u24(body.length).bytes(body).take();
  return record(22, handshake);
}

/** ServerHello that picks the first suite of {@link clientHello}. */
export function serverHello(random: Random): Uint8Array {
  const body = octets().u16(0x0303).bytes(random.bytes(32)).u8(0).u16(0xc02f).u8(0).take();
  return record(22, octets().u8(2).u24(body.length).bytes(body).take());
}

/** A record: type 22 handshake, 23 application data. */
export function record(type: number, fragment: Uint8Array): Uint8Array {
  return octets().u8(type).u16(0x0303).u16(fragment.length).bytes(fragment).take();
}

/** An encrypted record of so many bytes. */
export function applicationData(size: number, random: Random): Uint8Array {
  return record(23, random.bytes(size));
}
