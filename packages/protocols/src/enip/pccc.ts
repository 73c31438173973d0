/**
 * PCCC, the command set of PLC-5, SLC 500 and MicroLogix, carried by Execute PCCC (service 0x4b of class 0x67). Names as
 * in the DF1 Protocol and Command Set Reference Manual (publication 1770-6.5.16).
 */
import { text, u16le } from '@annunciator/packet/bytes';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { EnipFlow } from './flow.ts';

const PCCC = PROTOCOLS.pccc.index;

/** Replies carry the command with this bit. */
const REPLY = 0x40;

const commandNames: Readonly<Record<number, string>> = {
  0x00: 'Protected Write',
  0x01: 'Unprotected Read',
  0x02: 'Protected Bit Write',
  0x05: 'Unprotected Bit Write',
  0x08: 'Unprotected Write',
};

const functionNames: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  0x06: {
    0x00: 'Echo',
    0x01: 'Read Diagnostic Counters',
    0x02: 'Set Variables',
    0x03: 'Diagnostic Status',
    0x04: 'Set Timeout',
    0x05: 'Set NAKs',
    0x06: 'Set ENQs',
    0x07: 'Reset Diagnostic Counters',
    0x08: 'Set Data Table Size',
    0x09: 'Read Link Parameters',
    0x0a: 'Set Link Parameters',
  },
  0x07: {
    0x00: 'Disable Outputs',
    0x01: 'Enable Outputs',
    0x03: 'Enable PLC Scanning',
    0x04: 'Enter Download Mode',
    0x05: 'Exit Download or Upload Mode',
    0x06: 'Enter Upload Mode',
  },
  0x0f: {
    0x00: 'Word Range Write',
    0x01: 'Word Range Read',
    0x02: 'Bit Write',
    0x03: 'File Write',
    0x04: 'File Read',
    0x05: 'Download Request',
    0x06: 'Upload',
    0x07: 'Shutdown',
    0x08: 'Physical Write',
    0x09: 'Physical Read',
    0x0a: 'Restart Request',
    0x11: 'Get Edit Resource',
    0x12: 'Return Edit Resource',
    0x17: 'Read Bytes Physical',
    0x18: 'Write Bytes Physical',
    0x26: 'Read-Modify-Write',
    0x29: 'Read Section Size',
    0x3a: 'Set CPU Mode',
    0x41: 'Disable Forces',
    0x50: 'Download All Request',
    0x52: 'Download Completed',
    0x53: 'Upload All Request',
    0x55: 'Upload Completed',
    0x57: 'Initialize Memory',
    0x5e: 'Modify PLC-2 Compatibility File',
    0x67: 'Typed Write',
    0x68: 'Typed Read',
    0x79: 'Read-Modify-Write N',
    0x80: 'Change Mode',
    0x81: 'Open File',
    0x82: 'Close File',
    0x88: 'Execute Command List',
    0x8f: 'Apply Port Configuration',
    0xa1: 'Protected Typed Logical Read With Two Address Fields',
    0xa2: 'Protected Typed Logical Read With Three Address Fields',
    0xa3: 'Protected Typed Logical Read With Four Address Fields',
    0xa7: 'Protected Typed File Read',
    0xa9: 'Protected Typed Logical Write With Two Address Fields',
    0xaa: 'Protected Typed Logical Write With Three Address Fields',
    0xab: 'Protected Typed Logical Write With Mask',
    0xaf: 'Protected Typed File Write',
  },
};

/** Deeds by command << 8 | function. */
const actions: ReadonlyMap<number, ActionName> = new Map<number, ActionName>([
  [0x0603, 'identity.request'],
  [0x0704, 'program.download'],
  [0x0706, 'program.upload'],
  [0x0f05, 'program.download'],
  [0x0f06, 'program.upload'],
  [0x0f07, 'controller.stop'],
  [0x0f0a, 'controller.reset'],
  [0x0f3a, 'controller.mode'],
  [0x0f50, 'program.download'],
  [0x0f53, 'program.upload'],
  [0x0f57, 'program.delete'],
  [0x0f80, 'controller.mode'],
  [0x0f8f, 'configuration.write'],
]);

/** Bit of `EnipFlow.told`: Diagnostic Status is polled, so it is told once a flow. */
const DIAGNOSED = 0x100;
const DIAGNOSTIC_STATUS = 0x0603;

/** Mode byte of Change Mode (SLC 500, MicroLogix). */
const modes: Readonly<Record<number, string>> = {
  0x01: 'PROGRAM',
  0x06: 'RUN',
  0x07: 'TEST',
  0x08: 'TEST SINGLE SCAN',
  0x09: 'TEST SINGLE STEP',
};

