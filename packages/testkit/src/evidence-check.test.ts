import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { checkEvidence, checkFile, type Row, Seen } from './evidence-check.ts';
import { writePlantCapture } from './plant.ts';
import { isContained, quotesOf } from './quotes.ts';
import { withoutTshark } from './tshark.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-check-'));
after(() => rmSync(folder, { recursive: true }));
const CAPTURES = process.env['ANNUNCIATOR_CAPTURES'] ?? resolve(import.meta.dirname, '../../../../shared/captures');
/** Of many protocols, with and without IP, cut off, with holes and with damaged records. */
const SAMPLE = [
  'dnp3-mix-zeek.pcap',
  'goose-sample-iti.pcap',
  'attack-arpsweep-slips.pcap',
  'dhcp-mix-malcolm.pcap',
  'melsec-129tcp-iti.pcap',
];

test('the packets of alerts about a plant are what they should be', { skip: withoutTshark }, async () => {
  const capture = join(folder, 'plant.pcap');
  await writePlantCapture(capture, { learning: 300, seconds: 1200 });
  const check = await checkEvidence(capture, 12);
  assert.deepEqual(check.problems, []);
  assert.ok(check.files >= 10 && check.quotes > 20, JSON.stringify(check));
});

for (const name of SAMPLE) {
  const capture = join(CAPTURES, name);
  const skip = withoutTshark || (!existsSync(capture) && `no captures at ${CAPTURES}: set ANNUNCIATOR_CAPTURES`);
  test(`and so are those of ${name}`, { skip }, async () => {
    const check = await checkEvidence(capture, 4);
    assert.deepEqual(check.problems, []);
    assert.ok(check.files > 0 && check.quotes > 0);
  });
}

describe('a file of an alert', () => {
  const row = (number: number, comment = '', errors: readonly string[] = []): Row => ({
    number,
    time: `1000.00000000${number}`,
    length: '60',
    errors,
    comment,
  });
  const source = [row(1), row(2, '', ['old']), row(3)];
  const alert = { frames: [3], firstDetection: 1_000_000_000_003n, parameters: {} };
  const own = { ...row(3), comment: 'Frame 3. This packet is evidence of the alert.' };
  const rows: readonly (readonly [string, readonly Row[], RegExp | null])[] = [
    ['with what fired and packets around it', [row(1), row(2, '', ['old']), own], null],
    ['without any packet of its own', [row(1), row(2)], /no packet is marked as its own; no packet of its own is of 1000\.000000003/],
    ['without what fired', [{ ...row(1), comment: 'Frame 1. ' }], /^no packet of its own is of 1000\.000000003, when it fired$/],
    ['with a packet of elsewhere', [row(7), own], /packet 7 is not in the capture/],
    [
      'with an error that the capture lacks',
      [row(2, '', ['old', 'new']), own],
      /packet 2 \(frame 2\) has an error that the capture lacks: new$/,
    ],
    ['with a wrong number', [{ ...own, comment: 'Frame 2. ' }], /packet 3 is not frame 2, as its comment says/],
  ];
  for (const [name, file, expected] of rows)
    test(name, () => {
      const said: string[] = [];
      checkFile(alert, file, source, new Seen(source), (what) => said.push(what));
      if (expected) assert.match(said.join('; '), expected);
      else assert.deepEqual(said, []);
    });

  test('of an alert that names frames beyond the capture', () => {
    const said: string[] = [];
    checkFile({ ...alert, frames: [3, 9] }, [own], source, new Seen(source), (what) => said.push(what));
    assert.deepEqual(said, ['it names frame 9, which the capture does not have']);
  });
});

describe('what an alert quotes', () => {
  const TEXT = `Modbus/TCP
    Unit Identifier: 17
    Function Code: Write Single Register (6)
    Class: Unknown (0x68), IIN 0x0100
    Source: 10.0.0.1
0000  00 01 5e 00 d3 01 ff fe 61 62 63 00 00 00 00 00   ..^.....abc.....`;
  for (const [value, contained] of [
    ['17', true],
    ['0x11', true],
    ['18', false],
    ['6', true],
    ['0x68', true],
    ['Program (0x68)', true],
    ['Program (0x69)', false],
    ['0x0100', true],
    ['10.0.0.1', true],
    ['10.0.0.2', false],
    ['write single register', true],
    ['register unit', true],
    ['coil', false],
    ['94', true],
    ['211', true],
    ['0x0000fffe', true],
    ['0x0000fffd', false],
  ] as const)
    test(`${contained ? 'is' : 'is not'} there: ${value}`, () => assert.equal(isContained(value, TEXT), contained));

  test('is its ends and the parameters that stand in packets', () => {
    const end = { device: 'a', ip: '10.0.0.1', mac: '02:00:00:00:00:01', port: 502 };
    const parameters = { functionCode: 6, function: 'Write Single Register', attempts: 10, vendor: 'x' };
    const quotes = quotesOf({ source: end, destination: { ...end, ip: null, port: null }, parameters, protocol: 'modbus' } as Parameters<
      typeof quotesOf
    >[0]);
    assert.deepEqual(
      quotes.map(({ name, values }) => `${name} ${values.join()}`),
      ['source address 10.0.0.1,02:00:00:00:00:01', 'source port 502', 'destination address 02:00:00:00:00:01', 'functionCode 6'],
    );
  });
});
