/** Sessions with databases: MySQL (client/server protocol 10), PostgreSQL (protocol 3) and SQL Server (MS-TDS), each signing in and asking. */
import type { Host } from './host.ts';
import { octets } from './octets.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export type Database = 'mysql' | 'postgresql' | 'tds';

/** What a session says, whatever the database. */
export interface DatabaseSession {
  /** The user's sign-in and the server's word on it. */
  signIn(user: string, accepted?: boolean): DatabaseSession;
  query(statement: string): DatabaseSession;
  close(): void;
}

export const PORTS = { mysql: 3306, postgresql: 5432, tds: 1433 } as const;

export const mysql = {
  packet: (sequence: number, payload: Uint8Array): Uint8Array => octets().u24le(payload.length).u8(sequence).bytes(payload).take(),
  greeting: (version = '8.0.36'): Uint8Array =>
    mysql.packet(
      0,
      octets()
        .u8(10)
        .text(`${version}\0`)
        .u32le(7)
        .zeros(9, 0x41)
        .u16le(0xffff)
        .u8(33)
        .u16le(2)
        .u16le(0x81ff)
        .u8(21)
        .zeros(10)
        .zeros(13, 0x42)
        .text('mysql_native_password\0')
        .take(),
    ),
  login: (user: string): Uint8Array =>
    mysql.packet(
      1,
      octets()
        .u32le(0x000aa285)
        .u32le(1 << 24)
        .u8(33)
        .zeros(23)
        .text(`${user}\0`)
        .u8(20)
        .zeros(20, 0x43)
        .take(),
    ),
  ok: (sequence: number): Uint8Array => mysql.packet(sequence, octets().u8(0, 0, 0).u16le(2).u16le(0).take()),
  error: (sequence: number, code: number, text: string): Uint8Array =>
    mysql.packet(sequence, octets().u8(0xff).u16le(code).text('#28000').text(text).take()),
  command: (command: number, argument = ''): Uint8Array => mysql.packet(0, octets().u8(command).text(argument).take()),
};

export const postgresql = {
  startup: (user: string): Uint8Array => {
    const parameters = octets().u32(0x30000).text(`user\0${user}\0database\0plant\0\0`).take();
    return octets()
      .u32(4 + parameters.length)
      .bytes(parameters)
      .take();
  },
  message: (type: string, payload: Uint8Array): Uint8Array =>
    octets()
      .text(type)
      .u32(4 + payload.length)
      .bytes(payload)
      .take(),
  authenticated: (): Uint8Array => postgresql.message('R', octets().u32(0).take()),
  error: (state: string, text: string): Uint8Array => postgresql.message('E', octets().text(`SFATAL\0C${state}\0M${text}\0\0`).take()),
  query: (statement: string): Uint8Array => postgresql.message('Q', octets().text(`${statement}\0`).take()),
  complete: (tag: string): Uint8Array => postgresql.message('C', octets().text(`${tag}\0`).take()),
};

const wide = (text: string): Uint8Array => {
  const out = octets();
  for (const character of text) out.u16le(character.charCodeAt(0));
  return out.take();
};

export const tds = {
  packet: (type: number, payload: Uint8Array, status = 1): Uint8Array =>
    octets()
      .u8(type, status)
      .u16(8 + payload.length)
      .u16(0)
      .u8(1, 0)
      .bytes(payload)
      .take(),
  preLogin: (): Uint8Array =>
    tds.packet(18, octets().u8(0).u16(11).u16(6).u8(1).u16(17).u16(1).u8(255).u8(15, 0, 0, 0).u16(0).u8(2).take()),
  login: (user: string, host = 'STATION-1'): Uint8Array => {
    const [hostText, userText] = [wide(host), wide(user)];
    const fixed = octets()
      .u32le(94 + hostText.length + userText.length)
      .u32le(0x74000004)
      .zeros(28);
    fixed
      .u16le(94)
      .u16le(host.length)
      .u16le(94 + hostText.length)
      .u16le(user.length)
      .zeros(50);
    return tds.packet(16, fixed.bytes(hostText).bytes(userText).take());
  },
  accepted: (): Uint8Array => tds.packet(4, octets().u8(0xad).u16le(10).zeros(10).u8(0xfd).zeros(12).take()),
  error: (code: number, text: string): Uint8Array => {
    const body = octets().u32le(code).u8(1, 14).u16le(text.length).bytes(wide(text)).u8(0).u8(0).u32le(1).take();
    return tds.packet(4, octets().u8(0xaa).u16le(body.length).bytes(body).u8(0xfd).zeros(12).take());
  },
  batch: (statement: string): Uint8Array => tds.packet(1, octets().u32le(22).u32le(18).u16le(2).zeros(12).bytes(wide(statement)).take()),
  done: (): Uint8Array => tds.packet(4, octets().u8(0xfd).zeros(12).take()),
};

/** A connection to a database; nothing but the greeting has been said. */
export function session(timeline: Timeline, client: Host, server: Host, database: Database): DatabaseSession {
  const connection = new Connection(timeline, client, server, PORTS[database]);
  if (database === 'mysql') connection.response(mysql.greeting());
  if (database === 'tds') connection.request(tds.preLogin()).response(tds.packet(4, octets().u8(0).u16(6).u16(6).u8(255).zeros(6).take()));
  const self: DatabaseSession = {
    signIn(user, accepted = true) {
      const sentence = `Access denied for user ${user}`;
      if (database === 'mysql') connection.request(mysql.login(user)).response(accepted ? mysql.ok(2) : mysql.error(2, 1045, sentence));
      else if (database === 'postgresql')
        connection.request(postgresql.startup(user)).response(accepted ? postgresql.authenticated() : postgresql.error('28P01', sentence));
      else connection.request(tds.login(user)).response(accepted ? tds.accepted() : tds.error(18_456, sentence));
      return self;
    },
    query(statement) {
      if (database === 'mysql') connection.request(mysql.command(3, statement)).response(mysql.ok(1));
      else if (database === 'postgresql') connection.request(postgresql.query(statement)).response(postgresql.complete('OK'));
      else connection.request(tds.batch(statement)).response(tds.done());
      return self;
    },
    close: () => connection.close(),
  };
  return self;
}
