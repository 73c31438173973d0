/** Services of KNXnet/IP (ISO 22510; KNX 03/08), as Wireshark numbers `knxip.service`. */
const SERVICES: Readonly<Record<number, string>> = {
  0x0201: 'Search Request',
  0x0202: 'Search Response',
  0x0203: 'Description Request',
  0x0204: 'Description Response',
  0x0205: 'Connect Request',
  0x0206: 'Connect Response',
  0x0207: 'Connection State Request',
  0x0208: 'Connection State Response',
  0x0209: 'Disconnect Request',
  0x020a: 'Disconnect Response',
  0x020b: 'Search Request Extended',
  0x020c: 'Search Response Extended',
  0x0310: 'Configuration Request',
  0x0311: 'Configuration Acknowledgement',
  0x0420: 'Tunneling Request',
  0x0421: 'Tunneling Acknowledgement',
  0x0422: 'Tunneling Feature Get',
  0x0423: 'Tunneling Feature Response',
  0x0424: 'Tunneling Feature Set',
  0x0425: 'Tunneling Feature Info',
  0x0530: 'Routing Indication',
  0x0531: 'Routing Lost Message',
  0x0532: 'Routing Busy',
  0x0533: 'Routing System Broadcast',
  0x0740: 'Remote Diagnostic Request',
  0x0741: 'Remote Diagnostic Response',
  0x0742: 'Remote Configuration Request',
  0x0743: 'Remote Reset Request',
  0x0950: 'Secure Wrapper',
  0x0951: 'Session Request',
  0x0952: 'Session Response',
  0x0953: 'Session Authenticate',
  0x0954: 'Session Status',
  0x0955: 'Timer Notify',
};
export const isService = (service: number): boolean => SERVICES[service] !== undefined;
export const serviceName = (service: number): string => SERVICES[service] ?? `Service 0x${service.toString(16).padStart(4, '0')}`;
export const Service = {
  SearchRequest: 0x0201,
  SearchResponse: 0x0202,
  DescriptionRequest: 0x0203,
  DescriptionResponse: 0x0204,
  SearchRequestExtended: 0x020b,
  SearchResponseExtended: 0x020c,
  RoutingIndication: 0x0530,
  RemoteConfiguration: 0x0742,
  RemoteReset: 0x0743,
} as const;
/** Responses and acknowledgements. */
export const isAnswer = (service: number): boolean =>
  service === 0x0202 ||
  service === 0x0204 ||
  service === 0x0206 ||
  service === 0x0208 ||
  service === 0x020a ||
  service === 0x020c ||
  service === 0x0311 ||
  service === 0x0421 ||
  service === 0x0423 ||
  service === 0x0741 ||
  service === 0x0952 ||
  service === 0x0954;

/** Block of a device's description: its name has thirty bytes from this offset on (7.5.4.2). */
export const DEVICE_BLOCK = 0x01;
export const DEVICE_SERIAL = 8;
export const DEVICE_NAME = 24;
export const DEVICE_BLOCK_SIZE = 54;

/** What a KNXnet/IP frame can break. */
export const VIOLATIONS = {
  /** The length of the header is not that of the datagram. */
  'knxip.length': { malformed: true },
  /** A service that is not defined. */
  'knxip.service': { malformed: false },
} as const;
export type KnxipViolation = keyof typeof VIOLATIONS;
