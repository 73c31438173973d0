import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Segment, segmentFrame } from '../tests/build.ts';
import { Decoder } from './decode.ts';
import { Packet, Tcp } from './packet.ts';
import { Flow, FLOW_WIDTH, FlowBit, FlowTable } from './tables/flow-table.ts';
import { TcpOrder, type TcpOrderOptions } from './tcp-order.ts';

const { SYN, ACK, FIN, RST, PSH } = Tcp;
const DATA = ACK | PSH;

interface Run {
  readonly A: string;
  readonly B: string;
  readonly order: TcpOrder;
  readonly flows: FlowTable;
  readonly bits: number;
}

/**
 * Streams of both sides as text; `<gap>` where bytes were lost, `|` where a new connection began. Messages end with a
 * full stop when `messages`, so that the rest is kept.
 */
function run(segments: readonly Segment[], options: TcpOrderOptions & { messages?: boolean; finish?: boolean } = {}): Run {
  const flows = new FlowTable();
  const text = { A: '', B: '' };
  // 10.0.0.1 is the smaller address, so A of the test is A of the flow.
  const side = (direction: number): 'A' | 'B' => (direction === 0 ? 'A' : 'B');
  const order = new TcpOrder(
    flows,
    {
      consume(_row, direction, bytes, start, end) {
        const seen = Buffer.from(bytes.subarray(start, end)).toString('latin1');
        const used = options.messages ? seen.lastIndexOf('.') + 1 : seen.length;
        text[side(direction)] += seen.slice(0, used);
        return start + used;
      },
      gap(_row, direction) {
        text[side(direction)] += '<gap>';
      },
      restart() {
        text.A += '|';
        text.B += '|';
      },
    },
    options,
  );
  const decoder = new Decoder();
  const packet = new Packet();
  let row = 0;
  for (const segment of segments) {
    packet.bytes = Uint8Array.from(segmentFrame(segment));
    packet.start = 0;
    packet.end = packet.bytes.length;
    packet.wireLength = packet.end;
    packet.seconds = segment.time ?? 1;
    decoder.decode(packet);
    row = flows.touch(packet);
    order.accept(packet, row, flows.direction);
    // The chunk is overwritten by later ones: nothing may still point to it.
    packet.bytes.fill(0x3f);
  }
  if (options.finish !== false) order.finish();
  return { ...text, order, flows, bits: flows.rows[row * FLOW_WIDTH + Flow.BITS] };
}

const a = (sequence: number, data: string, more: Partial<Segment> = {}): Segment => ({ from: 'A', sequence, flags: DATA, data, ...more });
const b = (sequence: number, data: string, more: Partial<Segment> = {}): Segment => ({ from: 'B', sequence, flags: DATA, data, ...more });
const handshake: readonly Segment[] = [
  { from: 'A', sequence: 99, flags: SYN },
  { from: 'B', sequence: 499, acknowledgement: 100, flags: SYN | ACK },
  { from: 'A', sequence: 100, acknowledgement: 500, flags: ACK },
];

