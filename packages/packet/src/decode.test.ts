import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascii, be16, be32, type Bytes, ethernet, IP6_A, IP6_B, ipv4, ipv6, MAC_A, tcp, udp, repeat } from '../tests/build.ts';
import { i32, ipv4Text, macText } from './bytes.ts';
import { Decoder } from './decode.ts';
import { LinkType } from './link-types.ts';
import { Packet } from './packet.ts';

const HELLO = ascii('hello');
const DATAGRAM = udp(1000, 2000, HELLO);
const OVER_IPV4 = ipv4(17, DATAGRAM);
const OVER_IPV6 = ipv6(17, DATAGRAM);

function decode(frame: Bytes, options: { linkType?: number; wireLength?: number; decoder?: Decoder } = {}): Packet {
  const packet = new Packet();
  // The frame never begins at 0, as in a chunk.
  packet.bytes = Uint8Array.from([0xee, 0xee, 0xee, ...frame, 0xee, 0xee]);
  packet.start = 3;
  packet.end = 3 + frame.length;
  packet.wireLength = options.wireLength ?? frame.length;
  packet.linkType = options.linkType ?? LinkType.ETHERNET;
  (options.decoder ?? new Decoder()).decode(packet);
  return packet;
}

const payloadText = (packet: Packet): string => Buffer.from(packet.bytes.subarray(packet.payload, packet.payloadEnd)).toString('latin1');

const snap = (organization: Bytes, type: number, payload: Bytes): number[] => [0xaa, 0xaa, 3, ...organization, ...be16(type), ...payload];
const null4 = [2, 0, 0, 0];
const gre = (flags: number, type: number, rest: Bytes): number[] => ipv4(47, [...be16(flags), ...be16(type), ...rest]);
const label = (bottom: boolean): number[] => [0, 1, bottom ? 1 : 0, 64];

