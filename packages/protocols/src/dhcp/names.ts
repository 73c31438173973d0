/** Message types and options of DHCP (RFC 2131, RFC 2132) and message types of DHCPv6 (RFC 8415, 7.3). */
export const Option = { Pad: 0, HostName: 12, RequestedAddress: 50, MessageType: 53, VendorClass: 60, FullName: 81, End: 255 } as const;

const types: readonly string[] = [
  'BOOTP',
  'Discover',
  'Offer',
  'Request',
  'Decline',
  'ACK',
  'NAK',
  'Release',
  'Inform',
  'Force Renew',
  'Lease Query',
  'Lease Unassigned',
  'Lease Unknown',
  'Lease Active',
  'Bulk Lease Query',
  'Lease Query Done',
  'Active Lease Query',
  'Lease Query Status',
  'TLS',
];

export const Type = { Discover: 1, Offer: 2, Request: 3, Decline: 4, Ack: 5, Nak: 6, Release: 7, Inform: 8 } as const;

/** `Offer` of 2; 0 is BOOTP without a message type. */
export const typeName = (type: number): string => types[type] ?? `Type ${type}`;
export const HIGHEST_TYPE = types.length - 1;

const types6: readonly string[] = [
  '',
  'Solicit',
  'Advertise',
  'Request',
  'Confirm',
  'Renew',
  'Rebind',
  'Reply',
  'Release',
  'Decline',
  'Reconfigure',
  'Information Request',
  'Relay Forward',
  'Relay Reply',
];
export const HIGHEST_TYPE6 = types6.length - 1;
export const type6Name = (type: number): string => types6[type] || `Type ${type}`;

/** Operating system behind a vendor class that the client software of a system sends, or the empty text. */
export function systemOf(vendorClass: string): string {
  if (vendorClass.startsWith('MSFT ')) return 'Windows';
  const android = /^android-dhcp-(\d{1,3}(?:\.\d{1,3}){0,2})/.exec(vendorClass);
  if (android) return `Android ${android[1]}`;
  return /^(dhcpcd|udhcp|busybox|Linux)/.test(vendorClass) ? 'Linux' : '';
}

/** Vendor classes of boot loaders and clients, which name no device. */
export const isClientSoftware = (vendorClass: string): boolean =>
  /^(PXEClient|HTTPClient|anaconda|d-i|dhcpcd|udhcp|MSFT |android-dhcp|Linux|busybox)/.test(vendorClass);

/** What a DHCP message can do wrong. */
export const VIOLATIONS = {
  'dhcp.length': { malformed: true },
  'dhcp.option-length': { malformed: true },
  'dhcp.operation': { malformed: false },
  'dhcp.hardware-size': { malformed: true },
  'dhcp.message-type': { malformed: false },
  'dhcpv6.length': { malformed: true },
  'dhcpv6.option-length': { malformed: true },
} as const;
export type DhcpViolation = keyof typeof VIOLATIONS;