const CASES: readonly { name: string; segments: readonly Segment[]; A?: string; B?: string; counters?: Partial<TcpOrder['counters']> }[] = [
  { name: 'both directions in sequence', segments: [...handshake, a(100, 'abc'), b(500, 'xyz'), a(103, 'def')], A: 'abcdef', B: 'xyz' },
  { name: 'a sender that does not count its SYN', segments: [...handshake, a(99, 'abc'), a(102, 'def')], A: 'abcdef' },
  {
    name: 'out of order',
    segments: [...handshake, a(103, 'def'), a(106, 'ghi'), a(100, 'abc')],
    A: 'abcdefghi',
    counters: { outOfOrder: 2, gaps: 0 },
  },
  { name: 'out of order, reversed', segments: [...handshake, a(106, 'ghi'), a(103, 'def'), a(100, 'abc')], A: 'abcdefghi' },
  {
    name: 'retransmission',
    segments: [...handshake, a(100, 'abc'), a(100, 'abc'), a(103, 'def')],
    A: 'abcdef',
    counters: { retransmissions: 1 },
  },
  { name: 'old bytes with new ones', segments: [...handshake, a(100, 'abc'), a(101, 'bcdef')], A: 'abcdef', counters: { overlaps: 1 } },
  { name: 'a repeat with other bytes changes nothing', segments: [...handshake, a(100, 'abc'), a(100, 'XYZdef')], A: 'abcdef' },
  {
    name: 'early segments that overlap',
    segments: [...handshake, a(104, 'efgh'), a(102, 'cdef'), a(106, 'ghij'), a(100, 'ab')],
    A: 'abcdefghij',
  },
  {
    name: 'the same early segment twice',
    segments: [...handshake, a(103, 'def'), a(103, 'def'), a(100, 'abc')],
    A: 'abcdef',
    counters: { outOfOrder: 1, retransmissions: 1 },
  },
  {
    name: 'a hole that the peer acknowledged',
    segments: [...handshake, a(103, 'def'), b(500, 'x', { acknowledgement: 106 }), a(106, 'g')],
    A: '<gap>defg',
    B: 'x',
    counters: { gaps: 1 },
  },
  {
    name: 'an acknowledgement before the hole changes nothing',
    segments: [...handshake, a(103, 'def'), b(500, 'x', { acknowledgement: 100 }), a(100, 'abc')],
    A: 'abcdef',
    B: 'x',
  },
  {
    name: 'a hole that the peer had acknowledged before is not waited for',
    segments: [...handshake, b(500, 'x', { acknowledgement: 103 }), a(103, 'def'), b(501, 'y'), a(106, 'ghi')],
    A: '<gap>defghi',
    B: 'xy',
    counters: { gaps: 1, outOfOrder: 0 },
  },
  {
    name: 'an acknowledgement captured before its data',
    segments: [...handshake, b(500, 'x', { acknowledgement: 103 }), a(100, 'abc'), b(501, 'y'), a(103, 'def')],
    A: 'abcdef',
    B: 'xy',
    counters: { gaps: 0 },
  },
  {
    name: 'two holes, the first acknowledged',
    segments: [...handshake, a(103, 'def'), a(109, 'jkl'), b(500, '', { acknowledgement: 106 }), a(106, 'ghi')],
    A: '<gap>defghijkl',
  },
  {
    name: 'a hole open for too long',
    segments: [...handshake, a(103, 'def'), a(106, 'ghi', { time: 4 }), a(109, 'jkl', { time: 7 })],
    A: '<gap>defghijkl',
  },
  {
    name: 'a hole at the end of the capture',
    segments: [...handshake, a(103, 'def'), a(109, 'jkl')],
    A: '<gap>def<gap>jkl',
    counters: { gaps: 2 },
  },
  {
    name: 'a hole before RST',
    segments: [...handshake, a(103, 'def'), { from: 'B', sequence: 500, flags: RST }, a(106, 'x')],
    A: '<gap>defx',
  },
  { name: 'mid-stream, without SYN', segments: [a(5000, 'abc'), b(7, 'xyz'), a(5003, 'def')], A: 'abcdef', B: 'xyz' },
  { name: 'mid-stream, a keep-alive first', segments: [a(4999, ''), a(5000, 'abc')], A: 'abc' },
  { name: 'data with SYN', segments: [{ from: 'A', sequence: 99, flags: SYN, data: 'abc' }, a(103, 'def')], A: 'abcdef' },
  {
    name: 'FIN with data, then repeated',
    segments: [...handshake, a(100, 'abc', { flags: DATA | FIN }), a(100, 'abc', { flags: DATA | FIN }), a(104, '')],
    A: 'abc',
    counters: { retransmissions: 1 },
  },
  {
    name: 'FIN before its turn',
    segments: [...handshake, { from: 'A', sequence: 103, flags: FIN | ACK }, a(100, 'abc')],
    A: 'abc',
    counters: { gaps: 0 },
  },
  {
    name: 'data before a SYN/ACK that was captured late',
    segments: [b(500, 'xyz'), { from: 'B', sequence: 499, flags: SYN | ACK }, b(503, 'uvw')],
    B: 'xyzuvw',
    counters: { gaps: 0, restarts: 0 },
  },
  {
    name: 'a repeated SYN',
    segments: [handshake[0], handshake[0], ...handshake.slice(1), a(100, 'abc')],
    A: 'abc',
    counters: { restarts: 0 },
  },
  {
    name: 'a new connection on the same ports',
    segments: [
      ...handshake,
      a(100, 'abc'),
      b(500, 'x'),
      { from: 'A', sequence: 900_000, flags: SYN },
      { from: 'B', sequence: 3, flags: SYN | ACK },
      a(900_001, 'new'),
      b(4, 'y'),
    ],
    A: 'abc|new',
    B: 'x|y',
    counters: { restarts: 1 },
  },
  { name: 'numbers that wrap at 2^32', segments: [a(0xfffffffe, 'abc'), a(4, 'ghi'), a(1, 'def')], A: 'abcdefghi' },
  { name: 'numbers that wrap at 2^31', segments: [a(0x7ffffffe, 'abc'), a(0x80000001, 'def')], A: 'abcdef' },
  {
    name: 'a keep-alive with the last byte again',
    segments: [...handshake, a(100, 'abc'), a(102, 'c'), a(103, 'def')],
    A: 'abcdef',
    counters: { keepAlives: 1, retransmissions: 0 },
  },
  {
    name: 'an empty keep-alive',
    segments: [...handshake, a(100, 'abc'), a(102, ''), a(103, 'def')],
    A: 'abcdef',
    counters: { keepAlives: 1 },
  },
  { name: 'a zero-window probe carries the next byte', segments: [...handshake, a(100, 'abc'), a(103, 'd'), a(103, 'def')], A: 'abcdef' },
  {
    name: 'numbers that jump back beyond any window',
    segments: [...handshake, a(100, 'abc'), a(0x80000000 + 5000, 'evil'), a(103, 'def', { time: 9 })],
    A: 'abc<gap>evil<gap>def',
    counters: { jumps: 1 },
  },
];