/** Each of these frames carries the same UDP datagram from port 1000 to 2000 with `hello`. */
const WAYS: readonly (readonly [name: string, frame: Bytes, linkType: number, expected: Partial<Packet>])[] = [
  ['Ethernet', ethernet(0x0800, OVER_IPV4), LinkType.ETHERNET, { vlan: -1, ipVersion: 4, etherType: 0x0800, tunnels: 0 }],
  ['Ethernet with padding', [...ethernet(0x0800, OVER_IPV4), 0, 0, 0, 0], LinkType.ETHERNET, {}],
  ['802.1Q', ethernet(0x0800, OVER_IPV4, [100]), LinkType.ETHERNET, { vlan: 100 }],
  ['QinQ', ethernet(0x0800, OVER_IPV4, [7, 100]), LinkType.ETHERNET, { vlan: 7 }],
  ['802.1Q priority tag', ethernet(0x0800, OVER_IPV4, [0]), LinkType.ETHERNET, { vlan: 0 }],
  ['IPv6', ethernet(0x86dd, OVER_IPV6), LinkType.ETHERNET, { ipVersion: 6, etherType: 0x86dd }],
  ['LLC/SNAP', ethernet(8 + OVER_IPV4.length, snap([0, 0, 0], 0x0800, OVER_IPV4)), LinkType.ETHERNET, { etherType: 0x0800 }],
  ['BSD NULL, little-endian', [...null4, ...OVER_IPV4], LinkType.NULL, { sourceMac: -1, destinationMac: -1 }],
  ['BSD NULL, big-endian', [0, 0, 0, 2, ...OVER_IPV4], LinkType.NULL, {}],
  ['BSD NULL with IPv6 of macOS', [30, 0, 0, 0, ...OVER_IPV6], LinkType.NULL, { ipVersion: 6 }],
  ['LOOP', [0, 0, 0, 24, ...OVER_IPV6], LinkType.LOOP, { ipVersion: 6 }],
  ...[12, 14, 101, 228].map((linkType) => [`raw IP ${linkType}`, OVER_IPV4, linkType, { ipVersion: 4 }] as const),
  ...[12, 14, 101, 229].map((linkType) => [`raw IP ${linkType} with IPv6`, OVER_IPV6, linkType, { ipVersion: 6 }] as const),
  ['Linux SLL', [0, 4, 0, 1, 0, 6, ...MAC_A, 0, 0, 8, 0, ...OVER_IPV4], LinkType.LINUX_SLL, { sourceMac: 9, destinationMac: -1 }],
  ['Linux SLL with a tag', [0, 4, 0, 1, 0, 6, ...MAC_A, 0, 0, 0x81, 0, 0, 5, 8, 0, ...OVER_IPV4], LinkType.LINUX_SLL, { vlan: 5 }],
  ['Linux SLL2', [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, ...MAC_A, 0, 0, ...OVER_IPV4], LinkType.LINUX_SLL2, { sourceMac: 15 }],
  ['PPI', [0, 0, 8, 0, 1, 0, 0, 0, ...ethernet(0x0800, OVER_IPV4)], LinkType.PPI, { sourceMac: 17 }],
  ['MPLS', ethernet(0x8847, [...label(false), ...label(true), ...OVER_IPV4]), LinkType.ETHERNET, { tunnels: 1 }],
  ['Ethernet over MPLS', ethernet(0x8847, [...label(true), 0, 0, 0, 0, ...ethernet(0x0800, OVER_IPV4)]), LinkType.ETHERNET, { tunnels: 1 }],
  ['PPPoE', ethernet(0x8864, [0x11, 0, 0, 1, ...be16(2 + OVER_IPV4.length), 0, 0x21, ...OVER_IPV4]), LinkType.ETHERNET, { tunnels: 1 }],
  [
    'PPPoE with IPv6',
    ethernet(0x8864, [0x11, 0, 0, 1, ...be16(2 + OVER_IPV6.length), 0, 0x57, ...OVER_IPV6]),
    LinkType.ETHERNET,
    { ipVersion: 6 },
  ],
  ['GRE', ethernet(0x0800, gre(0, 0x0800, OVER_IPV4)), LinkType.ETHERNET, { tunnels: 1 }],
  [
    'GRE with checksum, key and sequence',
    ethernet(0x0800, gre(0xb000, 0x86dd, [...repeat(0, 12), ...OVER_IPV6])),
    LinkType.ETHERNET,
    { ipVersion: 6 },
  ],
  [
    'GRE of PPTP',
    ethernet(0x0800, gre(0x3081, 0x880b, [...repeat(0, 12), 0xff, 3, 0, 0x21, ...OVER_IPV4])),
    LinkType.ETHERNET,
    { tunnels: 1 },
  ],
  [
    'TEB',
    ethernet(0x0800, gre(0, 0x6558, ethernet(0x0800, OVER_IPV4))),
    LinkType.ETHERNET,
    { tunnels: 1, sourceMac: 3 + 14 + 24 + 6, carrierMac: 3 + 6 },
  ],
  ['ERSPAN I', ethernet(0x0800, gre(0, 0x88be, ethernet(0x0800, OVER_IPV4, [9]))), LinkType.ETHERNET, { vlan: 9, tunnels: 1 }],
  [
    'ERSPAN II with the tag in the frame',
    ethernet(0x0800, gre(0x1000, 0x88be, [...repeat(0, 4), 0x10, 7, 0x18, 0, ...repeat(0, 4), ...ethernet(0x0800, OVER_IPV4, [9])])),
    LinkType.ETHERNET,
    { vlan: 9 },
  ],
  [
    'ERSPAN II whose tag the switch took off',
    ethernet(0x0800, gre(0x1000, 0x88be, [...repeat(0, 4), 0x10, 7, 0x10, 0, ...repeat(0, 4), ...ethernet(0x0800, OVER_IPV4)])),
    LinkType.ETHERNET,
    { vlan: 7 },
  ],
  [
    'ERSPAN II of an untagged frame',
    ethernet(0x0800, gre(0x1000, 0x88be, [...repeat(0, 4), 0x10, 7, 0, 0, ...repeat(0, 4), ...ethernet(0x0800, OVER_IPV4)])),
    LinkType.ETHERNET,
    { vlan: -1, sourceMac: 3 + 14 + 36 + 6 },
  ],
  [
    'ERSPAN III',
    ethernet(0x0800, gre(0x1000, 0x22eb, [...repeat(0, 4), 0x20, 5, ...repeat(0, 10), ...ethernet(0x0800, OVER_IPV4)])),
    LinkType.ETHERNET,
    { vlan: 5, tunnels: 1 },
  ],
  [
    'ERSPAN III with its optional subheader',
    ethernet(0x0800, gre(0x1000, 0x22eb, [...repeat(0, 15), 1, ...repeat(0, 8), ...ethernet(0x0800, OVER_IPV4)])),
    LinkType.ETHERNET,
    { vlan: -1, tunnels: 1 },
  ],
  [
    'ERSPAN III of bare IP',
    ethernet(0x0800, gre(0x1000, 0x22eb, [...repeat(0, 14), 0x08, 0, ...OVER_IPV6])),
    LinkType.ETHERNET,
    { ipVersion: 6, tunnels: 1 },
  ],
  [
    'VXLAN',
    ethernet(0x0800, ipv4(17, udp(5, 4789, [8, 0, 0, 0, 0, 0, 1, 0, ...ethernet(0x0800, OVER_IPV4)]))),
    LinkType.ETHERNET,
    { tunnels: 1, carrierMac: 3 + 6, carrierVersion: 4, carrierTimeToLive: 64, carrierVlan: -1 },
  ],
  ['IP in IP', ethernet(0x0800, ipv4(4, OVER_IPV4)), LinkType.ETHERNET, { tunnels: 1, carrierMac: -1 }],
  ['IPv6 in IPv4', ethernet(0x0800, ipv4(41, OVER_IPV6)), LinkType.ETHERNET, { ipVersion: 6 }],
  [
    'IPv6 with hop-by-hop, destination and atomic fragment headers',
    ethernet(0x86dd, ipv6(0, [60, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 9, ...DATAGRAM])),
    LinkType.ETHERNET,
    { protocol: 17 },
  ],
  ['total length 0 of segmentation offload', ethernet(0x0800, ipv4(17, DATAGRAM, { totalLength: 0 })), LinkType.ETHERNET, {}],
];

