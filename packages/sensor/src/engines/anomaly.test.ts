import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arp from '@annunciator/testkit/arp';
import * as dhcp from '@annunciator/testkit/dhcp';
import * as dnp3 from '@annunciator/testkit/dnp3';
import { type Host, host } from '@annunciator/testkit/host';
import * as http from '@annunciator/testkit/http';
import * as icmp from '@annunciator/testkit/icmp';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { check, hosts, MASTER, OTHER, ofType, raised, type Row, SLAVE, times } from '../../tests/raised.ts';

const text = (value: string): Uint8Array => octets().text(value).take();

/** One FTP connection in which a password is sent and refused. */
function ftpLogin(timeline: Timeline, accepted = false, password = 'secret', user = 'eng'): void {
  const connection = new Connection(timeline, MASTER, SLAVE, 21);
  connection
    .response(text('220 FTP server ready\r\n'))
    .request(text(`USER ${user}\r\n`))
    .response(text('331 Password required\r\n'));
  connection.request(text(`PASS ${password}\r\n`)).response(text(accepted ? '230 Welcome\r\n' : '530 Login incorrect\r\n'));
  connection.close();
}

/** HTTP requests with credentials that the server refuses. */
function basicLogins(timeline: Timeline, count: number, status: number, milliseconds = 400, password = (_turn: number) => 'secret'): void {
  const session = http.session(timeline, MASTER, SLAVE);
  const headers = (turn: number) => ({ Authorization: `Basic ${Buffer.from(`eng:${password(turn)}`).toString('base64')}` });
  times(timeline, count, milliseconds, (turn) => session.exchange({ path: '/', headers: headers(turn), status }));
}

/** A terminal session in which passwords are typed and refused. */
function telnetLogins(timeline: Timeline, count: number, password: (turn: number) => string): void {
  times(timeline, count, 20_000, (turn) => {
    const connection = new Connection(timeline, MASTER, SLAVE, 23);
    connection.response(text('login: ')).request(text('root\r\n')).response(text('Password: '));
    connection
      .request(text(`${password(turn)}\r\n`))
      .response(text('\r\nLogin incorrect\r\n'))
      .close();
  });
}

/** A client of which nothing is known: `prefix` begins its hardware address (02: locally administered; 00:80:f4 is a vendor's). */
const stranger = (turn: number, prefix: string): Host =>
  host(`stranger-${turn}`, `10.1.9.${turn + 1}`, `${prefix}:f4:00:00:${turn.toString(16).padStart(2, '0')}`);

const withHeader = (length: number): http.Exchange => ({ path: '/', headers: { 'X-Data': 'a'.repeat(length - 'X-Data: '.length) } });
const withHeaders = (count: number): http.Exchange => ({
  path: '/',
  // Host and User-Agent are written anyway.
  headers: Object.fromEntries(Array.from({ length: count - 2 }, (_, i) => [`X-${i}`, '1'])),
});

function head(timeline: Timeline, header: string): void {
  const connection = new Connection(timeline, MASTER, SLAVE, 80);
  connection.request(text(`GET / HTTP/1.1\r\nHost: plc\r\n${header}\r\n\r\n`)).response(http.response({}));
}

