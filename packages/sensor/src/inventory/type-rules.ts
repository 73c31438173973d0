/**
 * The rules by which a device's type is judged from what it says and does. Data: each rule says what it looks at, which
 * type follows, how much it is worth alone (percent), and the phrase that people read.
 */
import type { DeviceType } from '@annunciator/core/device-types';
import type { ProtocolId } from '@annunciator/protocols/registry';
import type { DeviceRole } from './device.ts';

/** What the rules look at. */
export interface DeviceTraits {
  /** It answers requests of the protocol. */
  readonly serves: (protocol: ProtocolId) => boolean;
  /** It sends requests of the protocol. */
  readonly asks: (protocol: ProtocolId) => boolean;
  readonly speaks: (protocol: ProtocolId) => boolean;
  readonly does: (role: DeviceRole) => boolean;
  readonly vendor: string;
  readonly model: string;
  readonly name: string;
  readonly os: string;
  /** Units of a serial line that told who they are through it. */
  readonly units: number;
  /** All its packets come through a router, and its address is one of the Internet. */
  readonly isOfInternet: boolean;
}

export interface TypeRule {
  readonly id: string;
  readonly type: DeviceType;
  readonly subtype?: string;
  readonly confidence: number;
  readonly says: string;
  readonly fits: (device: DeviceTraits) => boolean;
}

type Test = TypeRule['fits'];

const rule = (id: string, type: DeviceType, confidence: number, says: string, fits: Test, subtype = ''): TypeRule => ({
  id,
  type,
  confidence,
  says,
  fits,
  ...(subtype ? { subtype } : {}),
});

/** Answers the requests of a protocol. */
const serves = (protocol: ProtocolId, type: DeviceType, confidence: number, what: string, subtype = ''): TypeRule =>
  rule(`serves-${protocol}`, type, confidence, `answers ${what}`, (device) => device.serves(protocol), subtype);

/** The model or the name holds a word that only such devices have. */
const named = (id: string, type: DeviceType, confidence: number, pattern: RegExp, subtype = ''): TypeRule =>
  rule(
    `named-${id}`,
    type,
    confidence,
    'its model or name says so',
    ({ model, name }) => pattern.test(model) || pattern.test(name),
    subtype,
  );

/** The vendor makes such devices and hardly any others. */
const made = (id: string, type: DeviceType, confidence: number, pattern: RegExp): TypeRule =>
  rule(`made-${id}`, type, confidence, 'its vendor makes such devices', ({ vendor }) => pattern.test(vendor));

const GATEWAY_MAKERS = /moxa|lantronix|digi international|hms industrial|prosoft|red lion/i;

const isIt = (device: DeviceTraits): boolean =>
  device.asks('smb') || device.asks('kerberos') || device.speaks('llmnr') || device.speaks('nbns') || device.asks('rdp');

