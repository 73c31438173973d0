/**
 * Automatic tank gauges over TCP: a command of control character, letter and digits, answered in text. Commands that set are
 * told; so is who asks for the inventory, as anybody on the Internet may.
 */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { codeOf, functionName } from './names.ts';

const ATG = PROTOCOLS.atg.index;
/** Start of heading; then a letter, three digits, two of the device. */
const START = 0x01;
const COMMAND = 7;
const LONGEST = 4096;
const FORMAT = /^[IiSs]\d{5}/;

class Flow {
  last = 0;
}

const isCommand = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= COMMAND && bytes[start] === START && FORMAT.test(text(bytes, start + 1, start + COMMAND, 6));

function readCommand(facts: Facts, name: string): void {
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  const code = codeOf(name);
  (facts.state as Flow).last = code; // assigned in the line before when it was none
  facts.message(ATG, code, Role.Request);
  if (name.startsWith('S'))
    facts.tell({
      is: 'action',
      protocol: ATG,
      action: name === 'S501' ? 'time.set' : 'configuration.write',
      phase: 'requested',
      text: functionName(code),
    });
  else if (name === 'I902' || name === 'I102')
    facts.tell({ is: 'action', protocol: ATG, action: 'identity.request', phase: 'requested', text: functionName(code) });
}

export const atg: Dissector = {
  protocol: PROTOCOLS.atg,
  reports: [PROTOCOLS.atg],
  // Port 10001 is Genisys's, too, which needs it more: commands of gauges are certain anywhere.
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  /** 0x01, `I` or `S` and five digits: 2^-30 and a control character. */
  identify(bytes, start, end, stream) {
    if (!stream || bytes[start] !== START) return Confidence.No;
    if (end - start < COMMAND) return Confidence.More;
    return isCommand(bytes, start, end) ? Confidence.Certain : Confidence.No;
  },

  stream(facts, bytes, start, end) {
    if (facts.toServer && bytes[start] === START) {
      if (end - start < COMMAND) return start;
      if (!isCommand(bytes, start, end)) return -1;
      readCommand(facts, text(bytes, start + 1, start + 5, 4).toUpperCase());
      return start + COMMAND;
    }
    // What comes between commands, line ends and options of Telnet, tells nothing; where an answer ends is not read.
    let at = start;
    while (at < end && !(facts.toServer && bytes[at] === START)) at++;
    if (!facts.toServer) facts.message(ATG, facts.state instanceof Flow ? facts.state.last : 0, Role.Response);
    return at;
  },

  operationName: (_protocol, code) => (code === 0 ? 'Answer' : functionName(code)),
  aspects: {},
};