const ROWS: readonly Row[] = [
  {
    type: 'abnormal-exception-pattern-in-slave',
    by: 'Modbus',
    count: 20,
    write: (timeline, count) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      times(timeline, count, 150_000, () => session.refuse(modbus.readRequest(3, 9000, 2), 2));
    },
    source: SLAVE,
    destination: null,
    message: /refused 20 requests within 60 minutes/,
    innocent: (timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      times(timeline, 20, 200_000, () => session.refuse(modbus.readRequest(3, 9000, 2), 2));
    },
  },
  {
    type: 'abnormal-exception-pattern-in-slave',
    by: 'DNP3',
    count: 20,
    write: (timeline, count) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.ParameterError;
      times(timeline, count, 1000, () => session.poll());
    },
    source: SLAVE,
    message: /refused 20 requests.*IIN/,
    innocent: (timeline) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.NeedTime;
      times(timeline, 40, 1000, () => session.poll());
    },
  },
  {
    type: 'abnormal-http-header-length',
    count: 8191,
    write: (timeline, count) => void http.session(timeline, MASTER, SLAVE).exchange(withHeader(count)),
    source: MASTER,
    destination: SLAVE,
    message: /HTTP request with 8191 bytes in one header line/,
  },
  {
    type: 'abnormal-http-header-length',
    by: 'four times what was learned',
    count: 1601,
    learned: (timeline) => void http.session(timeline, MASTER, SLAVE).exchange(withHeader(400)),
    write: (timeline, count) => void http.session(timeline, MASTER, SLAVE).exchange(withHeader(count)),
    source: MASTER,
    destination: SLAVE,
    message: /1601 bytes in one header line/,
    innocent: (timeline) => void http.session(timeline, OTHER, SLAVE).exchange(withHeader(1601)),
  },
  {
    type: 'abnormal-number-of-parameters-in-http-header',
    count: 101,
    write: (timeline, count) => void http.session(timeline, MASTER, SLAVE).exchange(withHeaders(count)),
    source: MASTER,
    destination: SLAVE,
    message: /101 header fields/,
  },
  {
    type: 'abnormal-number-of-parameters-in-http-header',
    by: 'four times what was learned',
    count: 21,
    learned: (timeline) => void http.session(timeline, MASTER, SLAVE).exchange(withHeaders(5)),
    write: (timeline, count) => void http.session(timeline, MASTER, SLAVE).exchange(withHeaders(count)),
    source: MASTER,
    message: /21 header fields/,
  },
  {
    type: 'abnormal-termination-of-applications',
    by: 'S7 stop',
    count: 20,
    write: (timeline, count) => {
      const session = s7.session(timeline, MASTER, SLAVE);
      times(timeline, count, 500_000, () => session.stop());
    },
    source: MASTER,
    destination: SLAVE,
    message: /20 stop commands reached .* within 3 hours/,
    holds: MASTER.address,
    innocent: (timeline) => {
      const session = s7.session(timeline, MASTER, SLAVE);
      times(timeline, 20, 600_000, () => session.stop());
    },
  },
  {
    type: 'abnormal-termination-of-applications',
    by: 'DNP3 stop application',
    count: 20,
    write: (timeline, count) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      times(timeline, count, 1000, () => session.stopApplication());
    },
    source: MASTER,
    message: /20 stop commands/,
  },
  {
    type: 'arp-address-scan-detected',
    count: 40,
    write: (timeline, count) => hosts(count).forEach((target) => arp.request(timeline.wait(8500), MASTER, target)),
    source: MASTER,
    destination: null,
    message: /asked by ARP for 40 different addresses within 6 minutes/,
    innocent: (timeline) => hosts(40).forEach((target) => arp.request(timeline.wait(9500), MASTER, target)),
  },
  {
    type: 'arp-spoofing',
    by: 'unsolicited replies',
    count: 60,
    write: (timeline, count) => {
      for (const one of [OTHER, SLAVE]) arp.resolve(timeline, MASTER, one);
      timeline.wait(60_000);
      times(timeline, count, 1000, () => arp.spoof(timeline, OTHER, SLAVE, MASTER));
    },
    source: OTHER,
    message: /sent 60 ARP claims nobody asked for within 60 seconds/,
    holds: OTHER.mac,
    // A busy gateway answers everybody who asks.
    innocent: (timeline) => hosts(90).forEach((client) => arp.resolve(timeline.wait(300), client, OTHER)),
  },
  {
    type: 'arp-spoofing',
    by: 'gratuitous',
    count: 60,
    write: (timeline, count) => times(timeline, count, 500, () => arp.announce(timeline, OTHER)),
    source: OTHER,
    message: /60 ARP claims/,
    holds: OTHER.mac,
    // A virtual router takes over thirty addresses and announces each one; a host renews its announcement every minute.
    innocent: (timeline) => {
      for (const address of hosts(30)) arp.announce(timeline, { ...address, mac: OTHER.mac });
      times(timeline, 30, 60_000, () => arp.announce(timeline, OTHER));
    },
  },
  {
    type: 'excessive-login-attempts',
    by: 'FTP',
    count: 20,
    write: (timeline, count) => times(timeline, count, 2900, () => ftpLogin(timeline)),
    source: MASTER,
    destination: SLAVE,
    message: /tried 20 times to sign in to .* by FTP within 60 seconds/,
    // The last user is quoted, and named before the password.
    holds: [text('PASS secret'), text('USER ')],
  },
  {
    type: 'excessive-login-attempts',
    by: 'HTTP',
    count: 20,
    write: (timeline, count) => basicLogins(timeline, count, 401),
    source: MASTER,
    destination: SLAVE,
    message: /20 times .* by HTTP/,
    // A browser that sends its accepted password with each request signs in once.
    innocent: (timeline) => basicLogins(timeline, 200, 200),
  },
  {
    type: 'password-guessing-attempt-detected',
    count: 100,
    write: (timeline, count) => times(timeline, count, 500, () => ftpLogin(timeline)),
    source: MASTER,
    destination: SLAVE,
    message: /tried 100 times to sign in/,
    holds: [text('PASS secret'), text('USER ')],
  },
  {
    type: 'password-guessing-attempt-detected',
    by: 'different passwords',
    count: 20,
    write: (timeline, count) => times(timeline, count, 20_000, (turn) => ftpLogin(timeline, false, `guess-${turn}`)),
    source: MASTER,
    destination: SLAVE,
    message: /refused .* 20 different passwords of eng by FTP within 10 minutes/,
    holds: [text('530 Login incorrect'), text('USER ')],
    // A program whose stored password is out of date.
    innocent: (timeline) => times(timeline, 90, 6000, () => ftpLogin(timeline)),
  },
  {
    type: 'password-guessing-attempt-detected',
    by: 'different passwords of HTTP',
    count: 20,
    write: (timeline, count) => basicLogins(timeline, count, 401, 20_000, (turn) => `guess-${turn}`),
    source: MASTER,
    destination: SLAVE,
    message: /20 different passwords of eng by HTTP/,
    holds: null,
    innocent: (timeline) => basicLogins(timeline, 90, 401, 6000),
  },
  {
    type: 'password-guessing-attempt-detected',
    by: 'different passwords of Telnet',
    count: 20,
    write: (timeline, count) => telnetLogins(timeline, count, (turn) => `guess-${turn}`),
    source: MASTER,
    destination: SLAVE,
    message: /20 different passwords of root by Telnet/,
    holds: text('Login incorrect'),
    innocent: (timeline) => telnetLogins(timeline, 29, () => 'forgotten'),
  },
  {
    type: 'password-guessing-attempt-detected',
    by: 'different users',
    count: 20,
    write: (timeline, count) => times(timeline, count, 20_000, (turn) => ftpLogin(timeline, false, 'Summer2026', `user-${turn}`)),
    source: MASTER,
    destination: SLAVE,
    message: /refused .* 20 different users by FTP/,
    holds: [text('530 Login incorrect'), text('USER ')],
    // A gateway through which forty people sign in.
    innocent: (timeline) => times(timeline, 40, 5000, (turn) => ftpLogin(timeline, true, 'right', `user-${turn}`)),
  },
  {
    type: 'suspicion-of-denial-of-service-attack',
    by: 'DHCP requests of one client',
    count: 30,
    write: (timeline, count) => times(timeline, count, 250, () => dhcp.renew(timeline, OTHER, SLAVE)),
    source: OTHER,
    message: /30 DHCP requests of .* reached DHCP servers within 10 seconds/,
    holds: OTHER.mac,
    // A client that nobody answers repeats its request as the standard says, and a little faster.
    innocent: (timeline) => times(timeline, 40, 1000, () => dhcp.lease(timeline, OTHER, SLAVE, { outcome: 'silence' })),
  },
  {
    type: 'suspicion-of-denial-of-service-attack',
    by: 'DHCP requests of invented clients',
    count: 30,
    write: (timeline, count) => times(timeline, count, 100, (turn) => dhcp.lease(timeline, stranger(turn, '02:a5'), SLAVE)),
    source: null,
    message: /30 hardware addresses that belong to no vendor/,
    holds: null,
    // The power returns, and two hundred devices ask at once.
    innocent: (timeline) => times(timeline, 200, 20, (turn) => dhcp.lease(timeline, stranger(turn, '00:80'), SLAVE)),
  },
  {
    type: 'icmp-flooding',
    count: 60,
    write: (timeline, count) => times(timeline, count, 1000, (turn) => icmp.echo(timeline, MASTER, SLAVE, turn)),
    source: MASTER,
    destination: SLAVE,
    message: /sent 60 ICMP packets to .* within 60 seconds/,
    // Pings of forty devices, each once a second for ten seconds.
    innocent: (timeline) => times(timeline, 10, 1000, (turn) => hosts(40).forEach((target) => icmp.echo(timeline, MASTER, target, turn))),
  },
  {
    type: 'unexpected-message-length',
    by: 'FTP',
    count: 32_768,
    write: (timeline, count) => {
      const connection = new Connection(timeline, MASTER, SLAVE, 21);
      connection.response(text('220 FTP server ready\r\n')).request(text(`USER ${'a'.repeat(count - 5)}\r\n`));
    },
    source: MASTER,
    destination: SLAVE,
    message: /command line of 32768 bytes/,
  },
  {
    type: 'unexpected-message-length',
    by: 'HTTP',
    count: 32_768,
    write: (timeline, count) => void http.session(timeline, MASTER, SLAVE).exchange({ path: `/${'a'.repeat(count - 1)}` }),
    source: MASTER,
    message: /of 32768 bytes/,
  },
];

