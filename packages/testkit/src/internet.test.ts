import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as arp from './arp.ts';
import * as dhcp from './dhcp.ts';
import * as dns from './dns.ts';
import { group, host } from './host.ts';
import * as http from './http.ts';
import * as icmp from './icmp.ts';
import * as ntp from './ntp.ts';
import { octets } from './octets.ts';
import { Connection, probed, refused, unanswered } from './tcp.ts';
import { Timeline } from './timeline.ts';
import * as tls from './tls.ts';
import { complaints, fieldCounts, frameCount, withoutTshark } from './tshark.ts';
import * as udp from './udp.ts';

const office = host('office-pc', '10.2.0.50', '00:1e:c9:01:02:03');
const server = host('srv', '10.2.0.2', '00:0c:29:aa:bb:cc');
const office6 = host('office-pc', 'fd00::50', '00:1e:c9:01:02:03');
const server6 = host('srv', 'fd00::2', '00:0c:29:aa:bb:cc');
const skip = withoutTshark;

test('ARP and ICMP are read as written, in both versions of IP', { skip }, () => {
  const timeline = new Timeline();
  arp.resolve(timeline, office, server);
  arp.announce(timeline, office);
  icmp.echo(timeline, office, server);
  icmp.echo(timeline, office6, server6, 2, 1000, false);
  icmp.neighbour(timeline, office6, server6);
  icmp.portUnreachable(timeline, office, 5000, server, 161);
  assert.deepEqual(complaints(timeline), []);
  assert.deepEqual(fieldCounts(timeline, ['arp.opcode', 'icmp.type', 'icmpv6.type']), {
    'arp.opcode': { 1: 2, 2: 1 },
    'icmp.type': { 0: 1, 3: 1, 8: 1 },
    'icmpv6.type': { 128: 1, 135: 1, 136: 1 },
  });
});

test('a lie about an address is found by tshark as a duplicate', { skip }, () => {
  const timeline = new Timeline();
  arp.announce(timeline, server);
  arp.spoof(timeline, office, server, host('victim', '10.2.0.9'));
  assert.equal(frameCount(timeline, 'arp.duplicate-address-detected'), 1);
});

test('names are asked and answered over DNS, mDNS, LLMNR and NetBIOS', { skip }, () => {
  const timeline = new Timeline();
  dns.lookup(timeline, office, server, 'historian.plant.example', ['10.2.0.7']);
  dns.lookup(timeline, office, server, 'nowhere.example');
  dns.lookup(timeline, office6, server6, 'six.example', ['fd00::7'], { type: dns.RecordType.AAAA });
  dns.mdnsAnnounce(timeline, office);
  dns.mdnsQuery(timeline, office, '_http._tcp.local');
  dns.llmnr(timeline, office, 'printer', server);
  dns.nbnsQuery(timeline, office, group('10.2.0.255'), 'PRINTER');
  dns.nbnsRegistration(timeline, office, group('10.2.0.255'));
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, ['dns.flags.rcode', 'dns.a', 'dns.aaaa', 'nbns.name']);
  assert.deepEqual(counts['dns.flags.rcode'], { 0: 4, 3: 1 });
  assert.deepEqual(counts['dns.a'], { '10.2.0.7': 1, '10.2.0.50': 1, '10.2.0.2': 1 });
  assert.deepEqual(counts['dns.aaaa'], { 'fd00::7': 1 });
  assert.equal(frameCount(timeline, 'mdns'), 2);
  assert.equal(frameCount(timeline, 'llmnr'), 2);
  assert.deepEqual(Object.keys(counts['nbns.name']), ['PRINTER<20>', 'OFFICE-PC<00>', 'OFFICE-PC<00> (Workstation/Redirector)']);
});

test('leases are given, refused and renewed', { skip }, () => {
  const timeline = new Timeline();
  dhcp.lease(timeline, office, server, { vendorClass: 'MSFT 5.0' });
  dhcp.lease(timeline, office, server, { outcome: 'nak' });
  dhcp.renew(timeline, office, server);
  assert.deepEqual(complaints(timeline), []);
  assert.deepEqual(fieldCounts(timeline, ['dhcp.option.dhcp', 'dhcp.option.hostname']), {
    'dhcp.option.dhcp': { 1: 2, 2: 2, 3: 3, 5: 2, 6: 1 },
    'dhcp.option.hostname': { 'office-pc': 5 },
  });
});

test('web pages, SOAP calls, time and the start of TLS are read as written', { skip }, () => {
  const timeline = new Timeline();
  const web = http.session(timeline, office, server);
  web.get('/status', 'x'.repeat(4000)).get('/none', 'no', { status: 404 }).soap('/svc', 'urn:plant#Read', '<r/>').close();
  http.session(timeline, office6, server6).get('/six');
  ntp.exchange(timeline, office, server);
  new Connection(timeline, office, server, tls.PORT).request(tls.clientHello('portal.example', timeline.random));
  assert.deepEqual(complaints(timeline), []);
  const counts = fieldCounts(timeline, [
    'http.request.uri',
    'http.response.code',
    'ntp.flags.mode',
    'tls.handshake.extensions_server_name',
  ]);
  assert.deepEqual(counts, {
    'http.request.uri': { '/status': 1, '/none': 1, '/svc': 1, '/six': 1 },
    'http.response.code': { 200: 3, 404: 1 },
    'ntp.flags.mode': { 3: 1, 4: 1 },
    'tls.handshake.extensions_server_name': { 'portal.example': 1 },
  });
});

test('fragments are put together again', { skip }, () => {
  const timeline = new Timeline();
  udp.send(timeline, office, 4000, server, 9, octets().zeros(3000, 65).take(), { fragment: 1480 });
  udp.send(timeline, office6, 4000, server6, 9, octets().zeros(3000, 65).take(), { fragment: 1400 });
  assert.deepEqual(complaints(timeline), []);
  assert.equal(timeline.count, 6);
  assert.deepEqual(fieldCounts(timeline, ['udp.length']), { 'udp.length': { 3008: 2 } });
});

test('connects that fail look as tshark names them', { skip }, () => {
  const timeline = new Timeline();
  refused(timeline, office, server, 23);
  unanswered(timeline, office, server, 24, 3);
  probed(timeline, office, server, 80);
  const connection = new Connection(timeline, office, server, 80);
  connection.request(octets().text('GET ').take()).reset();
  assert.deepEqual(fieldCounts(timeline, ['tcp.flags.syn', 'tcp.flags.reset']), {
    'tcp.flags.syn': { 0: 5, 1: 8 },
    'tcp.flags.reset': { 0: 10, 1: 3 },
  });
  assert.equal(frameCount(timeline, 'tcp.analysis.retransmission'), 2);
});
