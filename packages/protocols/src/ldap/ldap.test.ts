import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { ldap } from './dissector.ts';
import { operationName } from './names.ts';

const element = (tag: string, ...contents: string[]): string => {
  const digits = contents.join('').replaceAll(' ', '');
  const size = digits.length / 2;
  return tag + (size < 128 ? size.toString(16).padStart(2, '0') : `82${size.toString(16).padStart(4, '0')}`) + digits;
};
const octets = (text: string, tag = '04'): string => element(tag, Buffer.from(text).toString('hex'));
const message = (id: number, ...operation: string[]): string => element('30', `0201${id.toString(16).padStart(2, '0')}`, ...operation);
const bind = (name: string, password: string): string => message(1, element('60', '020103', octets(name), octets(password, '80')));
const answer = (tag: string, code: number): string =>
  message(1, element(tag, `0a01${code.toString(16).padStart(2, '0')}`, octets(''), octets('')));
const SEARCH = message(
  2,
  element('63', octets('dc=works'), '0a0102', '0a0100', '020100', '020100', '010100', octets('objectclass', '87'), '3000'),
);
const ADMIN = 'cn=admin,dc=works';
const bytewise = (piece: Piece): Piece[] => [...piece.bytes].map((byte) => ({ toServer: piece.toServer, bytes: Uint8Array.of(byte) }));

test('a session is read in whole and byte by byte', () => {
  const entry = message(2, element('64', octets('cn=plc7,dc=works'), element('30', octets('x'.repeat(6000)))));
  const pieces = [
    request(bind(ADMIN, 'secret')),
    response(answer('61', 0)),
    request(SEARCH),
    response(entry + answer('65', 0)),
    request(message(3, '4200')),
  ];
  for (const talked of [pieces, pieces.flatMap(bytewise)]) {
    const recorder = talk(ldap, talked);
    assert.deepEqual(recorder.fields, { 'ldap.protocolOp': { 0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 5: 1 } });
    assert.deepEqual(
      recorder.messages.map(({ code }) => operationName(code)),
      ['Bind Request', 'Bind Response', 'Search Request', 'Search Result Entry', 'Search Result Done', 'Unbind Request'],
    );
    assert.deepEqual(
      recorder.of('login').map(({ outcome, user }) => `${outcome} ${user}`),
      [`attempt ${ADMIN}`, `success ${ADMIN}`],
    );
    assert.deepEqual(recorder.violations(), []);
  }
});

test('a refused sign-in fails, and passwords can be told apart without being kept', () => {
  const tries = ['one', 'two', 'two'].flatMap((password) => [request(bind(ADMIN, password)), response(answer('61', 49))]);
  const recorder = talk(ldap, tries);
  const logins = recorder.of('login');
  assert.equal(logins.filter(({ outcome, user }) => outcome === 'failure' && user === ADMIN).length, 3);
  assert.equal(new Set(logins.flatMap(({ passwordHash }) => passwordHash ?? [])).size, 2);
  assert.equal(JSON.stringify(recorder.told).includes('two'), false);
  assert.deepEqual(
    recorder
      .of('failure')
      .map(({ text }) => text)
      .slice(0, 1),
    ['invalid credentials'],
  );
});

test('who binds without a name signs in as nobody, and a bind that goes on has not failed', () => {
  assert.deepEqual(talk(ldap, [request(bind('', '')), response(answer('61', 0))]).of('login'), []);
  const sasl = message(1, element('60', '020103', octets(''), element('a3', octets('GSS-SPNEGO'), octets('x'))));
  const recorder = talk(ldap, [request(sasl), response(answer('61', 14)), request(sasl), response(answer('61', 0))]);
  assert.deepEqual(
    recorder.of('login').map(({ outcome }) => outcome),
    ['attempt', 'attempt', 'success'],
  );
  assert.deepEqual(recorder.of('failure'), []);
});

test('what a security layer seals is passed over, what goes over to TLS is TLS', () => {
  const sealed = `00000005 0102030405`;
  assert.equal(talk(ldap, [request(`${SEARCH} ${sealed} ${SEARCH}`)]).messages.length, 2);
  const hello = `16 0301 002a 01 000026 0303 ${'00'.repeat(36)}`;
  assert.deepEqual(talk(ldap, [request(SEARCH), request(hello)]).talk(), ['ldap 3 request', 'tls 22 request']);
});

test('a locator query comes in a datagram', () => {
  assert.deepEqual(talk(ldap, [request(SEARCH)], { datagrams: true }).talk(), ['ldap 3 request']);
  assert.deepEqual(talk(ldap, [request(SEARCH.slice(0, -4))], { datagrams: true }).violations(), ['ldap.message']);
});

test('an operation that runs past its message is a violation', () => {
  assert.deepEqual(talk(ldap, [request(message(1, '63 20 0401'))]).violations(), ['ldap.message']);
});

test('a bind is certain, other operations are possible, SNMP and others are not', () => {
  const judged: readonly [string, Confidence][] = [
    [bind(ADMIN, 'x'), Confidence.Certain],
    [SEARCH, Confidence.Possible],
    ['30 29 02 01 00 04 06 70 75 62 6c 69 63', Confidence.No],
    ['30 05', Confidence.More],
    ['60 16 02 01 01', Confidence.No],
  ];
  for (const [digits, expected] of judged) assert.equal(ldap.identify?.(hex(digits), 0, hex(digits).length, true), expected, digits);
});
