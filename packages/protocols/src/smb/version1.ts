/** Messages of SMB 1 (MS-CIFS, MS-SMB): a header of 32 bytes, words, then bytes. Offsets inside count from the header. */
import { u16le, u32le } from '@annunciator/packet/bytes';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Command1, TRANS2_SESSION_SETUP, TRANSACT_PIPE } from './names.ts';
import { windowsText } from './ntlm.ts';
import { moved, opened, readClientBlob, readServerBlob, shareOf, tellSetup, violate } from './report.ts';
import type { OpenFile, Session } from './session.ts';

const SMB = PROTOCOLS.smb.index;
export const HEADER1 = 32;
/** Bytes of a message whose parts are read, and of one that moves the data of a file. */
const WHOLE = 8192;
const MOVES = 128;
/** Flags2 (MS-CIFS, 2.2.3.1): extended security, NT status codes, UTF-16 texts. */
const EXTENDED_SECURITY = 0x0800;
const NT_STATUS = 0x4000;
const UNICODE = 0x8000;
/** Commands whose message may carry another one behind it (MS-CIFS, 2.2.3.4). */
const ANDX: ReadonlySet<number> = new Set([0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2]);
const NO_FURTHER = 0xff;
/** DoublePulsar adds this to the multiplex id of the request it answers. */
const IMPLANT_SHIFT = 0x10;

const field1 = (facts: Facts, command: number): void => facts.field('smb.cmd', `0x${command.toString(16).padStart(2, '0')}`);

/** How many bytes of a message of `length` bytes are wanted before it is read. */
export function enough1(bytes: Uint8Array, at: number, length: number): number {
  const command = bytes[at + 4];
  const moves = command === Command1.ReadAndX || command === Command1.WriteAndX;
  return Math.min(length, moves ? Math.max(MOVES, length <= WHOLE ? length : 0) : WHOLE);
}

/** One message in `bytes[at, end)`; `length` is what the frame announced. */
export function readMessage1(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number, length: number): void {
  const command = bytes[at + 4];
  const answer = (bytes[at + 9] & 0x80) !== 0;
  facts.message(SMB, command, answer ? Role.Response : Role.Request);
  if (facts.countsFields) {
    field1(facts, command);
    if (u16le(bytes, at + 10) & NT_STATUS)
      facts.field(
        'smb.nt_status',
        `0x${u32le(bytes, at + 5)
          .toString(16)
          .padStart(8, '0')}`,
      );
    countChain(facts, bytes, at, command, end);
  }
  if (at + HEADER1 + 1 > end) return;
  const words = at + HEADER1 + 1;
  const after = words + 2 * bytes[at + HEADER1];
  if (after + 2 > end) return;
  if (answer) readAnswer(facts, session, command, bytes, at, words, after, end);
  else readRequest(facts, session, command, bytes, at, words, after, end, length);
}

/** Counts the commands chained to the one whose parameters are at `at`: each link has to lie behind the last. */
function countChain(facts: Facts, bytes: Uint8Array, header: number, command: number, end: number): void {
  let at = header + HEADER1;
  while (ANDX.has(command) && at + 5 <= end && bytes[at] >= 2) {
    command = bytes[at + 1];
    field1(facts, command);
    const next = header + u16le(bytes, at + 3);
    if (command === NO_FURTHER || next <= at) return;
    at = next;
  }
}

const multiplexOf = (bytes: Uint8Array, at: number): number => u16le(bytes, at + 30);
const treeOf = (bytes: Uint8Array, at: number): number => u16le(bytes, at + 24);

/** A text among the bytes: UTF-16 begins on an even offset of the message. */
function textAt(bytes: Uint8Array, header: number, at: number, end: number): string {
  const unicode = (u16le(bytes, header + 10) & UNICODE) !== 0;
  const from = unicode ? at + ((at - header) & 1) : at;
  return windowsText(bytes, from, end, unicode);
}

