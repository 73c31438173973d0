/** Which event an action, a sign-in or a finding is, by the words that dissectors tell them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventType } from '@annunciator/core/event-types';
import type { ActionName } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { eventOfAction, eventOfDetection, eventOfLogin } from './action-events.ts';

type Row = readonly [protocol: keyof typeof PROTOCOLS, action: ActionName, event: EventType | undefined, text?: string];

const ACTIONS: readonly Row[] = [
  ['umas', 'program.download', 'PROGRAM_DEVICE'],
  ['modbus', 'program.upload', 'PROGRAM_UPLOAD_DEVICE'],
  ['modbus', 'control.operate', undefined],
  ['dnp3', 'outstation.restart', 'PLC_OPERATING_MODE_CHANGED'],
  ['dnp3', 'time.set', 'CONFIGURATION_CHANGE'],
  ['bacnet', 'configuration.read', 'CONFIGURATION_READ'],
  ['fins', 'firmware.update', 'FIRMWARE_UPDATE'],
  ['s7comm', 'controller.stop', 'S7_PLC_MODE_CHANGE'],
  ['s7comm', 'controller.start', 'PLC_START'],
  ['s7comm', 'program.delete', 'SIEMENS_S_7_MEMORY_BLOCK_OPERATION'],
  ['s7comm', 'configuration.write', 'SIEMENS_S_7_MEMORY_BLOCK_OPERATION', 'PI service _GARB: compress the memory'],
  ['s7commPlus', 'program.download', 'S7PLUS_PROGRAMMING'],
  ['s7commPlus', 'controller.stop', 'S7PLUS_PLC_MODE_CHANGE'],
  ['mms', 'program.download', 'MMS_PROGRAM_DEVICE'],
  ['mms', 'program.delete', 'MMS_MEMORY_BLOCK_OPERATION'],
  ['mms', 'controller.reset', 'MMS_PROGRAM_OPERATION'],
  ['mms', 'file.read', undefined],
  ['bacnet', 'file.read', 'FILE_TRANSFER'],
  ['profinetDcp', 'configuration.write', 'PROFINET_DPC_VALUE_SET'],
  ['profinetDcp', 'device.factory-reset', 'PROFINET_DPC_VALUE_SET'],
  ['cip', 'controller.start', 'ENIP_CONTROLLER_GENERIC_START'],
  ['cip', 'controller.reset', 'ENIP_CONTROLLER_GENERIC_RESET'],
  ['pccc', 'program.delete', 'ENIP_CONTROLLER_PROGRAM_DELETE'],
  ['cip', 'program.reset', 'ENIP_CONTROLLER_PROGRAM_RESET'],
  ['srtp', 'program.delete', 'PROGRAM_DEVICE'],
];

for (const [protocol, action, event, text = ''] of ACTIONS)
  test(`${action} over ${PROTOCOLS[protocol].name} is ${event ?? 'no event'}`, () => {
    assert.equal(eventOfAction({ protocol: PROTOCOLS[protocol].index, action, text }), event);
  });

test('a sign-in is an event where it failed or crossed the network in the clear', () => {
  const of = (protocol: keyof typeof PROTOCOLS, outcome: 'attempt' | 'success' | 'failure', readable = true) =>
    eventOfLogin({ is: 'login', protocol: PROTOCOLS[protocol].index, outcome, user: 'eve' }, readable)?.[0];
  assert.deepEqual(
    [
      of('ldap', 'success'),
      of('ldap', 'success', false),
      of('ftp', 'attempt'),
      of('ftp', 'success'),
      of('ftp', 'failure'),
      of('telnet', 'failure'),
      of('smb', 'failure'),
      of('s7comm', 'failure'),
    ],
    [
      'CLEARTEXT_AUTHENTICATION',
      undefined,
      undefined,
      'CLEARTEXT_AUTHENTICATION',
      'FTP_AUTHENTICATION_FAILURE',
      'TELNET_AUTHENTICATION_FAILURE',
      undefined,
      'SIEMENS_S_7_AUTHENTICATION',
    ],
  );
});

test('a scan and a service that is run from afar are events, other findings are not', () => {
  assert.deepEqual(
    ['port-scan-detected', 'suspicion-of-remote-code-execution-with-psexec', 'an-s7-stop-plc-command-was-sent'].map(eventOfDetection),
    ['SCAN', 'REMOTE_PROCESS_EXECUTION', undefined],
  );
});
