import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameGuard } from './frame-guard.ts';

const HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0]);
const BEGIN = [0x00, 0x53, 0x11, 0x45];
const END = [0x00, 0x53, 0x17, 0x45];
const CLOSE = [0x00, 0x53, 0x18, 0x45];
/** Of a receiver, about delivery 0. */
const DISPOSITION = [0x00, 0x53, 0x15, 0xc0, 3, 2, 0x41, 0x43];

function frame(channel: number, body: readonly number[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head[4] = 2;
  head.writeUInt16BE(channel, 6);
  return Buffer.concat([head, Buffer.from(body)]);
}

test('what comes for a session that has ended is dropped, until the channel begins anew', () => {
  const passed: string[] = [];
  const bounds = { maxFrameBytes: 1024, maxMessageBytes: 1024, maxSessions: 4, maxLinks: 4, linkOf: () => undefined, sentOn: () => 1 };
  const guard = new FrameGuard(bounds, (bytes) => passed.push(bytes.toString('hex')));
  const sent = [
    frame(1, BEGIN),
    frame(2, BEGIN),
    frame(1, DISPOSITION),
    frame(1, END),
    frame(2, DISPOSITION),
    frame(1, BEGIN),
    frame(1, DISPOSITION),
    frame(1, END),
    frame(0, CLOSE),
  ];
  guard.feed(HEADER);
  for (const bytes of sent) {
    guard.feed(bytes);
    if (bytes.equals(frame(1, END))) guard.feed(Buffer.concat([frame(1, DISPOSITION), frame(1, END)]));
  }
  assert.deepEqual(
    passed,
    [HEADER, ...sent].map((bytes) => bytes.toString('hex')),
  );
});

test('a disposition of what was not sent breaks the rules', () => {
  const bounds = { maxFrameBytes: 1024, maxMessageBytes: 1024, maxSessions: 4, maxLinks: 4, linkOf: () => undefined, sentOn: () => 0 };
  const guard = new FrameGuard(bounds, () => undefined);
  guard.feed(HEADER);
  guard.feed(frame(1, BEGIN));
  assert.throws(() => guard.feed(frame(1, DISPOSITION)), /a disposition of what was not sent/);
});

test('limits of an OPEN that would make timers run without a pause break the rules', () => {
  const bounds = { maxFrameBytes: 1024, maxMessageBytes: 1024, maxSessions: 4, maxLinks: 4, linkOf: () => undefined, sentOn: () => 0 };
  // The container "a", no host name, no frame size, no channels, then the idle time-out.
  const open = (idle: readonly number[]) =>
    frame(0, [0x00, 0x53, 0x10, 0xc0, 7 + idle.length, 5, 0xa1, 1, 0x61, 0x40, 0x40, 0x40, ...idle]);
  const taken = (idle: readonly number[]): void => {
    const guard = new FrameGuard(bounds, () => undefined);
    guard.feed(HEADER);
    guard.feed(open(idle));
  };
  taken([0x70, 0, 0, 0xea, 0x60]);
  assert.throws(() => taken([0x70, 0xff, 0xff, 0xff, 0xff]), /an idle time-out of 4294967295 ms/);
  assert.throws(() => taken([0xa1, 1, 0x61]), /limits that are no numbers/);
  // A text in place of the list: its fifth letter would be the time-out.
  const guard = new FrameGuard(bounds, () => undefined);
  guard.feed(HEADER);
  assert.throws(() => guard.feed(frame(0, [0x00, 0x53, 0x10, 0xa1, 5, 0x61, 0x62, 0x63, 0x64, 0x65])), /without a performative/);
});
