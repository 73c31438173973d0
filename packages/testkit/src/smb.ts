/**
 * SMB 2.1 (MS-SMB2) and SMB 1 (MS-CIFS) with NTLM sign-ins (MS-NLMP), and DCE/RPC in pipes: what tools that manage Windows
 * machines say. Written from the specifications.
 */
import type { Host } from './host.ts';
import { join, octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 445;
const NOTHING = new Uint8Array(0);

export const Status = { Success: 0, MoreProcessing: 0xc0000016, LogonFailure: 0xc000006d, NotImplemented: 0xc0000002 } as const;
export const Command2 = { Negotiate: 0, SessionSetup: 1, TreeConnect: 3, Create: 5, Close: 6, Read: 8, Write: 9, Ioctl: 11 } as const;

/** UTF-16 as Windows writes it. */
export function wide(text: string): Uint8Array {
  const out = octets();
  for (const character of text) out.u16le(character.charCodeAt(0));
  return out.take();
}

/** The frame of a NetBIOS session service over TCP. */
export function framed(message: Uint8Array): Uint8Array {
  return octets().u8(0).u24(message.length).bytes(message).take();
}

/** NTLM authenticate message (MS-NLMP, 2.2.1.3): a user of a domain at a computer; the proofs are zeros. */
export function authenticate(domain: string, user: string, computer: string): Uint8Array {
  const texts = [NOTHING, NOTHING, wide(domain), wide(user), wide(computer), NOTHING];
  const head = octets().text('NTLMSSP\0').u32le(3);
  let at = 64;
  for (const text of texts) {
    head.u16le(text.length).u16le(text.length).u32le(at);
    at += text.length;
  }
  return join(head.u32le(0x00000001).take(), ...texts);
}

/** NTLM challenge (MS-NLMP, 2.2.1.2) of a server that is called so and runs Windows 10.0 build 17763. */
export function challenge(computer: string): Uint8Array {
  const info = octets()
    .u16le(1)
    .u16le(2 * computer.length)
    .bytes(wide(computer))
    .u16le(0)
    .u16le(0)
    .take();
  return octets()
    .text('NTLMSSP\0')
    .u32le(2)
    .zeros(8)
    .u32le(0x02000001)
    .zeros(16)
    .u16le(info.length)
    .u16le(info.length)
    .u32le(56)
    .u8(10, 0)
    .u16le(17_763)
    .zeros(3)
    .u8(15)
    .bytes(info)
    .take();
}

export interface Header2 {
  readonly answer?: boolean;
  readonly status?: number;
  readonly message: number;
  readonly tree?: number;
  readonly next?: number;
}

/** A whole message of SMB 2. */
export function message2(command: number, header: Header2, body: Uint8Array): Uint8Array {
  return octets()
    .u8(0xfe)
    .text('SMB')
    .u16le(64)
    .u16le(1)
    .u32le(header.status ?? 0)
    .u16le(command)
    .u16le(1)
    .u32le(header.answer ? 1 : 0)
    .u32le(header.next ?? 0)
    .u32le(header.message)
    .u32le(0)
    .u32le(0)
    .u32le(header.tree ?? 0)
    .zeros(24)
    .bytes(body)
    .take();
}

/** A whole message of SMB 1: words, then bytes. */
export function message1(
  command: number,
  options: { answer?: boolean; status?: number; multiplex?: number; tree?: number; flags2?: number },
  words: Uint8Array,
  bytes: Uint8Array = NOTHING,
): Uint8Array {
  return octets()
    .u8(0xff)
    .text('SMB')
    .u8(command)
    .u32le(options.status ?? 0)
    .u8(options.answer ? 0x98 : 0x18)
    .u16le(options.flags2 ?? 0xc807)
    .zeros(12)
    .u16le(options.tree ?? 0)
    .u16le(0xfeff)
    .u16le(0x0800)
    .u16le(options.multiplex ?? 64)
    .u8(words.length >> 1)
    .bytes(words)
    .u16le(bytes.length)
    .bytes(bytes)
    .take();
}

const fileId = (number: number): Uint8Array => octets().u32le(number).zeros(4).u32le(number).zeros(4).take();

/** A session with one server. */
export class Session2 {
  readonly connection: Connection;
  readonly #timeline: Timeline;
  #message = 1;
  #file = 0x1000;

  constructor(timeline: Timeline, client: Host, server: Host, port = PORT) {
    this.#timeline = timeline;
    this.connection = new Connection(timeline, client, server, port);
  }

  #exchange(command: number, ask: Uint8Array, reply: Uint8Array, options: { status?: number; tree?: number } = {}): void {
    const message = this.#message++;
    this.connection.request(framed(message2(command, { message, ...(options.tree !== undefined && { tree: options.tree }) }, ask)));
    this.connection.response(framed(message2(command, { message, answer: true, ...options }, reply)));
  }

  #setup(blob: Uint8Array, reply: Uint8Array, status: number): void {
    this.#exchange(
      Command2.SessionSetup,
      octets().u16le(25).u8(0, 1).u32le(0).u32le(0).u16le(88).u16le(blob.length).zeros(8).bytes(blob).take(),
      octets().u16le(9).u16le(0).u16le(72).u16le(reply.length).bytes(reply).take(),
      { status },
    );
  }

  /** NTLM in two steps; the server lets the user in unless `status` says otherwise. */
  signIn(domain: string, user: string, status: number = Status.Success): this {
    this.#setup(octets().text('NTLMSSP\0').u32le(1).zeros(24).take(), challenge('SERVER-1'), Status.MoreProcessing);
    this.#setup(authenticate(domain, user, 'CLIENT-1'), NOTHING, status);
    return this;
  }

  /** @param tree its number in this session */
  connect(share: string, tree: number): this {
    const path = wide(`\\\\SERVER-1\\${share}`);
    this.#exchange(
      Command2.TreeConnect,
      octets().u16le(9).u16le(0).u16le(72).u16le(path.length).bytes(path).take(),
      octets()
        .u16le(16)
        .u8(share === 'IPC$' ? 2 : 1, 0)
        .zeros(12)
        .take(),
      { tree },
    );
    return this;
  }

  /** Opens a file or pipe; returns its id. */
  create(tree: number, name: string): number {
    const path = wide(name);
    const id = this.#file++;
    this.#exchange(
      Command2.Create,
      octets().u16le(57).zeros(42).u16le(120).u16le(path.length).zeros(8).bytes(path).take(),
      octets().u16le(89).zeros(62).bytes(fileId(id)).zeros(8).take(),
      { tree },
    );
    return id;
  }

  write(tree: number, file: number, data: Uint8Array, offset = 0): this {
    this.#exchange(
      Command2.Write,
      octets().u16le(49).u16le(112).u32le(data.length).u32le(offset).u32le(0).bytes(fileId(file)).zeros(16).bytes(data).take(),
      octets().u16le(17).u16le(0).u32le(data.length).zeros(8).take(),
      { tree },
    );
    return this;
  }

  read(tree: number, file: number, data: Uint8Array, offset = 0): this {
    this.#exchange(
      Command2.Read,
      octets().u16le(49).u8(0x50, 0).u32le(4096).u32le(offset).u32le(0).bytes(fileId(file)).zeros(17).take(),
      octets().u16le(17).u8(80, 0).u32le(data.length).zeros(8).bytes(data).take(),
      { tree },
    );
    return this;
  }

  /** A request and its answer on a pipe in one. */
  transceive(tree: number, file: number, ask: Uint8Array, reply: Uint8Array): this {
    this.#exchange(
      Command2.Ioctl,
      octets().u16le(57).u16le(0).u32le(0x0011c017).bytes(fileId(file)).u32le(120).u32le(ask.length).zeros(24).bytes(ask).take(),
      octets()
        .u16le(49)
        .u16le(0)
        .u32le(0x0011c017)
        .bytes(fileId(file))
        .u32le(112)
        .u32le(0)
        .u32le(112)
        .u32le(reply.length)
        .zeros(8)
        .bytes(reply)
        .take(),
      { tree },
    );
    return this;
  }

  wait(milliseconds: number): this {
    this.#timeline.wait(milliseconds);
    return this;
  }

  close(): void {
    this.connection.close();
  }
}

