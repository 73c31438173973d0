/**
 * Names of MITRE ATT&CK for ICS that alert types refer to.
 *
 * Where the product's reference prints a number with another technique's name, the name decides and the number is the
 * one that the matrix gives to that name. Pairs of tactic and technique are kept as the reference has them, even the few
 * that the matrix does not hold.
 */

/** A tactic or technique. */
export interface AttackName {
  readonly id: string;
  readonly name: string;
  /** True when the matrix no longer has it. */
  readonly retired: boolean;
}

export const TACTICS = {
  TA0100: 'Collection',
  TA0101: 'Command and Control',
  TA0102: 'Discovery',
  TA0103: 'Evasion',
  TA0104: 'Execution',
  TA0105: 'Impact',
  TA0106: 'Impair Process Control',
  TA0107: 'Inhibit Response Function',
  TA0108: 'Initial Access',
  TA0109: 'Lateral Movement',
  TA0110: 'Persistence',
  TA0111: 'Privilege Escalation',
} as const;
export type TacticId = keyof typeof TACTICS;

export const TECHNIQUES = {
  T0801: 'Monitor Process State',
  T0803: 'Block Command Message',
  T0806: 'Brute Force I/O',
  T0809: 'Data Destruction',
  T0811: 'Data from Information Repositories',
  T0812: 'Default Credentials',
  T0814: 'Denial of Service',
  T0816: 'Device Restart/Shutdown',
  T0818: 'Engineering Workstation Compromise',
  T0821: 'Modify Controller Tasking',
  T0822: 'External Remote Services',
  T0826: 'Loss of Availability',
  T0828: 'Loss of Productivity and Revenue',
  T0830: 'Adversary-in-the-Middle',
  T0831: 'Manipulation of Control',
  T0835: 'Manipulate I/O Image',
  T0836: 'Modify Parameter',
  T0838: 'Modify Alarm Settings',
  T0839: 'Module Firmware',
  T0842: 'Network Sniffing',
  T0843: 'Program Download',
  T0845: 'Program Upload',
  T0846: 'Remote System Discovery',
  T0847: 'Replication Through Removable Media',
  T0849: 'Masquerading',
  T0851: 'Rootkit',
  T0853: 'Scripting',
  T0855: 'Unauthorized Command Message',
  T0857: 'System Firmware',
  T0858: 'Change Operating Mode',
  T0859: 'Valid Accounts',
  T0861: 'Point & Tag Identification',
  T0863: 'User Execution',
  T0866: 'Exploitation of Remote Services',
  T0867: 'Lateral Tool Transfer',
  T0869: 'Standard Application Layer Protocol',
  T0871: 'Execution through API',
  T0874: 'Hooking',
  T0881: 'Service Stop',
  T0882: 'Theft of Operational Information',
  T0883: 'Internet Accessible Device',
  T0884: 'Connection Proxy',
  T0885: 'Commonly Used Port',
  T0886: 'Remote Services',
  T0888: 'Remote System Information Discovery',
  T0889: 'Modify Program',
} as const;
export type TechniqueId = keyof typeof TECHNIQUES;

/** Techniques that later versions of the matrix dropped. */
const RETIRED: ReadonlySet<string> = new Set<TechniqueId>(['T0818']);

/** The tactic with its name. */
export function tactic(id: TacticId): AttackName {
  return { id, name: TACTICS[id], retired: false };
}

/** The technique with its name. */
export function technique(id: TechniqueId): AttackName {
  return { id, name: TECHNIQUES[id], retired: RETIRED.has(id) };
}
