/** Messages of SMB 2 and 3 in clear (MS-SMB2): headers of 64 bytes, alone or several in a compound; offsets inside count from the header. */
import { u16le, u32le } from '@annunciator/packet/bytes';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { BUFFER_OVERFLOW, Command2, PIPE_TRANSCEIVE, VERSION2 } from './names.ts';
import { windowsText } from './ntlm.ts';
import { moved, opened, readClientBlob, readServerBlob, shareOf, tellSetup } from './report.ts';
import type { OpenFile, Session } from './session.ts';

const SMB = PROTOCOLS.smb.index;
export const HEADER2 = 64;
/** Bytes of a message whose parts are read, and of one that moves the data of a file. */
const WHOLE = 8192;
const MOVES = 128;
const FILE_ID = 16;
/** Command by which the last create of a compound is meant (MS-SMB2, 3.2.4.1.4). */
const RELATED = 0xffffffff;

const commandOf = (bytes: Uint8Array, at: number): number => u16le(bytes, at + 12);
const messageOf = (bytes: Uint8Array, at: number): number => u32le(bytes, at + 24);
const treeOf = (bytes: Uint8Array, at: number): number => u32le(bytes, at + 36);

/** How many bytes of a message of `length` bytes are wanted before it is read: pipes are read whole, files at their beginning. */
export function enough2(session: Session, bytes: Uint8Array, at: number, length: number): number {
  const command = commandOf(bytes, at);
  if (command === Command2.Write || command === Command2.Read) {
    return Math.min(length, session.pipes && length <= WHOLE ? WHOLE : MOVES);
  }
  const read =
    command === Command2.SessionSetup || command === Command2.TreeConnect || command === Command2.Create || command === Command2.Ioctl;
  return Math.min(length, read ? WHOLE : HEADER2 + 24);
}

/** One or several messages in `bytes[at, end)`: compounds name the offset of the next (MS-SMB2, 2.2.1). */
export function readMessages2(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  while (at + HEADER2 <= end && bytes[at] === 0xfe && bytes[at + 1] === 0x53) {
    const command = commandOf(bytes, at);
    const answer = (bytes[at + 16] & 1) !== 0;
    facts.message(SMB, VERSION2 | (command & 0xff), answer ? Role.Response : Role.Request);
    if (facts.countsFields) {
      facts.field('smb2.cmd', command);
      if (answer)
        facts.field(
          'smb2.nt_status',
          `0x${u32le(bytes, at + 8)
            .toString(16)
            .padStart(8, '0')}`,
        );
    }
    const next = u32le(bytes, at + 20);
    const stop = next >= HEADER2 ? Math.min(end, at + next) : end;
    if (answer) readAnswer(facts, session, command, bytes, at, stop);
    else readRequest(facts, session, command, bytes, at, stop);
    if (next < HEADER2) return;
    at += next;
  }
}

/** File by its id at `at`; a compound names the file that its create opens by all ones. */
function fileAt(session: Session, bytes: Uint8Array, at: number): OpenFile | undefined {
  return u32le(bytes, at) === RELATED && u32le(bytes, at + 8) === RELATED ? undefined : session.files.get(hashOf(bytes, at, at + FILE_ID));
}

function readRequest(facts: Facts, session: Session, command: number, bytes: Uint8Array, at: number, end: number): void {
  const body = at + HEADER2;
  const part = (offset: number, size: number): readonly [number, number] => [Math.min(end, at + offset), Math.min(end, at + offset + size)];
  switch (command) {
    case Command2.SessionSetup:
      if (body + 16 <= end) readClientBlob(facts, session, bytes, ...part(u16le(bytes, body + 12), u16le(bytes, body + 14)));
      return;
    case Command2.TreeConnect: {
      if (body + 8 > end) return;
      const [from, to] = part(u16le(bytes, body + 4), u16le(bytes, body + 6));
      session.ask(messageOf(bytes, at), { name: shareOf(windowsText(bytes, from, to, true)), file: undefined, offset: 0 });
      return;
    }
    case Command2.Create: {
      if (body + 48 > end) return;
      const [from, to] = part(u16le(bytes, body + 44), u16le(bytes, body + 46));
      session.ask(messageOf(bytes, at), { name: windowsText(bytes, from, to, true), file: undefined, offset: 0 });
      return;
    }
    case Command2.Write: {
      if (body + 32 > end) return;
      const file = fileAt(session, bytes, body + 16);
      if (file)
        moved(
          facts,
          file,
          u32le(bytes, body + 8) + u32le(bytes, body + 12),
          bytes,
          ...part(u16le(bytes, body + 2), u32le(bytes, body + 4)),
        );
      return;
    }
    case Command2.Read:
      if (body + 32 <= end)
        session.ask(messageOf(bytes, at), {
          name: '',
          file: fileAt(session, bytes, body + 16),
          offset: u32le(bytes, body + 8) + u32le(bytes, body + 12),
        });
      return;
    case Command2.Ioctl: {
      if (body + 32 > end || u32le(bytes, body + 4) !== PIPE_TRANSCEIVE) return;
      const file = fileAt(session, bytes, body + 8);
      session.ask(messageOf(bytes, at), { name: '', file, offset: 0 });
      if (file) moved(facts, file, 0, bytes, ...part(u32le(bytes, body + 24), u32le(bytes, body + 28)));
      return;
    }
    case Command2.Close:
      if (body + 24 <= end) session.files.delete(hashOf(bytes, body + 8, body + 8 + FILE_ID));
      return;
    default:
  }
}

function readAnswer(facts: Facts, session: Session, command: number, bytes: Uint8Array, at: number, end: number): void {
  const body = at + HEADER2;
  const status = u32le(bytes, at + 8);
  const part = (offset: number, size: number): readonly [number, number] => [Math.min(end, at + offset), Math.min(end, at + offset + size)];
  switch (command) {
    case Command2.SessionSetup:
      if (body + 8 <= end) readServerBlob(facts, bytes, ...part(u16le(bytes, body + 4), u16le(bytes, body + 6)));
      tellSetup(facts, session, status);
      return;
    case Command2.TreeConnect: {
      const waiting = session.answered(messageOf(bytes, at));
      if (waiting && status === 0) session.connect(treeOf(bytes, at), waiting.name);
      return;
    }
    case Command2.Create: {
      const waiting = session.answered(messageOf(bytes, at));
      if (waiting && status === 0 && body + 80 <= end)
        opened(facts, session, hashOf(bytes, body + 64, body + 64 + FILE_ID), session.trees.get(treeOf(bytes, at)) ?? '', waiting.name);
      return;
    }
    case Command2.Read: {
      const waiting = session.answered(messageOf(bytes, at));
      if (waiting?.file && (status === 0 || status === BUFFER_OVERFLOW) && body + 8 <= end)
        moved(facts, waiting.file, waiting.offset, bytes, ...part(bytes[body + 2], u32le(bytes, body + 4)));
      return;
    }
    case Command2.Ioctl: {
      const waiting = session.answered(messageOf(bytes, at));
      if (waiting?.file && (status === 0 || status === BUFFER_OVERFLOW) && body + 40 <= end)
        moved(facts, waiting.file, 0, bytes, ...part(u32le(bytes, body + 32), u32le(bytes, body + 36)));
      return;
    }
    default:
  }
}