/** DCE/RPC packets as pipes carry them, little-endian (C706, 12.6.4). */
export const rpc = {
  bind(uuid: string, call = 1): Uint8Array {
    const body = octets().u16le(4280).u16le(4280).u32le(0).u8(1, 0, 0, 0).u16le(0).u8(1, 0).bytes(uuidBytes(uuid)).u32le(2);
    return packet(11, call, body.bytes(uuidBytes('8a885d04-1ceb-11c9-9fe8-08002b104860')).u32le(2).take());
  },
  bindAck(call = 1): Uint8Array {
    return packet(12, call, octets().u16le(4280).u16le(4280).u32le(1).u16le(0).zeros(2).u8(1, 0, 0, 0).zeros(24).take());
  },
  request(operation: number, stub: Uint8Array, call: number): Uint8Array {
    return packet(0, call, octets().u32le(stub.length).u16le(0).u16le(operation).bytes(stub).take());
  },
  response(stub: Uint8Array, call: number): Uint8Array {
    return packet(2, call, octets().u32le(stub.length).u16le(0).u8(0, 0).bytes(stub).take());
  },
};

function packet(type: number, call: number, body: Uint8Array): Uint8Array {
  return octets()
    .u8(5, 0, type, 3, 0x10, 0, 0, 0)
    .u16le(16 + body.length)
    .u16le(0)
    .u32le(call)
    .bytes(body)
    .take();
}

