import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pcapngFile } from '@annunciator/packet/evidence/pcapng-file';
import { readEvidence } from '@annunciator/packet/evidence/read-evidence';
import * as arp from '@annunciator/testkit/arp';
import { host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { Connection } from '@annunciator/testkit/tcp';
import { Timeline } from '@annunciator/testkit/timeline';
import { readPacket } from './read-packet.ts';

const HMI = host('HMI', '10.1.1.10');
const PLC = host('PLC', '10.1.1.20');

/** Frames of some traffic, as an evidence file keeps them. */
function framesOf(write: (timeline: Timeline) => void) {
  const timeline = new Timeline();
  write(timeline);
  const stored = timeline.packets.map(({ seconds, nanoseconds, frame }) => ({
    seconds,
    nanoseconds,
    wireLength: frame.length,
    linkType: 1,
    bytes: frame,
    comment: '',
  }));
  const file = pcapngFile(
    stored.map((frame, at) => (at === stored.length - 1 ? { ...frame, comment: 'the last' } : frame)),
    'for a test',
  );
  const read = readEvidence(file);
  assert.deepEqual(
    read.map(({ bytes, ...rest }) => ({ ...rest, bytes: [...bytes] })),
    stored.map(({ bytes, ...rest }, at) => ({ ...rest, comment: at === stored.length - 1 ? 'the last' : '', bytes: [...bytes] })),
  );
  return { read, file };
}

const fieldsOf = (fields: readonly { field: string; value: string }[]) =>
  Object.fromEntries(fields.map(({ field, value }) => [field, value]));

test('a Modbus request is told with its headers, its operation and its fields', () => {
  const { read } = framesOf((timeline) => {
    new Connection(timeline, HMI, PLC, 502).request(modbus.adu(7, 1, modbus.writeRegistersRequest(4000, [1, 2, 3])));
  });
  const reading = readPacket(
    read,
    read.findIndex(({ bytes }) => bytes.length > 60),
  );
  assert.ok(reading);
  assert.deepEqual(
    reading.layers.map((layer) => layer.name),
    ['Ethernet', 'IPv4', 'TCP'],
  );
  const headers = fieldsOf(reading.layers.flatMap((layer) => layer.fields));
  assert.deepEqual(
    [headers['ip.src'], headers['ip.dst'], headers['tcp.dstport'], headers['tcp.flags']],
    ['10.1.1.10', '10.1.1.20', '502', 'ACK, PSH'],
  );
  const [message] = reading.messages;
  assert.deepEqual([message?.protocol, message?.operation, message?.role], ['Modbus/TCP', 'Write Multiple Registers', 'request']);
  assert.equal(fieldsOf(message?.fields ?? [])['modbus.func_code'], '16');
});

test('a message that began in an earlier packet is read where it ends', () => {
  const { read } = framesOf((timeline) => {
    new Connection(timeline, HMI, PLC, 502)
      .request(modbus.adu(7, 1, modbus.readRequest(3, 0, 2)))
      .request(modbus.adu(8, 1, modbus.readRequest(3, 8, 2)), { split: [5] });
  });
  const last = read.length - 1;
  const withData = read.flatMap(({ bytes }, at) => (bytes.length > 54 && at > 2 ? [at] : []));
  const [begun, ended] = withData.slice(-2);
  assert.ok(begun !== undefined && ended !== undefined && ended <= last);
  assert.deepEqual(readPacket(read, begun)?.messages, []);
  assert.equal(readPacket(read, ended)?.messages[0]?.operation, 'Read Holding Registers');
});

test('a packet without IP is told by its link layer and its own dissector', () => {
  const { read } = framesOf((timeline) => arp.resolve(timeline, HMI, PLC));
  const reading = readPacket(read, 0);
  assert.deepEqual(
    reading?.layers.map((layer) => layer.name),
    ['Ethernet'],
  );
  assert.equal(reading?.messages[0]?.protocol, 'ARP');
});

test('hostile bytes are told as far as they can be read, and never throw', () => {
  const { read } = framesOf((timeline) => {
    new Connection(timeline, HMI, PLC, 502).request(modbus.adu(7, 1, modbus.readRequest(3, 0, 2)));
  });
  const data = read.findIndex(({ bytes }) => bytes.length > 60);
  const whole = read[data];
  assert.ok(whole);
  for (let length = 0; length <= whole.bytes.length; length++) {
    const cut = read.with(data, { ...whole, bytes: whole.bytes.subarray(0, length) });
    assert.ok(readPacket(cut, data));
  }
  let seed = 7;
  for (let round = 0; round < 500; round++) {
    const bytes = Uint8Array.from(whole.bytes);
    for (let flip = 0; flip < 4; flip++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      bytes[seed % bytes.length] = seed >>> 24;
    }
    assert.ok(readPacket(read.with(data, { ...whole, bytes }), data));
  }
  assert.equal(readPacket(read, 999), undefined);
});

test('a damaged evidence file is read up to the damage', () => {
  const { file, read } = framesOf((timeline) => arp.resolve(timeline, HMI, PLC));
  for (let length = 0; length < file.length; length += 3) assert.ok(readEvidence(file.subarray(0, length)).length <= read.length);
});

test('addresses and ports stand where the headers say, as tshark finds them', {
  skip: spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark is not installed',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-reading-'));
  try {
    const { read, file } = framesOf((timeline) => {
      new Connection(timeline, HMI, PLC, 502).request(modbus.adu(7, 1, modbus.readRequest(3, 0, 2)));
    });
    const path = join(folder, 'one.pcapng');
    writeFileSync(path, file);
    const fields = ['eth.src', 'ip.src', 'ip.dst', 'ip.id', 'ip.ttl', 'tcp.srcport', 'tcp.seq_raw', 'tcp.window_size_value'];
    const asked = fields.flatMap((field) => ['-e', field]);
    const { stdout } = spawnSync('tshark', ['-n', '-r', path, '-T', 'fields', ...asked], { encoding: 'utf8' });
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    assert.equal(rows.length, read.length);
    for (const [at, row] of rows.entries()) {
      const own = fieldsOf(readPacket(read, at)?.layers.flatMap((layer) => layer.fields) ?? []);
      assert.deepEqual(
        fields.map((field) => own[field]),
        row,
        `packet ${at}`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
