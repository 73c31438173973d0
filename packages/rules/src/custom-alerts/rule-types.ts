/**
 * The behaviours that a custom alert can watch: 19 of the product's table, and inbound connections, which its API knows and
 * its table leaves out. Names are those of the management API's `ruleType`, and stay.
 *
 * The order is the evaluation's numbering of rule types and part of its snapshots: add new ones at the end.
 */

import type { DataSource } from '@annunciator/core/alert-type';

/** How values of a list are read: networks in CIDR, or texts that must be equal. */
export type ListValueType = 'IpCidr' | 'String';

interface Described {
  /** Title of its alerts where the user gave no name. */
  readonly title: string;
  /** As the management API shows it. */
  readonly displayName: string;
  readonly dataSource: DataSource;
  /** One sentence: what is counted or compared, and when it is out of range. */
  readonly description: string;
  /** What to do about an alert, a step each. */
  readonly remediation: readonly string[];
}

export interface WindowRuleType extends Described {
  readonly kind: 'timeWindow';
  readonly name: string;
  /** What is counted, in the plural, for sentences: `messages accepted over MQTT`. */
  readonly counts: string;
}

export interface ListRuleType extends Described {
  readonly kind: 'allowlist';
  readonly name: string;
  readonly valueType: ListValueType;
  /** What a value is, for sentences: `outbound connection to`. */
  readonly values: string;
}

export type RuleType = WindowRuleType | ListRuleType;

const UPDATE_FIRMWARE = 'Compare with what the device is meant to do: a new application or firmware may explain it. Then widen the range.';
const LOOK_AT_DEVICE = 'Otherwise look at the device: its other alerts, who signed in to it, and which processes run on it.';
const ROTATE = 'If nobody can explain it, disable the device at the hub, give it new keys, and investigate.';

type Transport = 'AMQP' | 'HTTP' | 'MQTT';
const PREFIX: Readonly<Record<Transport, string>> = { AMQP: 'Amqp', HTTP: 'Http', MQTT: 'Mqtt' };

function sent(transport: Transport): WindowRuleType {
  return {
    kind: 'timeWindow',
    name: `${PREFIX[transport]}C2DMessagesNotInAllowedRange`,
    title: `Custom Alert - number of cloud to device messages in ${transport} protocol is not in the allowed range`,
    displayName: `Number of cloud to device messages (${transport} protocol) is not in allowed range`,
    dataSource: 'IoT Hub',
    counts: `cloud-to-device messages handed over through ${transport}`,
    description: `Counts cloud-to-device messages that are handed over to a device through ${transport} within the time window; a message that is handed over again counts again.`,
    remediation: ['Find the back end that sends these messages, or that stopped sending them.', UPDATE_FIRMWARE, ROTATE],
  };
}

const REJECTS: Readonly<Record<Transport, string>> = {
  AMQP: 'that a device rejects through AMQP',
  HTTP: 'that a device rejects through HTTP',
  MQTT: 'that a device on MQTT, which cannot reject, leaves without acknowledgement until they are dead-lettered',
};

function rejected(transport: Transport): WindowRuleType {
  return {
    kind: 'timeWindow',
    name: `${PREFIX[transport]}C2DRejectedMessagesNotInAllowedRange`,
    title: `Custom Alert - number of rejected cloud to device messages in ${transport} protocol is not in the allowed range`,
    displayName: `Number of rejected cloud to device messages (${transport} protocol) is not in allowed range`,
    dataSource: 'IoT Hub',
    counts: `cloud-to-device messages rejected through ${transport}`,
    description: `Counts cloud-to-device messages ${REJECTS[transport]} within the time window.`,
    remediation: [
      'Read the messages that were rejected: the device may get commands that it does not know.',
      UPDATE_FIRMWARE,
      LOOK_AT_DEVICE,
    ],
  };
}