for (const [name, frame, linkType, expected] of WAYS) {
  test(`finds the datagram behind ${name}`, () => {
    const packet = decode(frame, { linkType });
    assert.deepEqual(
      [packet.problem, packet.protocol, packet.sourcePort, packet.destinationPort, payloadText(packet)],
      ['', 17, 1000, 2000, 'hello'],
    );
    for (const [field, value] of Object.entries(expected)) assert.equal(packet[field as keyof Packet], value, field);
  });
}

test('a TCP segment: addresses, ports, numbers, flags and payload without padding', () => {
  const segment = tcp(40000, 502, 0xfffffffe | 0, 7, 0x18, HELLO);
  const packet = decode([...ethernet(0x0800, ipv4(6, segment)), 0, 0, 0]);
  assert.equal(ipv4Text(packet.source), '10.0.0.1');
  assert.equal(ipv4Text(packet.destination), '10.0.0.2');
  assert.equal(macText(packet.bytes, packet.sourceMac), '00:1b:1b:01:02:03');
  assert.deepEqual(
    [packet.sourcePort, packet.destinationPort, packet.sequence, packet.acknowledgement, packet.flags, packet.timeToLive],
    [40000, 502, -2, 7, 0x18, 64],
  );
  assert.equal(payloadText(packet), 'hello');
});

test('IPv6 addresses get numbers with their text', () => {
  const decoder = new Decoder();
  const packet = decode(ethernet(0x86dd, OVER_IPV6), { decoder });
  assert.equal(decoder.addresses.ipv6Text(packet.source), '2001:db8::1');
  assert.equal(decoder.addresses.ipv6Text(packet.destination), '2001:db8::2');
  assert.equal(decode(ethernet(0x86dd, OVER_IPV6), { decoder }).source, packet.source);
});

test('frames without IP show their payload: ARP, and LLC cut at its length', () => {
  const arp = decode(ethernet(0x0806, repeat(1, 28)));
  assert.deepEqual([arp.etherType, arp.ipVersion, arp.payloadEnd - arp.payload], [0x0806, 0, 28]);
  const llc = decode([...ethernet(5, [0x42, 0x42, 3, 1, 2]), ...repeat(0, 41)]);
  assert.deepEqual([llc.etherType, llc.payloadEnd - llc.payload], [5, 5]);
});

