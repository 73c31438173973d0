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
  const bounds = { maxFrameBytes: 1024, maxMessageBytes: 1024, maxSessions: 4, maxLinks: 4, linkOf: () => undefined };
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
