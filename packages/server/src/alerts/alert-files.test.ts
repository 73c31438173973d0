/** What is handed out of one alert: its report as PDF, the packet that fired it, its packets; hostile texts in all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Detection } from '@annunciator/core/alert';
import { fromMilliseconds } from '@annunciator/core/time';
import { asRole, type Call, caller, NOW, rows, serve, signedIn } from '../../tests/callers.ts';
import { keepPackets } from '../../tests/sample-packets.ts';
import { PLACES, sampleDetection } from '../../tests/sample-detections.ts';
import type { SampleServer } from '../../tests/serve-samples.ts';
import type { AlertDetails } from './alert-view.ts';

const [HOME] = PLACES;
const HOSTILE = `"><script>alert(1)</script>'); DROP TABLE alerts; -- \u0000\u001b[2J\u202e(x) Tj /URI =cmd|' /C calc'!A0 \ud83d\ude00`;

async function pdfOf(server: SampleServer, cookie: Record<string, string>, id: string): Promise<Buffer> {
  const answer = await server.app.inject({ method: 'GET', url: `/api/alerts/${id}/report.pdf`, headers: cookie });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-type'], 'application/pdf');
  assert.match(String(answer.headers['content-disposition']), /^attachment; filename="alert-[\w.-]+\.pdf"$/);
  return answer.rawPayload;
}

/** The texts of a PDF: its compressed streams, the strings that they show. */
function textOf(pdf: Buffer): string {
  let text = '';
  for (let at = pdf.indexOf('stream\n'); at >= 0; at = pdf.indexOf('stream\n', at + 1)) {
    if (pdf.subarray(at - 3, at).toString('latin1') === 'end') continue;
    const end = pdf.indexOf('\nendstream', at);
    const body = pdf.subarray(at + 7, end);
    // Streams that are no text, such as fonts, have no strings to show.
    const content = body[0] === 0x78 ? inflateSync(body).toString('latin1') : body.toString('latin1');
    for (const [, strings = ''] of content.matchAll(/\[([^\]]*)\] TJ/g))
      text += `${[...strings.matchAll(/<([0-9a-f]*)>/g)].map(([, hex = '']) => Buffer.from(hex, 'hex').toString('latin1')).join('')}\n`;
  }
  return text;
}

async function token(call: Call): Promise<Record<string, string>> {
  const { body } = await call<{ token: string }>('POST', '/api/tokens', { name: 'files', role: 'Security Admin' });
  return { authorization: `Bearer ${body.token}` };
}

test('the report of an alert says what the page says', async (t) => {
  const server = await serve(t, { alerts: 12 });
  const call = await signedIn(server);
  const headers = await token(call);
  const [row] = await rows(call, 'filter=type:equals:unpermitted-usage-of-modbus-function-code');
  const id = row?.id ?? '';
  await call('PATCH', `/api/alerts/${id}`, { status: 'Active' });
  await call('POST', `/api/alerts/${id}/comments`, { text: 'Pump 6 is under maintenance.' });
  const alert = (await call<AlertDetails>('GET', `/api/alerts/${id}`)).body;
  const pdf = await pdfOf(server, headers, id);
  assert.match(pdf.subarray(0, 8).toString('latin1'), /^%PDF-1\.\d/);
  assert.match(pdf.subarray(-8).toString('latin1'), /%%EOF/);
  const text = textOf(pdf).replaceAll(/\s+/g, ' ');
  const facts = [alert.title, alert.severity, alert.expected, alert.id, alert.source?.name ?? '-', 'PLC-FILTER-3', 'modbus'];
  const steps = ['Write Multiple Registers', alert.remediation[0] ?? '-', 'New to Active', 'Pump 6 is under maintenance.', 'Page 1 of'];
  for (const part of [...facts, 'Violations', ...steps]) assert.ok(text.includes(part.replaceAll(/\s+/g, ' ')), part);
  assert.ok(text.includes('admin'));
  assert.equal((await call('GET', '/api/alerts/no-such-alert/report.pdf')).body.code, 'not_found');
});

