import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTOCOLS } from '../registry.ts';
import { request, talk } from '../testing/replay.ts';
import { recognised } from './recognised.ts';

const syslog = recognised.find(({ protocol }) => protocol === PROTOCOLS.syslog);

test('a line of a log is told with its severity', () => {
  assert.ok(syslog);
  const lines = ['<34>1 2026-06-01T06:00:00Z plc7 app - - - Door opened', '<30>Jun  1 06:00:00 gw1 dhcpd: lease renewed', '<30>'];
  const pieces = lines.map((line) => request(Buffer.from(line, 'latin1').toString('hex')));
  const texts = talk(syslog, pieces, { datagrams: true })
    .of('notice')
    .map(({ text }) => text);
  assert.deepEqual(texts, [
    'critical: 2026-06-01T06:00:00Z plc7 app - - - Door opened',
    'informational: Jun  1 06:00:00 gw1 dhcpd: lease renewed',
    'informational: ',
  ]);
});