function received(transport: Transport): WindowRuleType {
  return {
    kind: 'timeWindow',
    name: `${PREFIX[transport]}D2CMessagesNotInAllowedRange`,
    title: `Custom Alert - number of device to cloud messages in ${transport} protocol is not in the allowed range`,
    displayName: `Number of device to cloud messages (${transport} protocol) is not in allowed range`,
    dataSource: 'IoT Hub',
    counts: `device-to-cloud messages accepted through ${transport}`,
    description: `Counts messages that the hub accepts from a device or its modules through ${transport} within the time window; each message of a batch counts.`,
    remediation: [UPDATE_FIRMWARE, LOOK_AT_DEVICE, ROTATE],
  };
}

const HUB_COUNTED: readonly WindowRuleType[] = [
  sent('AMQP'),
  rejected('AMQP'),
  received('AMQP'),
  {
    kind: 'timeWindow',
    name: 'DirectMethodInvokesNotInAllowedRange',
    title: 'Custom Alert - number of direct method invokes is not in the allowed range',
    displayName: 'Number of direct method invokes is not in allowed range',
    dataSource: 'IoT Hub',
    counts: 'direct methods invoked',
    description:
      'Counts direct methods that a back end with the right to do so invokes on a device or its modules within the time window, whatever the answer.',
    remediation: [
      "Find the back end that invokes the methods, by the policy that the hub's log names.",
      'Renew the keys of that policy if they may be known to others.',
    ],
  },
  {
    kind: 'timeWindow',
    name: 'FileUploadsNotInAllowedRange',
    title: 'Custom Alert - number of file uploads is not in the allowed range',
    displayName: 'Number of file uploads is not in allowed range',
    dataSource: 'IoT Hub',
    counts: 'files uploaded',
    description: 'Counts file uploads that a device reports as successful within the time window.',
    remediation: ['Look at the files that were uploaded: data may leave the plant this way.', UPDATE_FIRMWARE, LOOK_AT_DEVICE],
  },
  sent('HTTP'),
  rejected('HTTP'),
  received('HTTP'),
  sent('MQTT'),
  rejected('MQTT'),
  received('MQTT'),
  {
    kind: 'timeWindow',
    name: 'QueuePurgesNotInAllowedRange',
    title: 'Custom Alert - number of command queue purges is not in the allowed range',
    displayName: 'Number of device queue purges is not in allowed range',
    dataSource: 'IoT Hub',
    counts: 'purges of the command queue',
    description:
      'Counts how often the queue of cloud-to-device messages of a device is purged within the time window, an empty queue included.',
    remediation: [
      'Find the back end that purges the queue: commands that a device waits for are lost.',
      'Send again what the device has to get.',
    ],
  },
  {
    kind: 'timeWindow',
    name: 'TwinUpdatesNotInAllowedRange',
    title: 'Custom Alert - number of twin updates is not in the allowed range',
    displayName: 'Number of twin updates is not in allowed range',
    dataSource: 'IoT Hub',
    counts: 'twin updates',
    description: 'Counts changes of the twins of a device and its modules within the time window, by the device or by a back end.',
    remediation: ['Compare the twin with what it should hold, and put back what was changed.', UPDATE_FIRMWARE, ROTATE],
  },
  {
    kind: 'timeWindow',
    name: 'UnauthorizedOperationsNotInAllowedRange',
    title: 'Custom Alert - number of unauthorized operations is not in the allowed range',
    displayName: 'Number of unauthorized operations is not in allowed range',
    dataSource: 'IoT Hub',
    counts: 'unauthorized operations',
    description:
      'Counts operations of a device, or aimed at it, that are refused for want of authorization within the time window: wrong or expired tokens, topics of others, a disabled device.',
    remediation: [
      "See in the hub's log where the attempts come from.",
      'A device whose keys were renewed has to get the new ones.',
      ROTATE,
    ],
  },
];

