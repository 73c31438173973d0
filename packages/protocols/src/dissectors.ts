/** Every dissector, in the order in which content is judged when the port tells nothing. A new protocol adds one line. */
import { ads } from './ads/dissector.ts';
import { amqp } from './amqp/dissector.ts';
import { arp } from './arp/dissector.ts';
import { atg } from './atg/dissector.ts';
import { bacnet } from './bacnet/dissector.ts';
import { bsap } from './bsap/dissector.ts';
import { c1222 } from './c1222/dissector.ts';
import { cdp } from './cdp/dissector.ts';
import { coap } from './coap/dissector.ts';
import { cotp } from './cotp/dissector.ts';
import { rdp } from './cotp/rdp.ts';
import { dcerpc } from './dcerpc/dissector.ts';
import { dhcp } from './dhcp/dissector.ts';
import { dhcpv6 } from './dhcp/dhcpv6.ts';
import type { Dissector } from './dissector.ts';
import { dnp3 } from './dnp3/dissector.ts';
import { dns } from './dns/dissector.ts';
import { egd } from './egd/dissector.ts';
import { cipIo } from './enip/cip-io.ts';
import { enip } from './enip/dissector.ts';
import { ethercat } from './ethercat/dissector.ts';
import { fins } from './fins/dissector.ts';
import { fox } from './fox/dissector.ts';
import { genisys } from './genisys/dissector.ts';
import { goose } from './goose/dissector.ts';
import { hartip } from './hartip/dissector.ts';
import { http } from './http/dissector.ts';
import { icmp } from './icmp/dissector.ts';
import { icmpv6 } from './icmp/icmpv6.ts';
import { igmp } from './igmp/dissector.ts';
import { iec104 } from './iec104/dissector.ts';
import { kerberos } from './kerberos/dissector.ts';
import { knxip } from './knxip/dissector.ts';
import { ldap } from './ldap/dissector.ts';
import { lldp } from './lldp/dissector.ts';
import { modbus } from './modbus/dissector.ts';
import { melsec } from './melsec/dissector.ts';
import { mqtt } from './mqtt/dissector.ts';
import { mysql } from './mysql/dissector.ts';
import { ntp } from './ntp/dissector.ts';
import { ftp } from './ftp/dissector.ts';
import { opcua } from './opcua/dissector.ts';
import { postgresql } from './postgresql/dissector.ts';
import { profinetIo } from './profinet/cm.ts';
import { profinet } from './profinet/dissector.ts';
import { radius } from './radius/dissector.ts';
import { recognised } from './other/recognised.ts';
import { roc } from './roc/dissector.ts';
import { sbus } from './sbus/dissector.ts';
import { smb } from './smb/dissector.ts';
import { snmp } from './snmp/dissector.ts';
import { someip } from './someip/dissector.ts';
import { ssdp } from './other/ssdp.ts';
import { srtp } from './srtp/dissector.ts';
import { ssh } from './ssh/dissector.ts';
import { stp } from './stp/dissector.ts';
import { sv } from './sv/dissector.ts';
import { synchrophasor } from './synchrophasor/dissector.ts';
import { tds } from './tds/dissector.ts';
import { telnet } from './telnet/dissector.ts';
import { tftp } from './tftp/dissector.ts';
import { tls } from './tls/dissector.ts';
import { vnc } from './vnc/dissector.ts';

export const DISSECTORS: readonly Dissector[] = [
  modbus,
  dnp3,
  cotp,
  enip,
  iec104,
  opcua,
  rdp,
  bacnet,
  cipIo,
  dns,
  dhcp,
  dhcpv6,
  http,
  tls,
  telnet,
  ssh,
  ftp,
  arp,
  icmp,
  icmpv6,
  igmp,
  profinet,
  profinetIo,
  dcerpc,
  goose,
  sv,
  smb,
  ssdp,
  mqtt,
  snmp,
  ntp,
  tftp,
  vnc,
  lldp,
  cdp,
  stp,
  fins,
  ads,
  synchrophasor,
  hartip,
  srtp,
  sbus,
  melsec,
  roc,
  genisys,
  bsap,
  c1222,
  knxip,
  egd,
  ethercat,
  atg,
  fox,
  mysql,
  postgresql,
  tds,
  amqp,
  coap,
  someip,
  ldap,
  kerberos,
  radius,
  ...recognised,
];