export const TYPE_RULES: readonly TypeRule[] = [
  // what forwards packets of others
  rule('routes', 'Router', 80, 'forwards packets of other addresses', (device) => device.does('router')),
  rule('spanning-tree', 'Switch', 65, 'takes part in the spanning tree', (device) => device.speaks('stp')),
  rule(
    'firewall',
    'Firewall',
    85,
    'forwards packets, and its vendor makes firewalls',
    (device) => device.does('router') && /fortinet|palo alto|check ?point|sonicwall|watchguard|stormshield/i.test(device.vendor),
  ),
  made('access-points', 'Wireless Access Point', 50, /ubiquiti|ruckus|aruba|meraki/i),
  named('access-point', 'Wireless Access Point', 75, /\b(wireless ap|access point|UAP-|AIR-AP|Scalance W)/i),
  named('switch', 'Switch', 75, /\b(switch|scalance x|catalyst|hirschmann|stratix|EDS-\d{3})/i),
  named('firewall', 'Firewall', 80, /\b(firewall|fortigate|scalance s\d|mguard|pa-\d{3,4})/i),

  // controllers
  serves('s7comm', 'PLC', 85, 'S7comm', 'Siemens S7 controller'),
  serves('s7comm-plus', 'PLC', 90, 'S7comm-plus', 'Siemens S7 controller'),
  serves('umas', 'PLC', 90, 'UMAS', 'Schneider Electric controller'),
  serves('pccc', 'PLC', 85, 'PCCC', 'Rockwell controller'),
  serves('cip', 'PLC', 65, 'CIP', 'CIP controller'),
  serves('enip', 'PLC', 45, 'EtherNet/IP'),
  serves('modbus', 'PLC', 60, 'Modbus', 'Modbus controller'),
  serves('srtp', 'PLC', 85, 'SRTP', 'GE controller'),
  serves('sbus', 'PLC', 85, 'S-Bus', 'SAIA controller'),
  serves('melsec', 'PLC', 85, 'SLMP or MELSOFT', 'Mitsubishi controller'),
  serves('ads', 'PLC', 80, 'ADS', 'Beckhoff controller'),
  serves('fins', 'PLC', 85, 'FINS', 'Omron controller'),
  serves('roc', 'RTU', 85, 'ROC', 'Emerson flow computer'),
  serves('bsap', 'RTU', 80, 'BSAP', 'Bristol Babcock controller'),
  serves('genisys', 'RTU', 80, 'Genisys', 'railway signalling'),
  serves('c1222', 'Meter', 85, 'C12.22', 'meter'),
  serves('dnp3', 'RTU', 80, 'DNP3', 'DNP3 outstation'),
  serves('iec104', 'RTU', 80, 'IEC 60870-5-104', 'IEC 60870-5-104 outstation'),
  serves('mms', 'IED', 75, 'MMS', 'IEC 61850 server'),
  named('dcs', 'DCS Controller', 75, /\b(deltav|centum|experion|c300|800xa|ovation)\b/i),
  named(
    'drive',
    'Variable Frequency Drive',
    85,
    /\b(powerflex|altivar|ATV\d{2,3}|sinamics g|ACS\d{3}|micromaster|vacon|danfoss fc|freqrol)/i,
  ),
  named('servo', 'Servo Drive', 85, /\b(kinetix|sinamics s|lexium|servo)/i),
  named('robot', 'Robot Controller', 85, /\b(kuka|KR ?C\d|IRC5|yaskawa dx|fanuc r-)/i),
  named('meter', 'Meter', 85, /\b(power ?logic|ION\d{4}|PM\d{3,4}|powermonitor|sentron pac|meter)\b/i),
  named('remote-io', 'I/O Adapter', 75, /\b(ET ?200|1734-|1756-EN|wago 750|750-3\d\d|BK\d{4}|flex i\/o|point i\/o|advantys)/i),
  serves('profinet-io', 'I/O Adapter', 60, 'a PROFINET controller', 'PROFINET device'),
  named('panel', 'HMI', 85, /\b(panelview|magelis|simatic hmi|KTP\d|TP\d{3,4}|MP\d{3}|red lion|proface|HMI)\b/i),
  named('gateway', 'Protocol Converter', 80, /\b(gateway|nport|mgate|anybus|ethernet interface|xport|ser2net)/i),
  made('gateways', 'Protocol Converter', 55, GATEWAY_MAKERS),
  rule(
    'modbus-gateway',
    'Protocol Converter',
    60,
    'answers Modbus, and its vendor makes gateways',
    (device) => device.serves('modbus') && GATEWAY_MAKERS.test(device.vendor),
  ),
  rule('gateway', 'Protocol Converter', 80, 'answers for several units of a serial line', (device) => device.units > 1),

  // buildings
  serves('knxip', 'HVAC', 75, 'KNXnet/IP', 'KNX device'),
  serves('fox', 'HVAC', 80, 'Niagara Fox', 'Niagara station'),
  serves('bacnet', 'HVAC', 65, 'BACnet', 'BACnet device'),
  named('thermostat', 'Thermostat', 85, /thermostat/i),
  named('fire', 'Fire Alarm', 80, /\bfire (alarm|panel)/i),
  named('ups', 'Uninterruptible Power Supply', 85, /\b(smart-?ups|symmetra|galaxy vs|UPS)\b/i),
  made('ups', 'Uninterruptible Power Supply', 60, /american power conversion|\bAPC\b/i),

  // who works with controllers
  rule('programs', 'Engineering Station', 85, 'programs controllers or reads their programs', (device) => device.does('programming')),
  rule('operates', 'HMI', 55, 'reads and writes values of controllers', (device) => device.does('ot-client')),
  named('historian', 'Historian', 85, /historian|\bPHD\b|\bpi-?srv/i),

  // servers and computers
  serves('kerberos', 'Domain Controller', 85, 'Kerberos'),
  serves('ldap', 'Domain Controller', 60, 'LDAP'),
  serves('mysql', 'DB Server', 80, 'MySQL'),
  serves('postgresql', 'DB Server', 80, 'PostgreSQL'),
  serves('tds', 'DB Server', 80, 'SQL Server'),
  rule(
    'ntp',
    'NTP Server',
    55,
    'gives the time and serves nothing else',
    (device) => device.serves('ntp') && !device.serves('dns') && !device.serves('http') && !device.serves('smb'),
  ),
  ...(['dns', 'dhcp', 'ftp', 'http', 'smtp', 'tftp', 'smb', 'mqtt', 'amqp', 'radius', 'opcua', 'ssh', 'syslog'] as const).map((protocol) =>
    serves(protocol, 'Server', 40, protocol === 'opcua' ? 'OPC UA' : protocol.toUpperCase()),
  ),
  rule('windows-server', 'Server', 75, 'runs Windows Server', ({ os }) => /windows server/i.test(os)),
  rule('windows', 'Workstation', 65, 'runs Windows', ({ os }) => /windows/i.test(os) && !/server|CE\b|embedded/i.test(os)),
  rule('macos', 'Workstation', 65, 'runs macOS', ({ os }) => /mac ?os/i.test(os)),
  rule('desk', 'Workstation', 45, 'asks for shares, names and sign-ins as computers of people do', isIt),
  named('storage', 'Storage', 80, /\b(diskstation|synology|qnap|netapp|NAS)\b/i),
  made('storage', 'Storage', 75, /synology|qnap|netapp/i),

  // things of people and buildings
  rule('telephone', 'IP Telephone', 60, 'telephones (SIP)', (device) => device.asks('sip') && !device.serves('sip')),
  made('telephones', 'IP Telephone', 75, /polycom|yealink|snom|avaya|mitel/i),
  serves('rtsp', 'IP Camera', 75, 'RTSP'),
  made('cameras', 'IP Camera', 75, /axis communications|hikvision|dahua|hanwha|mobotix|vivotek/i),
  named('camera', 'IP Camera', 75, /\b(ip ?cam|camera|doorbell)/i),
  named('printer', 'Printer', 80, /printer|laserjet|officejet|deskjet|^NPI[0-9A-F]{6}$|^BR[NW][0-9A-F]{8,12}$|\bMFC-/i),
  made('printers', 'Printer', 70, /seiko epson|brother industries|lexmark|kyocera|ricoh|konica|zebra tech/i),
  named('phone', 'Smart Phone', 75, /\biphone|^android-[0-9a-f]|galaxy-s|pixel-\d|huawei_p/i),
  named('tablet', 'Tablet', 75, /\bipad|galaxy-tab|kindle|\btablet/i),
  rule('android', 'Smart Phone', 55, 'runs Android', ({ os }) => /android/i.test(os)),
  named('television', 'Smart TV', 75, /\b(smart-?tv|bravia|webos ?tv|chromecast|roku|apple-?tv|fire-?tv)/i),
  made('consoles', 'Game console', 80, /nintendo|sony interactive/i),
  named('console', 'Game console', 75, /\b(playstation|xbox|nintendo)/i),
  made('light', 'Smart Light', 75, /signify|philips lighting|lifx|yeelight/i),
  made('sockets', 'Smart Switch', 65, /belkin|tp-link.*kasa|shelly|tuya/i),
  made('thermostats', 'Thermostat', 75, /nest labs|ecobee/i),

  rule('internet', 'Internet', 90, 'has a public address behind a router', (device) => device.isOfInternet),
];