function hasFunction(command: number): boolean {
  return functionNames[command & 0x0f] !== undefined;
}

/** Name of an operation `command << 8 | function`. */
export function pcccName(code: number): string {
  const command = (code >> 8) & 0x0f;
  if (!hasFunction(command)) return commandNames[command] ?? `Command 0x${command.toString(16).padStart(2, '0')}`;
  return (
    functionNames[command]?.[code & 0xff] ??
    `Command 0x${command.toString(16).padStart(2, '0')} function 0x${(code & 0xff).toString(16).padStart(2, '0')}`
  );
}

/** Reads the data of an Execute PCCC request in `bytes[start, end)`; returns false when it is too short. */
export function pcccRequest(facts: Facts, flow: EnipFlow, bytes: Uint8Array, start: number, end: number): boolean {
  const at = start + bytes[start];
  if (start >= end || bytes[start] === 0 || at + 4 > end) return false;
  const command = bytes[at];
  const functioned = hasFunction(command);
  if (functioned && at + 5 > end) return false;
  const operation = functioned ? bytes[at + 4] : -1;
  const code = ((command & 0x0f) << 8) | (functioned ? operation : 0);
  facts.message(PCCC, code, Role.Request);
  facts.use(Aspect.PcccCommand, command, operation);
  const action = actions.get(code);
  if (action !== undefined && !(code === DIAGNOSTIC_STATUS && flow.told & DIAGNOSED)) {
    if (code === DIAGNOSTIC_STATUS) flow.told |= DIAGNOSED;
    const mode = code === 0x0f80 && at + 6 <= end ? modes[bytes[at + 5]] : undefined;
    const phrase = `${pcccName(code)} (PCCC command 0x${command.toString(16).padStart(2, '0')} function 0x${operation.toString(16).padStart(2, '0')})`;
    facts.tell({
      is: 'action',
      protocol: PCCC,
      action,
      phase: 'requested',
      text: phrase,
      parameters: { command, function: operation, ...(mode && { mode }) },
    });
  }
  return true;
}

/**
 * Reads the data of an Execute PCCC reply in `bytes[start, end)`; returns false when it is too short. The function is
 * not in the reply, so `code` is the request's operation, or -1 when it was not seen; `through` when another module than
 * the owner of the address may answer.
 */
export function pcccReply(
  facts: Facts,
  flow: EnipFlow,
  code: number,
  through: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const at = start + bytes[start];
  if (start >= end || bytes[start] === 0 || at + 4 > end) return false;
  const command = bytes[at] & ~REPLY;
  const operation = code >= 0 ? code : (command & 0x0f) << 8;
  const status = bytes[at + 1];
  facts.message(PCCC, operation, Role.Response);
  if (status !== 0) {
    const extended = status === 0xf0 && at + 5 <= end ? bytes[at + 4] : -1;
    const shown = `0x${status.toString(16).padStart(2, '0')}${extended < 0 ? '' : ` (extended status 0x${extended.toString(16).padStart(2, '0')})`}`;
    facts.tell({
      is: 'failure',
      protocol: PCCC,
      name: 'pccc.status',
      code: status,
      operation,
      text: `PCCC command 0x${command.toString(16).padStart(2, '0')} answered with status ${shown}`,
      parameters: { transaction: u16le(bytes, at + 2) },
    });
  }
  if (code === DIAGNOSTIC_STATUS && status === 0 && !through) tellBulletin(facts, flow, bytes, at + 4, end);
  const action = actions.get(operation);
  if (code >= 0 && action !== undefined && action !== 'identity.request')
    facts.tell({ is: 'action', protocol: PCCC, action, phase: status === 0 ? 'accepted' : 'refused', text: pcccName(code) });
  return true;
}

/** Operation of an Execute PCCC request's data, as `pcccRequest` gives it to `message`; -1 when too short. */
export function pcccOperation(bytes: Uint8Array, start: number, end: number): number {
  const at = start + bytes[start];
  if (start >= end || at + 5 > end) return -1;
  return ((bytes[at] & 0x0f) << 8) | (hasFunction(bytes[at]) ? bytes[at + 4] : 0);
}

/** Diagnostic Status of SLC 500 and MicroLogix names the processor: type extender 0xee, then its bulletin from byte 5 on. */
function tellBulletin(facts: Facts, flow: EnipFlow, bytes: Uint8Array, start: number, end: number): void {
  if (start + 16 > end || bytes[start + 1] !== 0xee) return;
  const model = text(bytes, start + 5, start + 16).trim();
  if (model === '' || model === flow.identity) return;
  flow.identity = model;
  facts.tell({ is: 'identity', protocol: PCCC, of: 'sender', vendor: 'Rockwell Automation/Allen-Bradley', model, type: 'PLC' });
}
