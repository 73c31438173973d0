import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, request, talk } from '../testing/replay.ts';
import { ethercat } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

/** A frame of datagrams: command, register, data and working counter each. */
function frame(...datagrams: readonly (readonly [command: number, register: number, data: string, counter?: number])[]): Uint8Array {
  const le = (value: number): string => (value & 255).toString(16).padStart(2, '0') + (value >> 8).toString(16).padStart(2, '0');
  const parts = datagrams.map(([command, register, data, counter = 0], index) => {
    const more = index < datagrams.length - 1 ? 0x8000 : 0;
    return `${command.toString(16).padStart(2, '0')}00 0000 ${le(register)} ${le(hex(data).length | more)} 0000 ${data} ${le(counter)}`;
  });
  const body = hex(parts.join(''));
  return Uint8Array.from([...hex(le(body.length | 0x1000)), ...body]);
}
const read = (...frames: Uint8Array[]) =>
  talk(
    ethercat,
    frames.map((one) => request(one)),
    { datagrams: true },
  );
/** As a public capture holds it. */
const BROADCAST_READ = hex('0e10 0702 0000 3001 0200 0000 0000 0000');

test('every datagram of a frame is counted as Wireshark does', () => {
  assert.deepEqual(read(BROADCAST_READ, frame([1, 0x130, '0000'], [1, 0x130, '0000'], [12, 0, '00112233'])).fields, {
    'ecat.cmd': { '0x07': 1, '0x01': 2, '0x0c': 1 },
  });
});

test('slaves that are ordered into another state are acts, once each', () => {
  const order = (state: string, counter = 0) => frame([8, 0x120, `${state}00`, counter]);
  const recorder = read(order('08'), order('08'), order('08', 3), order('01'), order('03'));
  assert.deepEqual(
    recorder.of('action').map(({ action, text }) => `${action}: ${text}`),
    ['controller.mode: state OPERATIONAL ordered', 'controller.mode: state INIT ordered', 'firmware.update: state BOOTSTRAP ordered'],
  );
});

test('violations of datagrams that do not fit and of a command that is not defined', () => {
  assert.deepEqual(read(BROADCAST_READ.subarray(0, 12)).violations(), ['ethercat.length']);
  assert.deepEqual(read(frame([77, 0, '00'])).violations(), ['ethercat.command']);
});

test('other frames of EtherCAT are counted by their type', () => {
  assert.deepEqual(read(hex('0450 00000000')).talk(), ['ethercat 261 notification']);
  assert.equal(ethercat.identify?.(BROADCAST_READ, 0, BROADCAST_READ.length, false), Confidence.Possible);
});

test('damaged frames never throw and never grow', () => {
  for (const bytes of mutations([BROADCAST_READ, frame([1, 0x130, '0000'], [8, 0x120, '0800'])], 4_000, 0x88a4)) {
    const recorder = read(bytes);
    assert.ok(recorder.messages.length <= 256);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
  }
});