function readRequest(
  facts: Facts,
  session: Session,
  command: number,
  bytes: Uint8Array,
  at: number,
  words: number,
  after: number,
  end: number,
  length: number,
): void {
  const count = (after - words) / 2;
  switch (command) {
    case Command1.SessionSetupAndX:
      readSetup(facts, session, bytes, at, words, after, end, count);
      return;
    case Command1.TreeConnectAndX:
      if (count >= 4)
        session.ask(multiplexOf(bytes, at), {
          name: shareOf(textAt(bytes, at, after + 2 + u16le(bytes, words + 6), end)),
          file: undefined,
          offset: 0,
        });
      return;
    case Command1.NtCreateAndX:
    case Command1.OpenAndX:
      session.ask(multiplexOf(bytes, at), { name: textAt(bytes, at, after + 2, end), file: undefined, offset: 0 });
      return;
    case Command1.WriteAndX:
      if (count >= 12)
        move(
          facts,
          session,
          u16le(bytes, words + 4),
          u32le(bytes, words + 6),
          bytes,
          at + u16le(bytes, words + 22),
          u16le(bytes, words + 20),
          end,
        );
      return;
    case Command1.ReadAndX:
      if (count >= 10)
        session.ask(multiplexOf(bytes, at), {
          name: '',
          file: session.files.get(u16le(bytes, words + 4)),
          offset: u32le(bytes, words + 6),
        });
      return;
    case Command1.Close:
      if (count >= 1) session.files.delete(u16le(bytes, words));
      return;
    case Command1.Transaction:
    case Command1.Transaction2:
    case Command1.NtTransact:
      readTransaction(facts, session, command, bytes, at, words, count, end, length);
      return;
    case Command1.Transaction2Secondary:
      checkSequence(facts, session, command, multiplexOf(bytes, at));
      return;
    case Command1.NtTransactSecondary:
      checkSequence(facts, session, command, multiplexOf(bytes, at));
      return;
    default:
  }
}

/** Session set-ups have 10, 12 or 13 words; 12 are those with extended security (MS-SMB, 2.2.4.6.1). */
function readSetup(
  facts: Facts,
  session: Session,
  bytes: Uint8Array,
  at: number,
  words: number,
  after: number,
  end: number,
  count: number,
): void {
  const flags = u16le(bytes, at + 10);
  const size = u16le(bytes, after);
  if (count !== 10 && count !== 12 && count !== 13) {
    violate(facts, 'smb.parameter-length', `A session set-up has 10, 12 or 13 words, this one says ${count}.`);
    return;
  }
  if (count === 12) {
    const blob = u16le(bytes, words + 14);
    if ((flags & EXTENDED_SECURITY) === 0)
      violate(
        facts,
        'smb.parameter-length',
        `A session set-up of 12 words comes with extended security; this one says ${size} bytes without it.`,
      );
    else if (blob > size) violate(facts, 'smb.parameter-length', `A security blob of ${blob} bytes does not fit into ${size}.`);
    else readClientBlob(facts, session, bytes, after + 2, Math.min(end, after + 2 + blob));
    return;
  }
  if (count !== 13) return;
  const passwords = u16le(bytes, words + 14) + u16le(bytes, words + 16);
  if (passwords > size) {
    violate(facts, 'smb.parameter-length', `Passwords of ${passwords} bytes do not fit into ${size}.`);
    return;
  }
  const unicode = (flags & UNICODE) !== 0;
  let from = after + 2 + passwords;
  const user = textAt(bytes, at, from, end);
  from += unicode ? ((from - at) & 1) + 2 * (user.length + 1) : user.length + 1;
  const domain = textAt(bytes, at, from, end);
  session.user = user && domain ? `${domain}\\${user}` : user;
}

function readTransaction(
  facts: Facts,
  session: Session,
  command: number,
  bytes: Uint8Array,
  at: number,
  words: number,
  count: number,
  end: number,
  length: number,
): void {
  const multiplex = multiplexOf(bytes, at);
  const wide = command === Command1.NtTransact;
  if (count < (wide ? 19 : 14)) return;
  const number = (index: number): number => (wide ? u32le(bytes, words + 3 + 4 * index) : u16le(bytes, words + 2 * index));
  // Trans and Trans2: totals, largest answers, flags, time-out, then these four; NT Trans: totals, largest answers, then these four.
  const [totalParameters, totalData] = [number(0), number(1)];
  const [parameters, parametersAt, data, dataAt] = wide
    ? [number(4), number(5), number(6), number(7)]
    : [number(9), number(10), number(11), number(12)];
  if (parameters > totalParameters || data > totalData)
    violate(
      facts,
      'smb.parameter-length',
      `A transaction holds ${parameters} and ${data} bytes where it says ${totalParameters} and ${totalData} in all.`,
    );
  else if ((parameters > 0 && parametersAt + parameters > length) || (data > 0 && dataAt + data > length))
    violate(
      facts,
      'smb.parameter-length',
      `The parts of a transaction end at ${Math.max(parametersAt + parameters, dataAt + data)}, the message at ${length}.`,
    );
  if (wide) {
    session.ntTrans = data < totalData || parameters < totalParameters ? multiplex : -1;
    return;
  }
  const setups = bytes[words + 26];
  const setup = setups > 0 && count > 14 ? u16le(bytes, words + 28) : -1;
  if (command === Command1.Transaction2) {
    session.trans2 = data < totalData || parameters < totalParameters ? multiplex : -1;
    if (setup === TRANS2_SESSION_SETUP) session.implantAsked = multiplex;
    return;
  }
  if (setup !== TRANSACT_PIPE || setups < 2 || count < 16) return;
  const file = session.files.get(u16le(bytes, words + 30));
  session.ask(multiplex, { name: '', file, offset: 0 });
  if (file) moved(facts, file, 0, bytes, Math.min(end, at + dataAt), Math.min(end, at + dataAt + data));
}

