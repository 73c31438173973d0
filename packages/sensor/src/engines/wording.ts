/** How alerts of the baseline read: who did what with whom, in a sentence for people. */
import type { Parameters } from '@annunciator/core/alert';

/** What the one who acts did, by the name of the aspect; the one acted upon follows. */
const PHRASES: Readonly<Record<string, string>> = {
  'modbus.function': 'sent a Modbus function to',
  'modbus.exception': 'got a Modbus exception from',
  'umas.function': 'sent a function of the Schneider Electric extension (UMAS) to',
  's7comm.data-block': 'used a data block of',
  's7comm.control': 'called a control function of',
  's7comm.user-data': 'called a user-data function of',
  's7comm-plus.function': 'called an S7comm-plus function of',
  's7comm-plus.object': 'used an S7comm-plus object of',
  's7comm-plus.block': 'used a program block of',
  'dnp3.function': 'sent a DNP3 function to',
  'dnp3.indication': 'got an internal indication from',
  'dnp3.integrity-scan': 'asked for an integrity scan of',
  'enip.command': 'sent an EtherNet/IP command to',
  'cip.class': 'used a CIP class of',
  'cip.class-service': 'called a CIP service of',
  'cip.symbol': 'used a tag of',
  'cip.io-connection': 'opened an I/O connection with',
  'pccc.command': 'sent a PCCC command to',
  'iec104.asdu': 'exchanged a type of ASDU with',
  'bacnet.object': 'used a BACnet object of',
  'bacnet.route': 'routed BACnet messages through',
  'http.communication': 'uses the web server of',
  'http.activity': 'sent an HTTP request to',
  'http.user-agent': 'showed a user agent to',
  'http.soap-action': 'called a SOAP action of',
  'name.query': 'asked for a name at',
  'mms.service': 'called an MMS service of',
  'mms.program': 'used a program or domain of',
  'goose.settings': 'sends GOOSE messages with other settings to',
  'sv.settings': 'sends sampled values with other settings to',
  'ssh.session': 'opened an SSH session with',
  'opcua.service': 'called an OPC UA service of',
  'opcua.activity': 'used OPC UA with',
  'profinet.frame': 'sent a PROFINET frame to',
  'rpc.interface': 'called a remote procedure of',
  'fins.command': 'sent a FINS command to',
  'srtp.service': 'sent an SRTP service request to',
  'srtp.memory': 'reached system memory of',
  'srtp.file': 'used a program of',
  'sbus.command': 'sent an S-Bus command to',
  'melsec.command': 'sent a MELSEC command to',
  'roc.operation': 'sent a ROC opcode to',
  'ams.command': 'sent an ADS command to',
  'ams.group': 'used an index group of',
  'ams.offset': 'used an index offset of',
  'database.login': 'signed in to the database of',
  'database.operation': 'used the database of',
  'smb.login': 'signed in by SMB to',
  'snmp.operation': 'asked by SNMP',
  'lldp.configuration': 'tells by LLDP another place or name to',
};

/** `HMI-1 (10.0.0.5) sent a Modbus function to PLC-2 (10.0.0.9), new for this pair: unit 1, function code 16 (Write Multiple Registers).` */
export function deviationSentence(aspect: string, who: string, whom: string, pair: boolean, what: string): string {
  return `${who} ${PHRASES[aspect] ?? 'did something with'} ${whom}, new for ${pair ? 'this pair' : 'this device'}: ${what}.`;
}

/** Names and values as a phrase: `unit 1, function code 16 (Write Multiple Registers)`. */
export function describeParameters(parameters: Parameters): string {
  let out = '';
  for (const [name, value] of Object.entries(parameters)) {
    const explains = out !== '' && (name === 'name' || name === 'function') && typeof value === 'string';
    if (explains) out += ` (${value})`;
    else out += `${out && ', '}${words(name)} ${value}`;
  }
  return out;
}

/** Names that the standard writes so (IEC 61850). */
const FIELD_NAMES = new Set(['gocbRef', 'datSet', 'goID', 'svID', 'confRev', 'smpCnt']);

/** `functionCode` as people write it. */
function words(name: string): string {
  if (FIELD_NAMES.has(name)) return name;
  return name.replaceAll(/([a-z0-9])([A-Z])/g, (_match, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}

/** A text of an engine or dissector as a sentence: a capital first, one full stop last. */
export function sentence(text: string): string {
  const trimmed = text.trim().replace(/\.+$/, '');
  if (trimmed === '') return '';
  // Names keep their spelling: only a plain lower-case word is raised.
  const first = /^[a-z]+(?=[\s,:]|$)/.test(trimmed) ? trimmed[0].toUpperCase() + trimmed.slice(1) : trimmed;
  return /[!?…]$/.test(first) ? first : `${first}.`;
}

/** DNP3 internal indications as Wireshark writes `dnp3.al.iin`: the first octet (IIN1) first. */
export function indicationsText(bits: number): string {
  return `0x${(((bits & 0xff) << 8) | (bits >>> 8)).toString(16).padStart(4, '0')}`;
}