const AGENT_COUNTED: readonly WindowRuleType[] = [
  {
    kind: 'timeWindow',
    name: 'ActiveConnectionsNotInAllowedRange',
    title: 'Custom Alert - number of active connections not in allowed range',
    displayName: 'Number of active connections is not in allowed range',
    dataSource: 'Agent',
    counts: 'different network connections',
    description:
      'Counts different network connections (local address, remote address and port, protocol, direction) that the agent reports for the time window.',
    remediation: ["Look at the connections in the agent's events: which process made them, and where to.", LOOK_AT_DEVICE, ROTATE],
  },
  {
    kind: 'timeWindow',
    name: 'FailedLocalLoginsNotInAllowedRange',
    title: 'Custom Alert - number of failed local logins is not in the allowed range',
    displayName: 'Number of failed local logins is not in allowed range',
    dataSource: 'Agent',
    counts: 'failed local logins',
    description: 'Counts failed logins at the device itself, not over the network, that the agent reports for the time window.',
    remediation: [
      'Ask who worked at the device at that time.',
      'Change the passwords of the users that were tried, and close what lets strangers reach the console.',
    ],
  },
];

const LISTED: readonly ListRuleType[] = [
  {
    kind: 'allowlist',
    name: 'ConnectionToIpNotAllowed',
    valueType: 'IpCidr',
    title: "Custom Alert - outbound connection to an ip that isn't allowed was created",
    displayName: "Outbound connection to an ip that isn't allowed",
    dataSource: 'Agent',
    values: 'outbound connection to',
    description:
      'Compares the remote address of each outbound connection that the agent reports with the allowed networks; connections to the device itself are never alerted.',
    remediation: [
      'Find out which process made the connection, and what the address is.',
      'Allow the network if it belongs there; otherwise cut the connection off and investigate the device.',
    ],
  },
  {
    kind: 'allowlist',
    name: 'LocalUserNotAllowed',
    valueType: 'String',
    title: 'Custom Alert - login of a user that is not allowed',
    displayName: "Login by a local user that isn't allowed",
    dataSource: 'Agent',
    values: 'login of the user',
    description: 'Compares the user of each successful login that the agent reports with the allowed users; upper and lower case count.',
    remediation: [
      'Find out who has this user, and whether the login was expected.',
      'Remove the user or change its password, and look at what was done after the login.',
    ],
  },
  {
    kind: 'allowlist',
    name: 'ProcessNotAllowed',
    valueType: 'String',
    title: 'Custom Alert - execution of a process that is not allowed',
    displayName: "Execution of a process that isn't allowed",
    dataSource: 'Agent',
    values: 'execution of',
    description: 'Compares each process that the agent reports with the allowed ones, by name or by full path; upper and lower case count.',
    remediation: [
      'Find out who started the process, and by which parent process.',
      'Allow it if it belongs there; otherwise stop it and investigate how it came onto the device.',
    ],
  },
  {
    kind: 'allowlist',
    name: 'ConnectionFromIpNotAllowed',
    valueType: 'IpCidr',
    title: "Custom Alert - inbound connection from an ip that isn't allowed",
    displayName: "Inbound connection from an ip that isn't allowed",
    dataSource: 'Agent',
    values: 'inbound connection from',
    description:
      'Compares the remote address of each inbound connection that the agent reports with the allowed networks; connections of the device with itself are never alerted.',
    remediation: [
      'Find out which service of the device was reached, and from where.',
      'Allow the network if it belongs there; otherwise close the service to it.',
    ],
  },
];

/** Rule types that count within time windows; the first {@link HUB_RULES} of them count what the hub sees. */
export const WINDOW_RULE_TYPES: readonly WindowRuleType[] = [...HUB_COUNTED, ...AGENT_COUNTED];
export const HUB_RULES = HUB_COUNTED.length;
export const LIST_RULE_TYPES: readonly ListRuleType[] = LISTED;
export const RULE_TYPES: readonly RuleType[] = [...WINDOW_RULE_TYPES, ...LIST_RULE_TYPES];

const NUMBERS: ReadonlyMap<string, number> = new Map(RULE_TYPES.map(({ name }, at) => [name, at]));

/** Number of a rule type in {@link RULE_TYPES}, undefined when there is none of this name. */
export function ruleNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

export function findRuleType(name: string): RuleType | undefined {
  const number = NUMBERS.get(name);
  return number === undefined ? undefined : RULE_TYPES[number];
}

/** Type of the alerts of a rule, as the product names them. */
export function alertTypeOf(ruleType: string): string {
  return `IoT_CA_${ruleType}`;
}