test('a frame that the capture cut is incomplete, with the count of missing bytes, and nobody is blamed', () => {
  const frame = ethernet(0x0800, ipv4(6, tcp(1, 2, 0, 0, 16, repeat(65, 100))));
  const packet = decode(frame.slice(0, 64), { wireLength: frame.length });
  assert.deepEqual([packet.complete, packet.missing, packet.problem, packet.payloadEnd - packet.payload], [false, 90, '', 10]);
});

const TCP = tcp(1, 2, 3, 4, 16, HELLO);
const tcpWithOffset = (offset: number): number[] => [...TCP.slice(0, 12), offset << 4, ...TCP.slice(13)];
const PROBLEMS: readonly [problem: string, frame: Bytes, linkType?: number][] = [
  ['ethernet.truncated', [1, 2, 3]],
  ['vlan.truncated', [...ethernet(0x8100, []), 1]],
  ['ipv4.truncated', ethernet(0x0800, OVER_IPV4.slice(0, 19))],
  ['ipv4.version', ethernet(0x0800, [0x55, ...OVER_IPV4.slice(1)])],
  ['ipv4.header-length', ethernet(0x0800, [0x44, ...OVER_IPV4.slice(1)])],
  ['ipv4.header-length', ethernet(0x0800, [0x4f, ...OVER_IPV4.slice(1)])],
  ['ipv4.total-length', ethernet(0x0800, ipv4(17, DATAGRAM, { totalLength: 19 }))],
  ['ipv4.total-length', ethernet(0x0800, ipv4(17, DATAGRAM, { totalLength: 500 }))],
  ['ipv6.truncated', ethernet(0x86dd, OVER_IPV6.slice(0, 39))],
  ['ipv6.version', ethernet(0x86dd, [0x40, ...OVER_IPV6.slice(1)])],
  ['ipv6.payload-length', ethernet(0x86dd, [...OVER_IPV6.slice(0, 4), 1, 0, ...OVER_IPV6.slice(6)])],
  ['ipv6.extension-length', ethernet(0x86dd, ipv6(0, [17, 9, 0, 0, 0, 0, 0, 0, ...DATAGRAM]))],
  ['tcp.truncated', ethernet(0x0800, ipv4(6, TCP.slice(0, 19)))],
  ['tcp.header-length', ethernet(0x0800, ipv4(6, tcpWithOffset(4)))],
  ['tcp.header-length', ethernet(0x0800, ipv4(6, tcpWithOffset(15)))],
  ['udp.truncated', ethernet(0x0800, ipv4(17, DATAGRAM.slice(0, 7)))],
  ['udp.length', ethernet(0x0800, ipv4(17, [...DATAGRAM.slice(0, 4), 0, 7, ...DATAGRAM.slice(6)]))],
  ['udp.length', ethernet(0x0800, ipv4(17, [...DATAGRAM.slice(0, 4), 9, 7, ...DATAGRAM.slice(6)]))],
  [
    'layers.too-many',
    ethernet(
      0x0800,
      Array.from({ length: 30 }).reduce<number[]>((inner) => ipv4(4, inner), OVER_IPV4),
    ),
  ],
  ['layers.too-many', ethernet(0x0800, OVER_IPV4, repeat(3, 40))],
  ['layers.too-many', ethernet(0x86dd, ipv6(0, [...repeat(0, 240), ...DATAGRAM]))],
  ['mpls.truncated', ethernet(0x8847, label(false))],
  ['null.truncated', [2, 0], LinkType.NULL],
  ['sll.truncated', [0, 4, 0], LinkType.LINUX_SLL],
  ['ppi.header-length', [0, 0, 4, 0, 1, 0, 0, 0], LinkType.PPI],
];
for (const [problem, frame, linkType] of PROBLEMS) {
  test(`names broken headers: ${problem} in ${frame.length} bytes`, () => {
    const decoder = new Decoder();
    const packet = decode(frame, linkType === undefined ? { decoder } : { decoder, linkType });
    assert.equal(packet.problem, problem);
    assert.equal(decoder.problems.get(problem), 1);
  });
}

