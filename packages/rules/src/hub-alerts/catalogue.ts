/** The ten alerts that every hub raises by itself, whatever rules it has, and the operations that raise them. */
import type { HubOperation } from '../hub-operation.ts';

export interface HubAlert {
  readonly alertType: string;
  readonly title: string;
  readonly severity: 'Medium' | 'Low';
  readonly description: string;
  readonly remediation: readonly string[];
  /** Number and name of techniques of MITRE ATT&CK (Enterprise). */
  readonly techniques: readonly (readonly [string, string])[];
  readonly raisedBy: (operation: HubOperation) => boolean;
  /** What happened, for the sentence of the alert. */
  readonly happened: string;
}

const MANIPULATION = ['T1098', 'Account Manipulation'] as const;
const ACCESS_REMOVAL = ['T1531', 'Account Access Removal'] as const;
const VALID_ACCOUNTS = ['T1078', 'Valid Accounts'] as const;
const CLOUD_LOGS = ['T1562.008', 'Impair Defenses: Disable or Modify Cloud Logs'] as const;
const TOKEN = ['T1550.001', 'Use Alternate Authentication Material: Application Access Token'] as const;

function certificate(operation: 'create' | 'delete', result: HubOperation['result']): HubAlert['raisedBy'] {
  return (done) => done.category === 'Certificates' && done.operation === operation && done.result === result;
}

function setting(operation: 'update' | 'delete'): HubAlert['raisedBy'] {
  return (done) => done.category === 'DiagnosticSettings' && done.operation === operation;
}

function refusedFor(reason: HubOperation['reason']): HubAlert['raisedBy'] {
  return (done) => done.result === 'refused' && done.reason === reason;
}

export const HUB_ALERTS: readonly HubAlert[] = [
  {
    alertType: 'IoT_CertificateSuccessfullyAddedToHub',
    title: 'New certificate added to an IoT Hub',
    severity: 'Medium',
    description:
      'The certificate of an authority was added to the hub. Whoever holds its key can make certificates that devices connect with.',
    remediation: [
      'Ask who added it. If it was meant to be, close the alert.',
      'Otherwise delete the certificate, renew the keys of the policy that was used, and look for devices that connected with it.',
    ],
    techniques: [MANIPULATION, ['T1553.004', 'Subvert Trust Controls: Install Root Certificate']],
    raisedBy: certificate('create', 'accepted'),
    happened: 'the certificate of an authority was added',
  },
  {
    alertType: 'IoT_CertificateSuccessfullyDeletedFromHub',
    title: 'Certificate deleted from an IoT Hub',
    severity: 'Medium',
    description: 'The certificate of an authority was deleted from the hub. Devices whose certificates it signed can no longer connect.',
    remediation: ['Ask who deleted it. If nobody was meant to, add the certificate again.', 'Renew the keys of the policy that was used.'],
    techniques: [ACCESS_REMOVAL],
    raisedBy: certificate('delete', 'accepted'),
    happened: 'the certificate of an authority was deleted',
  },
  {
    alertType: 'Hub_CertificateFailedToBeAddedToHub',
    title: 'Unsuccessful attempt detected to add a certificate to an IoT Hub',
    severity: 'Medium',
    description: 'Somebody tried to add the certificate of an authority to the hub, and was refused.',
    remediation: [
      "Find out who tried, by the policy and the address in the hub's log.",
      'Give the right to change certificates to as few as possible.',
    ],
    techniques: [MANIPULATION],
    raisedBy: certificate('create', 'refused'),
    happened: 'adding the certificate of an authority was refused',
  },
  {
    alertType: 'IoT.Hub_CertificateFailedToBeDeletedFromHub',
    title: 'Unsuccessful attempt detected to delete a certificate from an IoT Hub',
    severity: 'Medium',
    description: 'Somebody tried to delete the certificate of an authority from the hub, and was refused.',
    remediation: [
      "Find out who tried, by the policy and the address in the hub's log.",
      'Give the right to change certificates to as few as possible.',
    ],
    techniques: [ACCESS_REMOVAL],
    raisedBy: certificate('delete', 'refused'),
    happened: 'deleting the certificate of an authority was refused',
  },
  {
    alertType: 'IoT_Cert_Print_Mismatch',
    title: 'x.509 device certificate thumbprint mismatch',
    severity: 'Medium',
    description: 'A client claimed to be a device and presented another certificate than the device has at the hub.',
    remediation: [
      'Look at the other alerts of the device.',
      'If the certificate of the device was renewed, give the hub the new thumbprint; otherwise somebody tries to pass for the device.',
    ],
    techniques: [VALID_ACCOUNTS, ['T1588.004', 'Obtain Capabilities: Digital Certificates']],
    raisedBy: refusedFor('thumbprintMismatch'),
    happened: 'a client presented a certificate of another thumbprint',
  },
  {
    alertType: 'IoT_Cert_Expired',
    title: 'x.509 certificate expired',
    severity: 'Medium',
    description: 'A client claimed to be a device and presented a certificate that has expired.',
    remediation: [
      'If the device itself is silent, give it a new certificate.',
      'If the device talks to the hub as usual at the same time, somebody else uses its old certificate.',
    ],
    techniques: [VALID_ACCOUNTS],
    raisedBy: refusedFor('certificateExpired'),
    happened: 'a client presented a certificate that has expired',
  },
  {
    alertType: 'IoT_DiagnosticSettingAddedOrEditedOnHub',
    title: 'Attempt to add or edit a diagnostic setting of an IoT Hub detected',
    severity: 'Low',
    description: 'Somebody tried to add or to change what the hub writes into its log.',
    remediation: [
      'Ask who did it; if it was meant to be, close the alert.',
      'Otherwise put the setting back: what is not logged cannot be investigated.',
    ],
    techniques: [CLOUD_LOGS],
    raisedBy: setting('update'),
    happened: 'somebody tried to add or change a diagnostic setting',
  },
  {
    alertType: 'IoT_DiagnosticSettingDeletedFromHub',
    title: 'Attempt to delete a diagnostic setting from an IoT Hub detected',
    severity: 'Low',
    description: 'Somebody tried to delete a setting of what the hub writes into its log.',
    remediation: [
      'Ask who did it; if nobody was meant to, put the setting back.',
      'Give the right to change diagnostic settings to as few as possible.',
    ],
    techniques: [CLOUD_LOGS],
    raisedBy: setting('delete'),
    happened: 'somebody tried to delete a diagnostic setting',
  },
  {
    alertType: 'IoT_Expired_SAS_Token',
    title: 'Expired SAS Token',
    severity: 'Low',
    description: 'A client claimed to be a device with a token of the right signature that has expired.',
    remediation: [
      'If the device itself has no other connection, its clock or its renewal of tokens is broken.',
      'If the device talks to the hub as usual at the same time, somebody else has an old token of it.',
    ],
    techniques: [TOKEN],
    raisedBy: refusedFor('tokenExpired'),
    happened: 'a client used a token that has expired',
  },
  {
    alertType: 'IoT_Invalid_SAS_Token',
    title: 'Invalid SAS token signature',
    severity: 'Low',
    description: 'A client claimed to be a device with a token whose signature fits neither key of the device.',
    remediation: [
      'Look at the other alerts of the device.',
      'If the keys of the device were renewed, give them to the device; otherwise somebody tries keys.',
    ],
    techniques: [['T1110', 'Brute Force'], TOKEN],
    raisedBy: refusedFor('tokenSignature'),
    happened: 'a client used a token with a wrong signature',
  },
];
