/**
 * Link types as capture files number them (the LINKTYPE_ registry of tcpdump.org), the names people know them by, and
 * which of them the decoder reads.
 */
export const LinkType = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  PPI: 192,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

const NAMES = new Map<number, string>([
  [0, 'Null'],
  [1, 'Ethernet'],
  [6, 'Token Ring'],
  [7, 'ARCNET'],
  [8, 'SLIP'],
  [9, 'PPP'],
  [10, 'FDDI'],
  [12, 'Raw IP'],
  [14, 'Raw IP'],
  [50, 'PPP in HDLC framing'],
  [51, 'PPPoE'],
  [101, 'Raw IP'],
  [104, 'Cisco HDLC'],
  [105, 'IEEE 802.11'],
  [107, 'Frame Relay'],
  [108, 'Loop'],
  [113, 'Linux SLL'],
  [114, 'LocalTalk'],
  [117, 'OpenBSD pflog'],
  [119, 'IEEE 802.11 with Prism header'],
  [122, 'IP over Fibre Channel'],
  [127, 'IEEE 802.11 with radiotap header'],
  [129, 'ARCNET for Linux'],
  [143, 'DOCSIS'],
  [147, 'User 0'],
  [149, 'User 2'],
  [177, 'Linux LAPD'],
  [187, 'Bluetooth HCI UART'],
  [189, 'USB of Linux'],
  [190, 'CAN 2.0B'],
  [191, 'IEEE 802.15.4 for Linux'],
  [192, 'PPI'],
  [195, 'IEEE 802.15.4 with FCS'],
  [201, 'Bluetooth HCI UART with direction'],
  [203, 'LAPD'],
  [209, 'I2C of Linux'],
  [215, 'IEEE 802.15.4 without PHY'],
  [220, 'USB of Linux with padded header'],
  [224, 'Fibre Channel FC-2'],
  [227, 'SocketCAN'],
  [228, 'Raw IPv4'],
  [229, 'Raw IPv6'],
  [230, 'IEEE 802.15.4 without FCS'],
  [231, 'D-Bus'],
  [239, 'NFLOG'],
  [240, 'Hilscher netANALYZER'],
  [241, 'Hilscher netANALYZER transparent'],
  [247, 'InfiniBand'],
  [249, 'USBPcap'],
  [250, 'RTAC serial'],
  [251, 'Bluetooth LE'],
  [253, 'Netlink of Linux'],
  [258, 'PROFIBUS data link'],
  [272, 'nordic BLE sniffer'],
  [276, 'Linux SLL2'],
  [283, 'IEEE 802.15.4 TAP'],
]);

const READ: ReadonlySet<number> = new Set(Object.values(LinkType));

/** Name for people; `link type 147` style for numbers nobody named here. */
export function linkTypeName(linkType: number): string {
  return NAMES.get(linkType) ?? `Link type ${linkType}`;
}

/** The decoder reads frames of this link type. */
export function isReadable(linkType: number): boolean {
  return READ.has(linkType);
}
