/** What a TLS handshake shows in clear: the fingerprint of the client, the certificate of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { tls } from './dissector.ts';

const size = (digits: string, octets: number): string =>
  (digits.replace(/[^0-9a-f]/g, '').length / 2).toString(16).padStart(octets * 2, '0');
const part = (octets: number, ...digits: string[]): string => size(digits.join(''), octets) + digits.join('');
const record = (body: string): string => `16 0301 ${part(2, body)}`;
const message = (type: string, body: string): string => type + part(3, body);
const name = (text: string): string => Buffer.from(text).toString('hex');

/** The example of the JA4 specification: a browser with GREASE in its ciphers, extensions and versions. */
const CIPHERS = '4a4a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035';
const EXTENSIONS: readonly (readonly [string, string])[] = [
  ['1a1a', ''],
  ['001b', '020002'],
  ['0000', part(2, '00', part(2, name('plc7.works.example')))],
  ['0033', '0001'],
  ['0010', part(2, part(1, name('h2')), part(1, name('http/1.1')))],
  ['4469', '0003'],
  ['0017', ''],
  ['002d', '0101'],
  ['000d', part(2, '0403 0804 0401 0503 0805 0501 0806 0601')],
  ['0005', '01'],
  ['0023', ''],
  ['0012', ''],
  ['002b', part(1, '2a2a 0304 0303')],
  ['ff01', '00'],
  ['000b', '0100'],
  ['000a', '0002'],
  ['0015', '00'],
];
const hello = (extensions: readonly (readonly [string, string])[], ciphers = CIPHERS): string =>
  message(
    '01',
    `0303 ${'00'.repeat(32)} ${part(1, 'aa'.repeat(32))} ${part(2, ciphers)} 0100 ${part(2, extensions.map(([type, body]) => type + part(2, body)).join(''))}`,
  );

const fingerprints = (pieces: readonly Piece[]): string[] =>
  talk(tls, pieces)
    .of('fingerprint')
    .map(({ kind, value, about }) => `${kind} ${value} ${about}`);

const EXPECTED = 'ja4 t13d1516h2_8daaf6152771_e5627efa2ab1 plc7.works.example';

test('a client hello has the fingerprint that its specification gives, in whatever order the extensions come', () => {
  assert.deepEqual(fingerprints([request(record(hello(EXTENSIONS)))]), [EXPECTED]);
  assert.deepEqual(fingerprints([request(record(hello(EXTENSIONS.toReversed())))]), [EXPECTED]);
});

test('a hello over two records is put together', () => {
  const digits = hello(EXTENSIONS).replaceAll(' ', '');
  const halves = record(digits.slice(0, 200)) + record(digits.slice(200));
  assert.deepEqual(fingerprints([request(halves)]), [EXPECTED]);
});

test('a hello without extensions names no server, and says so in its fingerprint', () => {
  assert.deepEqual(fingerprints([request(record(hello([], '002f')))]), ['ja4 t12i010000_ba72b8082249_000000000000 ']);
});

test('a hello whose lengths do not nest is a violation', () => {
  const recorder = talk(tls, [request(record(message('01', `0303 ${'00'.repeat(32)} ff ${'00'.repeat(20)}`)))]);
  assert.deepEqual(recorder.violations(), ['tls.hello']);
  assert.deepEqual(recorder.of('fingerprint'), []);
});

/** Made by `openssl req -x509 -newkey ed25519 -subj "/O=Works/CN=plc7.works.example"` with both kinds of names. */
const CERTIFICATE =
  '3082019430820146a00302010202143231a6f9b6cfe7e160ce09a6813d22e6f8b794a1300506032b6570302d310e300c060355040a0c05576f726b73311b3019' +
  '06035504030c12706c63372e776f726b732e6578616d706c65301e170d3236313132363133333131315a170d3336313132333133333131315a302d310e300c06' +
  '0355040a0c05576f726b73311b301906035504030c12706c63372e776f726b732e6578616d706c65302a300506032b6570032100870c1b01062603e33848958a' +
  'e622839891f4374c4b98c39e8616d6efb0a37cb7a3783076301d0603551d0e04160414f71cca486ee45122da2f94b465adeb55d2244105301f0603551d230418' +
  '30168014f71cca486ee45122da2f94b465adeb55d2244105300f0603551d130101ff040530030101ff30230603551d11041c301a8212706c63372e776f726b73' +
  '2e6578616d706c6587040a000007300506032b65700341005c2c98ff03c9bc1f67c3af65cfabb9bf446aa344a296d9db140a1704f9f54303ea0ef439cbdc4261' +
  'cbac41b4b80ea7eecd231750b7400a8189a91819f891a50e';

test('a certificate is told with whom it names, who signed it and how long it holds', () => {
  const shown = talk(tls, [response(record(message('0b', part(3, part(3, CERTIFICATE)))))]).of('certificate');
  assert.deepEqual(
    shown.map(({ subject, issuer, notBefore, notAfter, names }) => ({ subject, issuer, notBefore, notAfter, names })),
    [
      {
        subject: 'CN=plc7.works.example, O=Works',
        issuer: 'CN=plc7.works.example, O=Works',
        notBefore: Date.parse('2026-11-26T13:31:11Z') / 1000,
        notAfter: Date.parse('2036-11-23T13:31:11Z') / 1000,
        names: ['plc7.works.example', '10.0.0.7'],
      },
    ],
  );
});

test('an empty list is no certificate, bytes that are none are a violation', () => {
  assert.deepEqual(talk(tls, [response(record(message('0b', '000000')))]).violations(), []);
  const broken = CERTIFICATE.replace('3082019430820146', '3082019431820146');
  assert.deepEqual(talk(tls, [response(record(message('0b', part(3, part(3, broken)))))]).violations(), ['tls.certificate']);
});

test('damaged handshakes never throw', () => {
  const bytes = hex(record(hello(EXTENSIONS)) + record(message('0b', part(3, part(3, CERTIFICATE)))));
  for (let at = 5; at < bytes.length; at += 3) {
    const damaged = bytes.slice();
    damaged[at] ^= 0xff;
    talk(tls, [{ toServer: true, bytes: damaged }]);
  }
});