describe('anomalies', () => {
  for (const row of ROWS) it(`${row.type} rises at ${row.count} and not below${row.by ? ` (${row.by})` : ''}`, () => check(row));

  const illegal: readonly [string, string][] = [
    ['a control byte', 'X-A: a\x01b'],
    ['a bare CR', 'X-A: a\rb'],
    ['length and encoding', 'Content-Length: 0\r\nTransfer-Encoding: chunked'],
    ['two lengths', 'Content-Length: 0\r\nContent-Length: 7'],
    ['a field name that is no token', 'X A: 1'],
  ];
  for (const [what, header] of illegal)
    it(`reports an HTTP header with ${what}`, () => {
      const result = raised((timeline) => head(timeline, header));
      const [detection] = ofType(result, 'illegal-http-header-content');
      assert.ok(detection, 'raised');
      assert.equal(detection.source?.ip, MASTER.ip);
      assert.equal(detection.destination?.ip, SLAVE.ip);
      assert.ok(Buffer.from(result.frames[detection.frames[0] - 1]).includes('Host: plc'));
    });

  it('takes an ordinary HTTP header as it is', () => {
    const result = raised((timeline) => head(timeline, 'Accept: */*\r\nCookie: a=b; c="d"\r\nX-Empty:'));
    assert.deepEqual(ofType(result, 'illegal-http-header-content'), []);
  });

  it('reports the protocol that stands where another is the standard', () => {
    const result = raised((timeline) => {
      const connection = new Connection(timeline, MASTER, SLAVE, 502);
      connection.response(text('SSH-2.0-dropbear_2020.81\r\n')).request(text('SSH-2.0-OpenSSH_9.6\r\n'));
    });
    const [detection] = ofType(result, 'unexpected-traffic-for-standard-port');
    assert.ok(detection);
    assert.match(detection.message, /Port 502 of .* carries SSH, where Modbus/);
    assert.equal(detection.source?.ip, MASTER.ip);
    assert.equal(detection.destination?.ip, SLAVE.ip);
    assert.ok(Buffer.from(result.frames[detection.frames[0] - 1]).includes('SSH-2.0'));
  });

  it('tells a foreign protocol once for a server, whoever its clients are', () => {
    const result = raised((timeline) => {
      for (const client of hosts(20)) http.session(timeline, client, SLAVE, { port: 443 }).get('/').close();
    });
    assert.equal(ofType(result, 'unexpected-traffic-for-standard-port').length, 1);
  });

  it('lets any protocol use a port that is nobody’s standard', () => {
    const result = raised((timeline) => void modbus.session(timeline, MASTER, SLAVE, { port: 5020 }).readHoldingRegisters(0, 4));
    assert.deepEqual(ofType(result, 'unexpected-traffic-for-standard-port'), []);
  });

  it('learns larger headers on request', () => {
    const long = (timeline: Timeline): void => void http.session(timeline, MASTER, SLAVE).exchange(withHeader(9000));
    const first = raised(long, { learned: (timeline) => void http.session(timeline, MASTER, SLAVE).exchange({}) });
    const [detection] = ofType(first, 'abnormal-http-header-length');
    assert.equal(detection.learn.length, 1);
    assert.ok(first.sensor.learn(detection.learn[0]));
    assert.ok(first.sensor.baseline.entries().some((entry) => entry.aspect === 'http.header-length'));
  });

  it('does not call the victim of a ping flood its author', () => {
    const result = raised((timeline) => times(timeline, 200, 200, (turn) => icmp.echo(timeline, MASTER, SLAVE, turn)));
    assert.deepEqual(
      ofType(result, 'icmp-flooding').map((one) => one.source?.ip),
      [MASTER.ip, MASTER.ip, MASTER.ip],
    );
  });

  it('calls a new network card no thief of its address', () => {
    const renewed = host('plc', SLAVE.ip, '02:00:00:00:00:99');
    const result = raised((timeline) => {
      arp.resolve(timeline, MASTER, SLAVE);
      timeline.wait(120_000);
      hosts(100).forEach((client) => arp.resolve(timeline.wait(200), client, renewed));
    });
    assert.deepEqual(ofType(result, 'arp-spoofing'), []);
  });
});
