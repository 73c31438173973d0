/**
 * TFTP (RFC 1350): which files are asked for and moved, and what servers refuse. A transfer leaves the port of its
 * request: the server answers from a port of its own. Its first message is recognised by content, and only shortly after
 * a request.
 *
 * Hot code: nothing is allocated for data and acknowledgements.
 */
import { text, u16, u32, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { errorName, HIGHEST_OPERATION, Operation, operationName, type TftpViolation, VIOLATIONS } from './names.ts';

const TFTP = PROTOCOLS.tftp.index;
const LONGEST_NAME = 255;
const ELF = 0x7f454c46;

interface Transfer {
  readonly direction: 'read' | 'write';
  readonly name: string;
}

/** The latest request, and how many datagrams without a known protocol may pass until its transfer begins. */
const awaited: { transfer: Transfer | undefined; patience: number } = { transfer: undefined, patience: 0 };
const PATIENCE = 32;

function violate(facts: Facts, name: TftpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: TFTP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function isTransfer(value: unknown): value is Transfer {
  return typeof value === 'object' && value !== null && 'direction' in value;
}

/** Offset of the zero that ends the text at `at`, or -1. */
function endOfText(bytes: Uint8Array, at: number, end: number): number {
  const stop = Math.min(end, at + LONGEST_NAME + 1);
  while (at < stop && bytes[at] !== 0) at++;
  return at < stop ? at : -1;
}

/** A mode of transfer stands after the name of a request. */
function isRequest(bytes: Uint8Array, start: number, end: number): boolean {
  const name = endOfText(bytes, start + 2, end);
  if (name <= start + 2) return false;
  for (let at = start + 2; at < name; at++) if (bytes[at] < 32 || bytes[at] > 126) return false;
  const mode = endOfText(bytes, name + 1, end);
  return mode > 0 && mode - name < 10 && /^(octet|netascii|mail)$/i.test(text(bytes, name + 1, mode, 9));
}

/** The first message of a server on its own port: data block 1, acknowledgement of block 0, or options. */
function beginsTransfer(bytes: Uint8Array, start: number, end: number, direction: Transfer['direction']): boolean {
  if (end - start < 4) return false;
  const first = u32(bytes, start);
  if (direction === 'read' && first === 0x00030001) return true;
  if (direction === 'write' && first === 0x00040000) return end - start === 4;
  return u16(bytes, start) === Operation.Options && bytes[start + 2] >= 97 && bytes[start + 2] <= 122 && bytes[end - 1] === 0;
}

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const { transfer } = awaited;
  if (transfer) {
    if (--awaited.patience <= 0) awaited.transfer = undefined;
    if (beginsTransfer(bytes, start, end, transfer.direction)) return Confidence.Certain;
  }
  if (end - start < 4 || bytes[start] !== 0 || bytes[start + 1] < 1 || bytes[start + 1] > HIGHEST_OPERATION) return Confidence.No;
  if (bytes[start + 1] <= Operation.Write && isRequest(bytes, start, end)) return Confidence.Certain;
  return Confidence.Possible;
}

function readRequest(facts: Facts, operation: number, bytes: Uint8Array, start: number, end: number): void {
  const name = endOfText(bytes, start + 2, end);
  const mode = name < 0 ? -1 : endOfText(bytes, name + 1, end);
  if (mode < 0) {
    if (facts.complete) violate(facts, 'tftp.request', `${operationName(operation)} of ${end - start} bytes ends within its name or mode.`);
    return;
  }
  const direction = operation === Operation.Read ? 'read' : 'write';
  const transfer: Transfer = { direction, name: text(bytes, start + 2, name, LONGEST_NAME) };
  awaited.transfer = transfer;
  awaited.patience = PATIENCE;
  const sentence = `${direction === 'read' ? 'Asked for' : 'Offered'} the file ${transfer.name}.`;
  facts.tell({ is: 'transfer', protocol: TFTP, ...transfer, text: sentence });
}

/** The first block tells a program by how it begins. */
function readFirstBlock(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const { state } = facts;
  if (!isTransfer(state) || end - start < 64) return;
  // A program of Windows begins with MZ and says at 0x3c where its header is.
  const isPe = u16(bytes, start) === 0x4d5a && u32le(bytes, start + 0x3c) < 0x1000;
  if (!isPe && u32(bytes, start) !== ELF) return;
  const sentence = `The file ${state.name} is a program.`;
  facts.tell({ is: 'transfer', protocol: TFTP, ...state, text: sentence, content: isPe ? 'PE' : 'ELF' });
}

function readMessage(facts: Facts, operation: number, bytes: Uint8Array, start: number, end: number): void {
  switch (operation) {
    case Operation.Read:
    case Operation.Write:
      return readRequest(facts, operation, bytes, start, end);
    case Operation.Data:
      if (u16(bytes, start + 2) === 1) readFirstBlock(facts, bytes, start + 4, end);
      return undefined;
    case Operation.Acknowledgement:
      if (end - start !== 4) violate(facts, 'tftp.length', `An acknowledgement has 4 bytes, this one has ${end - start}.`);
      return undefined;
    case Operation.Error: {
      const code = u16(bytes, start + 2);
      const sentence = `The transfer failed: ${errorName(code)}.`;
      facts.tell({ is: 'failure', protocol: TFTP, name: 'tftp.error', code, operation, text: sentence });
      return undefined;
    }
    case Operation.Options:
      return undefined;
    default:
      return violate(facts, 'tftp.operation', `Operation ${operation} does not exist.`);
  }
}

export const tftp: Dissector = {
  protocol: PROTOCOLS.tftp,
  reports: [PROTOCOLS.tftp],
  tcpPorts: [],
  udpPorts: [69],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    const operation = end - start >= 2 ? u16(bytes, start) : 0;
    facts.message(TFTP, operation, operation === Operation.Read || operation === Operation.Write ? Role.Request : Role.Notification);
    if (facts.countsFields && end - start >= 2) facts.field('tftp.opcode', operation);
    if (end - start < 4) {
      if (facts.complete) violate(facts, 'tftp.length', `A message has at least 4 bytes, this one has ${end - start}.`);
      return;
    }
    if (facts.state === undefined && awaited.transfer && beginsTransfer(bytes, start, end, awaited.transfer.direction)) {
      facts.state = awaited.transfer;
      awaited.transfer = undefined;
    }
    readMessage(facts, operation, bytes, start, end);
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