for (const { name, segments, A = '', B = '', counters = {} } of CASES) {
  test(`TCP order: ${name}`, () => {
    const result = run(segments);
    assert.deepEqual([result.A, result.B], [A, B]);
    for (const [counter, value] of Object.entries(counters))
      assert.equal(result.order.counters[counter as keyof TcpOrder['counters']], value, counter);
    assert.equal(result.order.heldBytes, 0);
  });
}

test('an unfinished message comes again in front of the next bytes', () => {
  const result = run([...handshake, a(100, 'ab'), b(500, 'x'), a(102, 'c.de'), a(106, 'f'), b(501, 'y.'), a(107, '.g.')], {
    messages: true,
  });
  assert.deepEqual([result.A, result.B, result.order.heldBytes], ['abc.def.g.', 'xy.', 0]);
});

test('an unfinished message and early segments meet', () => {
  const result = run([...handshake, a(100, 'ab'), a(105, 'f.'), a(102, 'cde')], { messages: true });
  assert.deepEqual([result.A, result.order.heldBytes], ['abcdef.', 0]);
});

test('a gap voids the unfinished message before it', () => {
  const result = run([...handshake, a(100, 'ab'), a(105, 'f.'), b(500, '', { acknowledgement: 107 })], { messages: true });
  assert.equal(result.A, '<gap>f.');
});

test('an unfinished message longer than the bound is dropped', () => {
  const long = 'x'.repeat(600);
  const result = run([...handshake, a(100, long), a(700, long), a(1300, 'y.')], { messages: true, longestTail: 1000 });
  assert.equal(result.A, '<gap>y.');
  assert.equal(result.order.counters.tooLong, 1);
});

test('too many early segments give up the hole', () => {
  const early = Array.from({ length: 10 }, (_, i) => a(110 + 2 * i, 'xy'));
  const result = run([...handshake, ...early], { mostEarly: 4, finish: false });
  assert.equal(result.A, `<gap>${'xy'.repeat(10)}`);
  assert.equal(result.order.counters.gaps, 1);
});

test('the total bound refuses early segments and says so', () => {
  const result = run([...handshake, a(200, 'abc'), a(300, 'def')], { totalBytes: 1 });
  assert.equal(result.A, '<gap>abc<gap>def');
  assert.equal(result.order.counters.refused, 2);
});

test('forgetting a row frees what is kept for it', () => {
  const result = run([...handshake, a(100, 'ab'), a(105, 'f.')], { messages: true, finish: false });
  assert.ok(result.order.heldBytes > 0);
  result.order.forget(0);
  assert.equal(result.order.heldBytes, 0);
});

const STATES: readonly [string, readonly Segment[], number][] = [
  ['SYN alone', handshake.slice(0, 1), FlowBit.SYN | FlowBit.SERVER_B],
  ['SYN and SYN/ACK', handshake.slice(0, 2), FlowBit.SYN | FlowBit.SYN_ACK | FlowBit.SERVER_B],
  ['handshake', handshake, FlowBit.SYN | FlowBit.SYN_ACK | FlowBit.ESTABLISHED | FlowBit.SERVER_B],
  ['refused', [handshake[0], { from: 'B', sequence: 0, flags: RST | ACK }], FlowBit.SYN | FlowBit.RST | FlowBit.SERVER_B],
  ['SYN/ACK alone', handshake.slice(1, 2), FlowBit.SYN_ACK | FlowBit.SERVER_B],
  ['data both ways', [a(1, 'a'), b(1, 'b'), a(2, 'c')], FlowBit.DATA_A | FlowBit.DATA_B | FlowBit.ESTABLISHED],
  ['data one way', [a(1, 'a'), a(2, 'b')], FlowBit.DATA_A],
  [
    'closed',
    [
      { from: 'A', sequence: 1, flags: FIN | ACK },
      { from: 'B', sequence: 1, flags: FIN | ACK },
    ],
    FlowBit.FIN_A | FlowBit.FIN_B,
  ],
];
for (const [name, segments, bits] of STATES) {
  test(`state of the connection: ${name}`, () => {
    assert.equal(run(segments).bits & ~(FlowBit.SEQUENCE_A | FlowBit.SEQUENCE_B), bits);
  });
}