/** The 16 bytes of a UUID, its first three parts little-endian. */
function uuidBytes(uuid: string): Uint8Array {
  const [a, b, c, d, e] = uuid.split('-');
  const out = octets().u32le(Number.parseInt(a, 16)).u16le(Number.parseInt(b, 16)).u16le(Number.parseInt(c, 16));
  for (const pair of (d + e).match(/../g) ?? []) out.u8(Number.parseInt(pair, 16));
  return out.take();
}

/** A conformant and varying string (C706, 14.3.4), padded to four bytes. */
function ndr(text: string): Uint8Array {
  const characters = wide(`${text}\0`);
  return octets()
    .u32le(text.length + 1)
    .u32le(0)
    .u32le(text.length + 1)
    .bytes(characters)
    .zeros((4 - (characters.length & 3)) & 3)
    .take();
}

export const SVCCTL = '367abb81-9844-35f1-ad32-98f038001003';
export const TASKS = '86d35949-83c9-4044-b424-db363231fd0c';
const MANAGER = octets().zeros(4).text('service-manager!').take();

/** Stubs of the service control manager (MS-SCMR, 3.1.4). */
export const service = {
  handle: (name: string): Uint8Array => octets().zeros(4).text(name, 16).take(),
  create(name: string, image: string): Uint8Array {
    return octets()
      .bytes(MANAGER)
      .bytes(ndr(name))
      .u32le(0x20000)
      .bytes(ndr(name))
      .u32le(0xf01ff)
      .u32le(0x10)
      .u32le(3)
      .u32le(0)
      .bytes(ndr(image))
      .zeros(24)
      .take();
  },
  open: (name: string): Uint8Array => octets().bytes(MANAGER).bytes(ndr(name)).u32le(0x10).take(),
  start: (name: string): Uint8Array => octets().bytes(service.handle(name)).u32le(0).u32le(0).take(),
  /** The handle that an answer gives, and success. */
  opened: (name: string): Uint8Array => octets().bytes(service.handle(name)).u32le(0).take(),
  created: (name: string): Uint8Array => octets().u32le(0).bytes(service.handle(name)).u32le(0).take(),
};

/** SchRpcRegisterTask (MS-TSCH, 3.2.5.4.2): path, then the task in XML. */
export function registerTask(path: string, command: string): Uint8Array {
  const xml = `<Task><Actions><Exec><Command>${command}</Command></Exec></Actions></Task>`;
  return octets().u32le(0x20000).bytes(ndr(path)).bytes(ndr(xml)).u32le(6).zeros(16).take();
}

/** Signs in, opens the service manager's pipe, makes a service and starts it. */
export function runService(timeline: Timeline, client: Host, server: Host, name: string, image: string): Session2 {
  const session = new Session2(timeline, client, server).signIn('PLANT', 'admin').connect('IPC$', 5);
  const pipe = session.create(5, 'svcctl');
  session.write(5, pipe, rpc.bind(SVCCTL)).read(5, pipe, rpc.bindAck());
  session.transceive(5, pipe, rpc.request(12, service.create(name, image), 2), rpc.response(service.created(name), 2));
  session.transceive(5, pipe, rpc.request(19, service.start(name), 3), rpc.response(octets().u32le(0).take(), 3));
  return session;
}

/** SMB 1: a Trans2 with this subcommand, or a secondary; counts as given, right or not. */
export function transaction2(subcommand: number, multiplex: number, parameters = 12, total = parameters): Uint8Array {
  const words = octets()
    .u16le(total)
    .u16le(0)
    .u16le(1)
    .u16le(0)
    .u8(0, 0)
    .u16le(0)
    .u32le(0)
    .u16le(0)
    .u16le(parameters)
    .u16le(66)
    .u16le(0)
    .u16le(0)
    .u8(1, 0)
    .u16le(subcommand)
    .take();
  return message1(
    0x32,
    { multiplex },
    words,
    octets()
      .zeros(1 + parameters)
      .take(),
  );
}
