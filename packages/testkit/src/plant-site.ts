/**
 * The demo plant: the waterworks and bottling hall of "Lindenau Springs". Intake, filter and reservoir are Schneider
 * controllers, filler and packer Siemens, labelling Rockwell; two outstations and a substation gateway lie outside, and
 * the building has BACnet. Control and infrastructure share VLAN 110, the office has VLAN 150.
 */
import type { Identity } from './enip.ts';
import type { Host } from './host.ts';
import { group, host } from './host.ts';

const CONTROL = 110;
const OFFICE = 150;

export const SITE = {
  engineering: host('EWS-01', '10.20.10.11', '18:66:da:31:0a:11', CONTROL),
  hmiWater: host('HMI-WATER-01', '10.20.10.21', '18:66:da:31:0b:21', CONTROL),
  hmiFilling: host('HMI-FILL-01', '10.20.10.22', '00:1b:1b:5c:0b:22', CONTROL),
  scada: host('SCADA-01', '10.20.10.30', '00:0c:29:7e:10:30', CONTROL),
  historian: host('HIST-01', '10.20.10.31', '00:0c:29:7e:10:31', CONTROL),
  infrastructure: host('SRV-INFRA-01', '10.20.10.5', '00:0c:29:7e:10:05', CONTROL),
  plcIntake: host('PLC-INTAKE', '10.20.10.41', '00:80:f4:1d:41:01', CONTROL),
  plcFilter: host('PLC-FILTER', '10.20.10.42', '00:80:f4:1d:42:07', CONTROL),
  plcReservoir: host('PLC-RESERVOIR', '10.20.10.43', '00:80:f4:1d:43:0c', CONTROL),
  plcFiller: host('PLC-FILLER', '10.20.10.51', '00:1b:1b:1e:51:30', CONTROL),
  plcPacker: host('PLC-PACKER', '10.20.10.52', '00:1b:1b:1e:52:44', CONTROL),
  plcLabel: host('PLC-LABEL', '10.20.10.61', '00:1d:9c:c0:61:0a', CONTROL),
  ioLabel: host('IO-LABEL', '10.20.10.62', '00:1d:9c:c0:62:0b', CONTROL),
  rtuNorth: host('RTU-WELL-NORTH', '10.20.10.71', '00:30:a7:02:71:aa', CONTROL),
  rtuSouth: host('RTU-WELL-SOUTH', '10.20.10.72', '00:30:a7:02:72:ab', CONTROL),
  gateway104: host('GW-SUBSTATION', '10.20.10.73', '00:02:a3:15:73:01', CONTROL),
  buildingServer: host('BMS-01', '10.20.10.80', '00:0c:29:7e:10:80', CONTROL),
  airHandling: host('AHU-HALL', '10.20.10.81', '00:10:8d:4a:81:02', CONTROL),
  chiller: host('CHILLER-01', '10.20.10.82', '00:10:8d:4a:82:03', CONTROL),
  switch: host('SW-CONTROL-01', '10.20.10.2', '00:90:e8:33:02:01', CONTROL),
  officePc: host('PC-OFFICE-07', '10.20.50.57', '00:1e:c9:88:57:57', OFFICE),
  printer: host('PRN-OFFICE', '10.20.50.90', '3c:d9:2b:10:90:90', OFFICE),
  officeServer: host('SRV-OFFICE', '10.20.50.5', '00:0c:29:7e:50:05', OFFICE),
} as const satisfies Record<string, Host>;

/** Comes in with the first incident. */
export const LAPTOP: Host = host('LAPTOP-K7', '10.20.10.166', '8c:16:45:6f:66:01', CONTROL);

/** The router's MAC with the address of a site on the Internet, eleven routers away. */
export const INTERNET: Host = { ...host('www.example.com', '93.184.216.34', '00:90:e8:33:02:fe', CONTROL), timeToLive: 53 };

export const CONTROL_BROADCAST: Host = group('10.20.10.255');

export const LABEL_IDENTITY: Identity = {
  vendorId: 1,
  deviceType: 0x0e,
  productCode: 96,
  revision: [32, 11],
  serial: 0x60a1b2c3,
  productName: '1769-L33ER/A LOGIX5333ER',
};
export const IO_IDENTITY: Identity = {
  vendorId: 1,
  deviceType: 0x0c,
  productCode: 158,
  revision: [5, 7],
  serial: 0x60a1b2d4,
  productName: '1734-AENTR POINT I/O',
};

export const BACNET_INSTANCE = { airHandling: 260_081, chiller: 260_082 } as const;
