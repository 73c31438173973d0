import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { cdp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const digitsOf = (value: number): string => value.toString(16).padStart(4, '0');
const tlv = (type: number, contents: string): string => digitsOf(type) + digitsOf(4 + contents.length / 2) + contents;
const text = (value: string): string => Buffer.from(value).toString('hex');
const SNAP = 'aaaa0300 000c2000 02b40ab0';
const FRAME =
  SNAP +
  tlv(1, text('sw1')) +
  tlv(5, text('Cisco IOS Software, CE500 Software, Version 12.2(25)SEG4, RELEASE')) +
  tlv(6, text('cisco WS-CE500')) +
  tlv(3, text('Gi1')) +
  tlv(4, '00000028');
const read = (digits: string) => talk(cdp, [request(digits)], { datagrams: true });

test('a neighbour tells its name, model, software and port', () => {
  const recorder = read(FRAME);
  const [{ name, model, vendor, firmware, os, type, place }] = recorder.of('identity');
  assert.deepEqual(
    [name, model, vendor, firmware, os, type, place],
    ['sw1', 'cisco WS-CE500', 'Cisco', '12.2(25)SEG4', 'Cisco IOS', 'Switch', 'port Gi1'],
  );
  assert.deepEqual(recorder.fields, { 'cdp.tlv.type': { 1: 1, 3: 1, 4: 1, 5: 1, 6: 1 } });
  assert.deepEqual(recorder.violations(), []);
});

test('a TLV that does not fit is a violation', () => {
  assert.deepEqual(read(`${SNAP}0001000a6162`).violations(), ['cdp.length']);
  assert.deepEqual(read(`${SNAP}000100006162`).violations(), ['cdp.length']);
});

test("Cisco's other protocols to the same address leave the flow to CDP", () => {
  const dtp = `aaaa0300 000c2004 01 0001 0008 ${text('lab')} 00`;
  assert.equal(cdp.identify?.(hex(dtp), 0, hex(dtp).length, false), Confidence.Certain);
  const recorder = talk(cdp, [request(dtp), request(FRAME), request(dtp)], { datagrams: true });
  assert.equal(recorder.messages.length, 1);
  assert.deepEqual(recorder.violations(), []);
});

test('only the header of CDP is certain', () => {
  const judge = (digits: string) => cdp.identify?.(hex(digits), 0, hex(digits).length, false);
  assert.equal(judge(FRAME), Confidence.Certain);
  assert.equal(judge(FRAME.replace('2000', '2040')), Confidence.No);
  assert.equal(judge('424203 0000'), Confidence.No);
});

test('damaged frames never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([hex(FRAME)], 3_000, 0x2000))
    for (const name of talk(cdp, [request(bytes)], { datagrams: true }).violations()) assert.ok(name in VIOLATIONS, name);
});
