/** Which line of the timeline an action, a sign-in or a finding writes: tables, by the words of facts.ts. */
import type { EventType } from '@annunciator/core/event-types';
import type { ActionFact, ActionName, LoginFact, NoticeFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';

type Events = Readonly<Partial<Record<ActionName, EventType>>>;

const ACTION_EVENTS: Events = {
  'program.download': 'PROGRAM_DEVICE',
  'program.delete': 'PROGRAM_DEVICE',
  'program.upload': 'PROGRAM_UPLOAD_DEVICE',
  'configuration.read': 'CONFIGURATION_READ',
  'configuration.write': 'CONFIGURATION_CHANGE',
  'configuration.activate': 'CONFIGURATION_CHANGE',
  'time.set': 'CONFIGURATION_CHANGE',
  'file.delete': 'CONFIGURATION_CHANGE',
  'device.factory-reset': 'CONFIGURATION_CHANGE',
  'firmware.update': 'FIRMWARE_UPDATE',
  'controller.start': 'PLC_START',
  'controller.stop': 'PLC_OPERATING_MODE_CHANGED',
  'controller.reset': 'PLC_OPERATING_MODE_CHANGED',
  'controller.mode': 'PLC_OPERATING_MODE_CHANGED',
  'application.stop': 'PLC_OPERATING_MODE_CHANGED',
  'outstation.restart': 'PLC_OPERATING_MODE_CHANGED',
  'file.read': 'FILE_TRANSFER',
  'file.write': 'FILE_TRANSFER',
  'database.structure': 'DATABASE_ACTION',
};

/** Protocols whose actions have events of their own. */
const CIP: Events = {
  'controller.start': 'ENIP_CONTROLLER_GENERIC_START',
  'controller.stop': 'ENIP_CONTROLLER_GENERIC_STOP',
  'controller.reset': 'ENIP_CONTROLLER_GENERIC_RESET',
  'program.delete': 'ENIP_CONTROLLER_PROGRAM_DELETE',
  'program.reset': 'ENIP_CONTROLLER_PROGRAM_RESET',
};
const S7: Events = {
  'controller.mode': 'S7_PLC_MODE_CHANGE',
  'controller.stop': 'S7_PLC_MODE_CHANGE',
  'program.delete': 'SIEMENS_S_7_MEMORY_BLOCK_OPERATION',
};
const S7_PLUS: Events = {
  'program.download': 'S7PLUS_PROGRAMMING',
  'program.delete': 'S7PLUS_PROGRAMMING',
  'controller.mode': 'S7PLUS_PLC_MODE_CHANGE',
  'controller.start': 'S7PLUS_PLC_MODE_CHANGE',
  'controller.stop': 'S7PLUS_PLC_MODE_CHANGE',
};
const MMS: Events = {
  'program.download': 'MMS_PROGRAM_DEVICE',
  'program.upload': 'MMS_MEMORY_BLOCK_OPERATION',
  'program.delete': 'MMS_MEMORY_BLOCK_OPERATION',
  'controller.start': 'MMS_PROGRAM_OPERATION',
  'controller.stop': 'MMS_PROGRAM_OPERATION',
  'controller.reset': 'MMS_PROGRAM_OPERATION',
};
const SRTP: Events = { 'firmware.update': 'SRTP_PLC_COPY_FIRMWARE', 'programming.logon': 'SRTP_LOGIN_PROGRAMMING' };
const DCP: Events = { 'configuration.write': 'PROFINET_DPC_VALUE_SET', 'device.factory-reset': 'PROFINET_DPC_VALUE_SET' };

const OWN_EVENTS: ReadonlyMap<number, Events> = new Map([
  [PROTOCOLS.cip.index, CIP],
  [PROTOCOLS.enip.index, CIP],
  [PROTOCOLS.pccc.index, CIP],
  [PROTOCOLS.s7comm.index, S7],
  [PROTOCOLS.s7commPlus.index, S7_PLUS],
  [PROTOCOLS.mms.index, MMS],
  [PROTOCOLS.srtp.index, SRTP],
  [PROTOCOLS.profinetDcp.index, DCP],
]);

/** Protocols that tell each transfer of a file by itself: the action beside it is the same event. */
const TELLS_TRANSFERS: ReadonlySet<number> = new Set(
  [PROTOCOLS.iec104, PROTOCOLS.mms, PROTOCOLS.ftp, PROTOCOLS.tftp, PROTOCOLS.http].map(({ index }) => index),
);

/** Services of S7comm that work on the memory of blocks, among those that write a configuration. */
const S7_MEMORY = /copy RAM to ROM|compress the memory/;

/** The event an action writes; undefined for what the timeline does not hold, such as the commands of everyday work. */
export function eventOfAction({ protocol, action, text }: Pick<ActionFact, 'protocol' | 'action' | 'text'>): EventType | undefined {
  if (protocol === PROTOCOLS.s7comm.index && S7_MEMORY.test(text)) return 'SIEMENS_S_7_MEMORY_BLOCK_OPERATION';
  if ((action === 'file.read' || action === 'file.write') && TELLS_TRANSFERS.has(protocol)) return undefined;
  return OWN_EVENTS.get(protocol)?.[action] ?? ACTION_EVENTS[action];
}

const FAILED_LOGIN: Readonly<Record<number, EventType>> = {
  [PROTOCOLS.ftp.index]: 'FTP_AUTHENTICATION_FAILURE',
  [PROTOCOLS.telnet.index]: 'TELNET_AUTHENTICATION_FAILURE',
};

/** The event a sign-in writes and what it says, without a full stop. `readable`: the password crossed the network as it is. */
export function eventOfLogin({ protocol, outcome, user }: LoginFact, readable: boolean): readonly [EventType, string] | undefined {
  const who = user ? ` as ${user}` : '';
  if (protocol === PROTOCOLS.s7comm.index) return ['SIEMENS_S_7_AUTHENTICATION', `Sign-in to the controller: ${outcome}`];
  if (protocol === PROTOCOLS.srtp.index && outcome === 'success') return ['SRTP_CHANGE_PRIVILEGE', 'The access level was changed'];
  if (protocol === PROTOCOLS.srtp.index && outcome === 'failure')
    return ['SRTP_CHANGE_LEVEL_FAILED', 'The access level was not changed: the controller refused'];
  if (outcome === 'failure') {
    const type = FAILED_LOGIN[protocol];
    return type && [type, `Sign-in failed${who}`];
  }
  if (outcome !== 'success' || !readable) return undefined;
  const over = PROTOCOL_BY_INDEX[protocol]?.name ?? 'a protocol';
  const type = protocol === PROTOCOLS.http.index ? 'HTTP_BASIC_AUTHENTICATION' : 'CLEARTEXT_AUTHENTICATION';
  return [type, `Sign-in over ${over}${who}, the password readable by anyone on the way`];
}

export const NOTICE_EVENTS: Readonly<Record<NoticeFact['name'], EventType>> = {
  'snmp.trap': 'SNMP_TRAP',
  'syslog.message': 'SYSLOG_MSG',
};

/** Findings that are events, too, whatever becomes of their alert. */
export function eventOfDetection(type: string): EventType | undefined {
  if (type.endsWith('-scan-detected')) return 'SCAN';
  return type === 'suspicion-of-remote-windows-service-management' || type === 'suspicion-of-remote-code-execution-with-psexec'
    ? 'REMOTE_PROCESS_EXECUTION'
    : undefined;
}