/** Fragments of a datagram with 3,000 bytes, as Ethernet frames. */
function fragments(version: 4 | 6): { frames: number[][]; text: string } {
  const text = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
  const whole = udp(1000, 2000, ascii(text));
  const frames: number[][] = [];
  for (let offset = 0; offset < whole.length; offset += 1024) {
    const data = whole.slice(offset, offset + 1024);
    const more = offset + 1024 < whole.length;
    frames.push(
      version === 4
        ? ethernet(0x0800, ipv4(17, data, { id: 77, offset, more }), [33])
        : ethernet(0x86dd, ipv6(44, [17, 0, ...be16(offset | (more ? 1 : 0)), ...be32(77), ...data]), [33]),
    );
  }
  return { frames, text };
}

for (const version of [4, 6] as const) {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 1, 2, 0],
  ]) {
    test(`IPv${version} fragments in the order ${order} become one datagram`, () => {
      const { frames, text } = fragments(version);
      const decoder = new Decoder();
      const packets = order.map((index) => decode(frames[index], { decoder }));
      const last = packets.pop();
      assert.ok(last);
      for (const packet of packets) assert.deepEqual([packet.fragment, packet.reassembled], [true, false]);
      assert.deepEqual([last.fragment, last.reassembled, last.sourcePort, last.destinationPort, last.vlan], [false, true, 1000, 2000, 33]);
      assert.equal(payloadText(last), text);
      assert.equal(macText(last.bytes, last.sourceMac), '00:1b:1b:01:02:03');
      assert.equal(decoder.fragments.counters.overlaps, order.length - 3);
      assert.equal(decoder.fragments.pending, 0);
    });
  }
}

test('where fragments overlap, the bytes that came first stay', () => {
  const decoder = new Decoder();
  const whole = udp(1, 2, ascii('AAAAAAAABBBBBBBB'));
  const evil = ascii('xxxxxxxxxxxxxxxx');
  decode(ethernet(0x0800, ipv4(17, whole.slice(0, 16), { more: true })), { decoder });
  const packet = decode(ethernet(0x0800, ipv4(17, evil, { offset: 8 })), { decoder });
  assert.equal(payloadText(packet), 'AAAAAAAAxxxxxxxx');
  assert.equal(decoder.fragments.counters.overlaps, 1);
});

test('fragments are bounded: by datagrams, bytes, pieces and packet time', () => {
  const decoder = new Decoder();
  for (let id = 0; id < 5000; id++) decode(ethernet(0x0800, ipv4(17, repeat(1, 8), { id, offset: 65_000 })), { decoder });
  assert.ok(decoder.fragments.pending <= 1024);
  assert.ok(decoder.fragments.counters.evicted > 3000);
  const pieces = new Decoder();
  for (let i = 0; i < 200; i++) decode(ethernet(0x0800, ipv4(17, repeat(1, 8), { offset: i * 16, more: true })), { decoder: pieces });
  assert.ok(pieces.fragments.counters.evicted > 0);
});

test('a fragment beyond 65,535 bytes is refused', () => {
  const packet = decode(ethernet(0x0800, ipv4(17, repeat(1, 64), { offset: 65_528 })));
  assert.deepEqual([packet.problem, packet.fragment], ['ip.fragment-too-long', true]);
});

test('IPv6 addresses beyond the bound share number 0 and are counted', async () => {
  const { AddressTable } = await import('./tables/address-table.ts');
  const table = new AddressTable(4);
  const numbers = Array.from({ length: 6 }, (_, i) => table.ipv6(Uint8Array.from([...IP6_A.slice(0, 15), i]), 0));
  assert.deepEqual(numbers, [1, 2, 3, 4, 0, 0]);
  assert.equal(table.overflow, 2);
  assert.equal(table.ipv6Text(2), '2001:db8::1');
  assert.equal(i32(table.ipv6Bytes(1), 0), i32(Uint8Array.from(IP6_B), 0));
});