/** A secondary message continues the transaction of its kind with the same multiplex id (MS-CIFS, 2.2.4.47.1, 2.2.4.63.1). */
function checkSequence(facts: Facts, session: Session, command: number, multiplex: number): void {
  const second = command === Command1.Transaction2Secondary;
  const other = second ? session.ntTrans : session.trans2;
  const own = second ? session.trans2 : session.ntTrans;
  if (multiplex === own || multiplex !== other) return;
  const [began, goes] = second ? ['NT Trans', 'Trans2 Secondary'] : ['Trans2', 'NT Trans Secondary'];
  violate(facts, 'smb.transaction-sequence', `The ${began} with multiplex id ${multiplex} goes on with a ${goes}.`);
}

function move(
  facts: Facts,
  session: Session,
  fid: number,
  offset: number,
  bytes: Uint8Array,
  from: number,
  size: number,
  end: number,
): void {
  const file = session.files.get(fid);
  if (file && from <= end) moved(facts, file, offset, bytes, from, Math.min(end, from + size));
}

function readAnswer(
  facts: Facts,
  session: Session,
  command: number,
  bytes: Uint8Array,
  at: number,
  words: number,
  after: number,
  end: number,
): void {
  const status = u32le(bytes, at + 5);
  const multiplex = multiplexOf(bytes, at);
  const count = (after - words) / 2;
  switch (command) {
    case Command1.SessionSetupAndX:
      if (count === 4) readServerBlob(facts, bytes, after + 2, Math.min(end, after + 2 + u16le(bytes, words + 6)));
      tellSetup(facts, session, status);
      return;
    case Command1.TreeConnectAndX: {
      const waiting = session.answered(multiplex);
      if (waiting && status === 0) session.connect(treeOf(bytes, at), waiting.name);
      return;
    }
    case Command1.NtCreateAndX:
    case Command1.OpenAndX: {
      const waiting = session.answered(multiplex);
      const fid = command === Command1.NtCreateAndX ? words + 5 : words + 4;
      if (waiting && status === 0 && fid + 2 <= after)
        opened(facts, session, u16le(bytes, fid), session.trees.get(treeOf(bytes, at)) ?? '', waiting.name);
      return;
    }
    case Command1.ReadAndX: {
      const file = session.answered(multiplex);
      if (count >= 12) readInto(facts, file?.file, file?.offset ?? 0, bytes, at + u16le(bytes, words + 12), u16le(bytes, words + 10), end);
      return;
    }
    case Command1.Transaction: {
      const file = session.answered(multiplex)?.file;
      if (count >= 10) readInto(facts, file, 0, bytes, at + u16le(bytes, words + 14), u16le(bytes, words + 12), end);
      return;
    }
    case Command1.Transaction2:
      checkImplant(facts, session, multiplex);
      return;
    default:
  }
}

function readInto(
  facts: Facts,
  file: OpenFile | undefined,
  offset: number,
  bytes: Uint8Array,
  from: number,
  size: number,
  end: number,
): void {
  if (file && from <= end) moved(facts, file, offset, bytes, from, Math.min(end, from + size));
}

function checkImplant(facts: Facts, session: Session, multiplex: number): void {
  const asked = session.implantAsked;
  if (asked < 0) return;
  session.implantAsked = -1;
  if (multiplex !== ((asked + IMPLANT_SHIFT) & 0xffff)) return;
  violate(facts, 'smb.implant-answer', `A Trans2 Session Setup with multiplex id ${asked} was answered with ${multiplex}.`);
}
