import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import type { Recorder } from '../testing/recorder.ts';
import { type Piece, talk } from '../testing/replay.ts';
import { http } from './dissector.ts';

const client = (text: string): Piece => ({ toServer: true, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const server = (text: string): Piece => ({ toServer: false, bytes: Uint8Array.from(Buffer.from(text, 'latin1')) });
const GET = 'GET /a/b?c HTTP/1.1\r\nHost: Plc1\r\nUser-Agent: curl/8.5 (x)\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const bytewise = (piece: Piece): Piece[] => [...piece.bytes].map((byte) => ({ toServer: piece.toServer, bytes: Uint8Array.of(byte) }));
const statuses = (recorder: Recorder): number[] =>
  recorder
    .of('http')
    .filter(({ step }) => step === 'response')
    .map(({ status }) => status);

test('a request and its response are read, whole and byte by byte', () => {
  for (const pieces of [
    [client(GET), server(OK)],
    [...bytewise(client(GET)), ...bytewise(server(OK))],
  ]) {
    const recorder = talk(http, pieces);
    assert.deepEqual(recorder.talk(), ['http 1 request', 'http 1 response']);
    const [request, response] = recorder.of('http');
    assert.deepEqual(
      [request.method, request.host, request.path, request.userAgent, request.headerCount],
      ['GET', 'Plc1', '/a/b?c', 'curl/8.5 (x)', 2],
    );
    assert.equal(response.status, 200);
    const used = recorder.uses.map(({ aspect, a }) => (aspect === Aspect.HttpCommunication ? a : recorder.texts[a]));
    assert.deepEqual(used, [80, 'GET plc1/a', 'curl/8.5']);
    assert.deepEqual(recorder.violations(), []);
  }
});

/** Answers on one connection, and the statuses that must be read from them. */
const bodies: readonly [string, string, string, readonly number[]][] = [
  ['pipelined requests are answered in order', GET + GET, OK + OK, [200, 200]],
  [
    'the answer to HEAD has no body whatever its length says',
    `HEAD / HTTP/1.1\r\n\r\n${GET}`,
    `HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n${OK}`,
    [200, 200],
  ],
  [
    '204 and 304 have no body',
    GET + GET + GET,
    `HTTP/1.1 204 N\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\n${OK}`,
    [204, 304, 200],
  ],
  [
    'chunks and trailers are passed over',
    GET + GET,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4;x=y\r\nHTTP\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n${OK}`,
    [200, 200],
  ],
  ['100 Continue precedes the answer', GET + GET, `HTTP/1.1 100 Continue\r\n\r\n${OK}${OK}`, [100, 200, 200]],
  ['a body without a length lasts to the end', GET, `HTTP/1.0 200 OK\r\n\r\n${OK}`, [200]],
  ['after CONNECT the rest is not read', 'CONNECT a:443 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n', `HTTP/1.1 200 Go\r\n\r\n${OK}`, [200]],
  ['after an upgrade the rest is not read', GET, `HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n${OK}`, [101]],
];
for (const [name, asked, answered, expected] of bodies) {
  test(name, () => {
    for (const pieces of [
      [client(asked), server(answered)],
      [client(asked), ...bytewise(server(answered))],
    ]) {
      const recorder = talk(http, pieces);
      assert.deepEqual(statuses(recorder), expected);
      assert.deepEqual(recorder.skipped, {});
      assert.deepEqual(recorder.violations(), []);
    }
  });
}

test('the body of a request is passed over in pieces', () => {
  const recorder = talk(http, [client('POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n01'), client('23456'), client(`789${GET}`)]);
  assert.deepEqual(recorder.talk(), ['http 3 request', 'http 1 request']);
});

const violations: readonly [string, string, readonly string[]][] = [
  ['a control byte in a value', 'A: b\x01c\r\n', ['http.control-byte']],
  ['a bare CR', 'A: b\rc\r\n', ['http.bare-cr']],
  ['a bare LF', 'A: b\nC: d\r\n', ['http.bare-lf']],
  ['a field name with a space', 'Bad name: b\r\n', ['http.field-name']],
  ['a line without a colon', 'nothing\r\n', ['http.field-name']],
  ['Content-Length beside Transfer-Encoding', 'Content-Length: 0\r\nTransfer-Encoding: chunked\r\n', ['http.length-and-encoding']],
  ['two lengths that differ', 'Content-Length: 0\r\nContent-Length: 0, 1\r\n', ['http.conflicting-length']],
  ['two lengths that agree', 'Content-Length: 0\r\nContent-Length: 0\r\n', []],
  ['a length that is no number', 'Content-Length: -1\r\n', ['http.invalid-length']],
  ['a folded line', 'A: b\r\n\tc\r\n', []],
  ['bytes beyond ASCII', 'A: \xfc\r\n', []],
];
for (const [name, lines, expected] of violations) {
  test(`header content: ${name}`, () => {
    assert.deepEqual(talk(http, [client(`GET / HTTP/1.1\r\n${lines}\r\n`)]).violations(), expected);
  });
}

test('a refused password is an attempt and a failure, an accepted one is told once', () => {
  const asked = 'GET / HTTP/1.1\r\nAuthorization: Basic YWRtaW46c2VjcmV0\r\n\r\n';
  const no = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n';
  const recorder = talk(http, [client(GET), server(no), client(asked), server(no), client(asked), server(OK), client(asked), server(OK)]);
  assert.deepEqual(
    recorder.of('login').map(({ outcome, user }) => `${outcome} ${user}`),
    ['attempt admin', 'failure admin', 'success admin'],
  );
  assert.ok(!JSON.stringify(recorder.facts).includes('secret'));
});

test('a program in a body is told under the name it was asked for', () => {
  const answers = [
    'Content-Length: 8\r\n\r\nMZ\x90\0....',
    'Transfer-Encoding: chunked\r\n\r\n8\r\n\x7fELF....\r\n0\r\n\r\n',
    'Content-Length: 4\r\n\r\nMZab',
  ];
  const recorder = talk(http, [client(GET + GET + GET), ...answers.map((answer) => server(`HTTP/1.1 200 OK\r\n${answer}`))]);
  assert.deepEqual(
    recorder.of('transfer').map(({ name, direction, content }) => [name, direction, content]),
    [
      ['/a/b?c', 'read', 'PE'],
      ['/a/b?c', 'read', 'ELF'],
    ],
  );
});

test('SOAP actions come from the header and from the content type', () => {
  const old = talk(http, [client('POST /s HTTP/1.1\r\nSOAPAction: "urn:Reboot"\r\nContent-Length: 0\r\n\r\n')]);
  const later = talk(http, [
    client('POST /s HTTP/1.1\r\nContent-Type: application/soap+xml; charset=x; action="urn:Reboot"\r\nContent-Length: 0\r\n\r\n'),
  ]);
  for (const recorder of [old, later]) assert.equal(recorder.of('http')[0].soapAction, 'urn:Reboot');
});

test('long elements are told, and a header without an end is given up', () => {
  const long = talk(http, [client(`GET /${'a'.repeat(9000)} HTTP/1.1\r\nX: ${'b'.repeat(33_000)}\r\n\r\n`)]);
  assert.deepEqual(
    long.of('length').map(({ element, bytes }) => [element, bytes]),
    [
      ['header line', 33_003],
      ['request target', 9001],
    ],
  );
  const endless = talk(http, [client('GET / HTTP/1.1\r\n'), ...Array.from({ length: 200 }, () => client(`X: ${'b'.repeat(997)}\r\n`))]);
  assert.deepEqual(endless.violations(), ['http.header-too-long']);
});

const identified: readonly [string, Confidence][] = [
  [GET, Confidence.Certain],
  [OK, Confidence.Certain],
  [`GET /${'a'.repeat(200)}`, Confidence.Certain],
  ['CCM_POST /x HTTP/1.1\r\n', Confidence.Certain],
  ['GE', Confidence.More],
  ['INVITE sip:a@b SIP/2.0\r\n', Confidence.Possible],
  ['OPTIONS rtsp://a/b RTSP/1.0\r\n', Confidence.Possible],
  ['SSH-2.0-OpenSSH\r\n', Confidence.No],
  ['USER anonymous\r\n', Confidence.Possible],
  ['220 ready\r\n', Confidence.No],
  ['\x16\x03\x01\x00\x31', Confidence.No],
];
test('content alone tells HTTP', () => {
  for (const [text, expected] of identified) {
    const bytes = Buffer.from(text, 'latin1');
    assert.equal(http.identify?.(bytes, 0, bytes.length, true), expected, text.slice(0, 30));
  }
});
