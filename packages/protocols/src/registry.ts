/**
 * The protocols Annunciator knows by name. The index is what hot code carries and what the baseline stores, so it never
 * changes once given; the id is what documents and the API print; the name is what people read.
 *
 * `ot` marks the protocols of plants: with the OT focus most engines alert only where one of them, or an OT device,
 * takes part.
 */
export interface ProtocolName {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly ot: boolean;
}

const define = (index: number, id: string, name: string, ot: boolean): ProtocolName => ({ index, id, name, ot });

export const PROTOCOLS = {
  unknown: define(0, 'unknown', 'Unknown', false),
  modbus: define(1, 'modbus', 'Modbus/TCP', true),
  umas: define(2, 'umas', 'UMAS (Schneider Electric)', true),
  s7comm: define(3, 's7comm', 'S7comm', true),
  s7commPlus: define(4, 's7comm-plus', 'S7comm-plus', true),
  cotp: define(5, 'cotp', 'ISO-on-TCP (COTP)', true),
  dnp3: define(6, 'dnp3', 'DNP3', true),
  enip: define(7, 'enip', 'EtherNet/IP', true),
  cip: define(8, 'cip', 'CIP', true),
  pccc: define(9, 'pccc', 'PCCC', true),
  cipIo: define(10, 'cip-io', 'CIP I/O', true),
  iec104: define(11, 'iec104', 'IEC 60870-5-104', true),
  bacnet: define(12, 'bacnet', 'BACnet/IP', true),
  arp: define(13, 'arp', 'ARP', false),
  icmp: define(14, 'icmp', 'ICMP', false),
  icmpv6: define(15, 'icmpv6', 'ICMPv6', false),
  dns: define(16, 'dns', 'DNS', false),
  mdns: define(17, 'mdns', 'mDNS', false),
  llmnr: define(18, 'llmnr', 'LLMNR', false),
  nbns: define(19, 'nbns', 'NetBIOS name service', false),
  dhcp: define(20, 'dhcp', 'DHCP', false),
  http: define(21, 'http', 'HTTP', false),
  tls: define(22, 'tls', 'TLS', false),
  ssh: define(23, 'ssh', 'SSH', false),
  ftp: define(24, 'ftp', 'FTP', false),
  telnet: define(25, 'telnet', 'Telnet', false),
  mms: define(26, 'mms', 'MMS (IEC 61850)', true),
  profinetRt: define(27, 'profinet-rt', 'PROFINET RT', true),
  goose: define(28, 'goose', 'GOOSE', true),
  sv: define(29, 'sv', 'Sampled Values', true),
  opcua: define(30, 'opcua', 'OPC UA', true),
  ip: define(31, 'ip', 'IP', false),
  tcp: define(32, 'tcp', 'TCP', false),
  udp: define(33, 'udp', 'UDP', false),
  ethernet: define(34, 'ethernet', 'Ethernet', false),
  rdp: define(35, 'rdp', 'Remote Desktop (RDP)', false),
  smb: define(40, 'smb', 'SMB', false),
  vnc: define(41, 'vnc', 'VNC', false),
  mqtt: define(42, 'mqtt', 'MQTT', false),
  ntp: define(43, 'ntp', 'NTP', false),
  snmp: define(44, 'snmp', 'SNMP', false),
  ssdp: define(45, 'ssdp', 'SSDP', false),
  dhcpv6: define(46, 'dhcpv6', 'DHCPv6', false),
  mysql: define(47, 'mysql', 'MySQL', false),
  smtp: define(48, 'smtp', 'SMTP', false),
  sip: define(49, 'sip', 'SIP', false),
  rtsp: define(50, 'rtsp', 'RTSP', false),
  ldap: define(51, 'ldap', 'LDAP', false),
  kerberos: define(52, 'kerberos', 'Kerberos', false),
  radius: define(53, 'radius', 'RADIUS', false),
  syslog: define(54, 'syslog', 'Syslog', false),
  tftp: define(55, 'tftp', 'TFTP', false),
  amqp: define(56, 'amqp', 'AMQP', false),
  dcerpc: define(60, 'dcerpc', 'DCE/RPC', false),
  profinetDcp: define(61, 'profinet-dcp', 'PROFINET DCP', true),
  profinetIo: define(62, 'profinet-io', 'PROFINET IO (context manager)', true),
  lldp: define(63, 'lldp', 'LLDP', false),
  cdp: define(64, 'cdp', 'CDP (Cisco Discovery)', false),
  stp: define(65, 'stp', 'Spanning Tree', false),
  fins: define(66, 'fins', 'Omron FINS', true),
  fox: define(67, 'fox', 'Niagara Fox', true),
  postgresql: define(68, 'postgresql', 'PostgreSQL', false),
  tds: define(69, 'tds', 'Microsoft SQL Server (TDS)', false),
  ads: define(70, 'ads', 'ADS/AMS (Beckhoff)', true),
  synchrophasor: define(71, 'synchrophasor', 'Synchrophasor (C37.118)', true),
  hartip: define(72, 'hartip', 'HART-IP', true),
  srtp: define(73, 'srtp', 'GE SRTP', true),
  sbus: define(74, 'sbus', 'SAIA S-Bus', true),
  melsec: define(75, 'melsec', 'Mitsubishi MELSEC', true),
  roc: define(76, 'roc', 'ROC Plus (Emerson)', true),
  genisys: define(77, 'genisys', 'Genisys', true),
  bsap: define(78, 'bsap', 'BSAP (Bristol Babcock)', true),
  c1222: define(79, 'c1222', 'ANSI C12.22', true),
  coap: define(80, 'coap', 'CoAP', false),
  knxip: define(81, 'knxip', 'KNXnet/IP', true),
  egd: define(82, 'egd', 'GE Ethernet Global Data', true),
  ethercat: define(83, 'ethercat', 'EtherCAT', true),
  someip: define(84, 'someip', 'SOME/IP', false),
  atg: define(85, 'atg', 'Tank gauge (Veeder-Root)', true),
  igmp: define(86, 'igmp', 'IGMP', false),
} as const;

export type ProtocolId = (typeof PROTOCOLS)[keyof typeof PROTOCOLS]['id'];

/** By index; holes are undefined. */
export const PROTOCOL_BY_INDEX: readonly (ProtocolName | undefined)[] = (() => {
  const table: (ProtocolName | undefined)[] = [];
  for (const protocol of Object.values(PROTOCOLS)) table[protocol.index] = protocol;
  return table;
})();
