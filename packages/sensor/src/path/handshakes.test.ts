import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { Connection } from '@annunciator/testkit/tcp';
import * as tls from '@annunciator/testkit/tls';
import { HMI, PLC, sense } from '../../tests/sense.ts';
import { Handshakes } from './handshakes.ts';

test('the fingerprint of a TLS client is kept with the connection, once for each server name', () => {
  const { sensor } = sense((timeline) => {
    for (const name of ['plc.works.example', 'plc.works.example', 'erp.works.example'])
      new Connection(timeline, HMI, PLC, tls.PORT).request(tls.clientHello(name, timeline.random)).close();
  });
  const { connections, observer } = sensor;
  const row = Array.from({ length: connections.count }, (_, index) => index).find(
    (index) => connections.protocol(index) === PROTOCOLS.tls.index,
  );
  assert.ok(row);
  const shown = observer.handshakes.of(row)?.fingerprints.map(({ kind, value, about }) => `${kind} ${value.slice(0, 10)} ${about}`);
  assert.deepEqual(shown, ['ja4 t12d020100 plc.works.example', 'ja4 t12d020100 erp.works.example']);
});

test('a client that invents a new name each time is counted and not kept', () => {
  const handshakes = new Handshakes();
  for (let about = 0; about < 1000; about++)
    handshakes.fingerprint(1, { is: 'fingerprint', protocol: PROTOCOLS.tls.index, kind: 'ja4', value: 'x', about: `${about}` });
  for (let connection = 2; connection < 20_000; connection++)
    handshakes.fingerprint(connection, { is: 'fingerprint', protocol: PROTOCOLS.tls.index, kind: 'ja4', value: 'x', about: '' });
  assert.equal(handshakes.of(1)?.fingerprints.length, 8);
  assert.equal(handshakes.refused, 1000 - 8 + 19_998 - (16_384 - 1));
});