test('texts of the network stay texts: in lists, searches, filters and the report', async (t) => {
  const server = await serve(t, { alerts: 12 });
  assert.ok(HOME);
  const [sample] = sampleDetection(2, fromMilliseconds(NOW));
  assert.ok(sample?.source && sample.destination);
  const hostile: Detection = {
    ...sample,
    source: { ...sample.source, device: 'hostile', name: HOSTILE },
    message: HOSTILE,
    expected: HOSTILE,
    seen: HOSTILE.repeat(50),
    parameters: { [HOSTILE.slice(0, 60)]: HOSTILE },
    protocol: HOSTILE.slice(0, 40),
  };
  await server.detect([hostile], { ...HOME, site: `${HOSTILE} site` });
  const call = await signedIn(server);
  const before = (await rows(call, 'limit=1000')).length;
  const found = await rows(call, `filter=${encodeURIComponent(`sourceDevice:equals:${encodeURIComponent(HOSTILE)}`)}`);
  assert.deepEqual(
    found.map(({ message }) => message),
    [HOSTILE],
  );
  for (const search of [HOSTILE, "'", '"', '" OR 1=1 --', 'a" NEAR("b', '*', '\u0000', 'NOT (', '(((((', ':', '-']) {
    const answer = await call<{ alerts: unknown[] }>('GET', `/api/alerts?search=${encodeURIComponent(search)}`);
    assert.equal(answer.status, 200, search);
    assert.ok(answer.body.alerts.length <= before);
  }
  assert.equal((await rows(call, `search=${encodeURIComponent('"DROP TABLE alerts"')}`)).length, 1);
  assert.equal((await rows(call, 'limit=1000')).length, before);

  const pdf = await pdfOf(server, await token(call), found[0]?.id ?? '');
  const raw = pdf.toString('latin1');
  for (const active of ['/JavaScript', '/JS ', '/URI', '/Launch', '/AA ', '/OpenAction', '/EmbeddedFile'])
    assert.ok(!raw.includes(active), active);
  const text = textOf(pdf);
  assert.ok(text.includes('<script>alert(1)</script>') && text.includes('U+1F600') && text.includes('U+202E'));
  assert.ok(!text.includes('\u0000') && !text.includes('\u001b'));
});

interface Packet {
  readonly number: number;
  readonly time: string;
  readonly layers: { name: string; fields: { field: string; value: string; offset: number; length: number }[] }[];
  readonly messages: { protocol: string; operation: string; fields: { field: string; value: string }[] }[];
  readonly payload: number;
  readonly bytes: string;
}

test('the packet that fired an alert is told field by field, and reading it is on record', async (t) => {
  const server = await serve(t, { alerts: 6 });
  const call = await signedIn(server);
  const [with_, without] = await rows(call);
  assert.ok(with_ && without);
  const file = await keepPackets(server.evidence, with_.id);
  const { body: packet, status } = await call<Packet>('GET', `/api/alerts/${with_.id}/packet`);
  assert.equal(status, 200);
  assert.deepEqual(
    packet.layers.map(({ name }) => name),
    ['Ethernet', 'IPv4', 'TCP'],
  );
  const bytes = Buffer.from(packet.bytes, 'hex');
  const destination = packet.layers[1]?.fields.find(({ field }) => field === 'ip.dst');
  assert.ok(destination);
  assert.equal([...bytes.subarray(destination.offset, destination.offset + destination.length)].join('.'), destination.value);
  const [message] = packet.messages;
  assert.deepEqual([message?.protocol, message?.operation], ['Modbus/TCP', 'Write Multiple Registers']);
  assert.equal(bytes[packet.payload + 7], 16, 'the function code stands behind the header of Modbus/TCP');
  assert.deepEqual(
    server.audit.filter(({ action }) => action === 'alert.packet').map(({ on, who }) => [on, who]),
    [[[with_.id], 'admin']],
  );

  const download = await server.app.inject({ method: 'GET', url: `/api/alerts/${with_.id}/pcap`, headers: await token(call) });
  assert.deepEqual([download.statusCode, Buffer.compare(download.rawPayload, file)], [200, 0]);
  assert.equal((await call('GET', `/api/alerts/${without.id}/packet`)).body.code, 'no_packets');
  const reader = await asRole(server, 'Security Reader');
  assert.equal((await reader('GET', `/api/alerts/${with_.id}/packet`)).body.code, 'not_permitted');
  assert.equal((await caller(server)('GET', `/api/alerts/${with_.id}/packet`)).status, 401);
});
