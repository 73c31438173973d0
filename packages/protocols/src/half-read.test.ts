import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CotpConnection } from './cotp/connection.ts';
import { HALF_READ, HalfRead, HalfReadBudget } from './half-read.ts';
import { Talk } from './dnp3/flow.ts';
import { BacnetFlow } from './bacnet/flow.ts';
import { Chunks } from './opcua/flow.ts';
import { UserDataState } from './s7comm/userdata.ts';
import { Connection } from './http/connection.ts';

class Named extends HalfRead {
  readonly #log: string[];
  readonly #name: string;

  constructor(log: string[], name: string) {
    super();
    this.#log = log;
    this.#name = name;
  }

  override giveUp(): void {
    this.#log.push(this.#name);
  }
}

const named = (log: string[], name: string): HalfRead => new Named(log, name);

test('beyond the bound the one that has not grown for the longest time is given up', () => {
  const log: string[] = [];
  const budget = new HalfReadBudget(100);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => named(log, name));
  budget.hold(a, 40);
  budget.hold(b, 40);
  budget.hold(a, 50);
  budget.hold(c, 30);
  assert.deepEqual([log, budget.bytes, budget.givenUp], [['b'], 80, 1]);
});

test('what is read through is no longer counted', () => {
  const budget = new HalfReadBudget(100);
  const one = named([], 'one');
  budget.hold(one, 60);
  budget.hold(one, 0);
  budget.hold(one, 0);
  assert.equal(budget.bytes, 0);
});

test('the order is that of growth, whoever leaves in between', () => {
  const log: string[] = [];
  const budget = new HalfReadBudget(100);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => named(log, name));
  for (const one of [a, b, c]) budget.hold(one, 30);
  budget.hold(b, 0);
  budget.hold(a, 20);
  budget.hold(d, 90);
  assert.deepEqual([log, budget.bytes], [['c', 'a'], 90]);
});

test('a single message larger than the bound is left to the bound of its own', () => {
  const log: string[] = [];
  const budget = new HalfReadBudget(100);
  budget.hold(named(log, 'large'), 500);
  assert.deepEqual([log, budget.bytes], [[], 500]);
});

const part = new Uint8Array(1400);

/** Begins a message in a flow of its own; what was begun is returned, so that nothing is collected. */
const beginnings: Record<string, () => unknown> = {
  cotp: () => {
    const connection = new CotpConnection();
    for (let i = 0; i < 40; i++) connection.append(true, part, 0, part.length);
    return connection;
  },
  dnp3: () => {
    const talk = new Talk(1);
    for (let i = 0; i < 60; i++) talk.add(part, 0, 249);
    return talk;
  },
  bacnet: () => {
    const flow = new BacnetFlow();
    for (let i = 0; i < 40; i++) flow.segment(true, 7, i, part, 0, part.length);
    return flow;
  },
  opcua: () => {
    const chunks = new Chunks();
    for (let i = 0; i < 40; i++) chunks.add(part, 0, part.length);
    return chunks;
  },
  s7comm: () => {
    const state = new UserDataState();
    for (let i = 0; i < 8; i++) state.append(part, 0, part.length);
    return state;
  },
  http: () => {
    const connection = new Connection();
    for (let i = 0; i < 32; i++) connection.ask({ method: 1, user: 'u'.repeat(300), secret: undefined, path: `/${'p'.repeat(2000)}${i}` });
    return connection;
  },
};

for (const [name, begin] of Object.entries(beginnings)) {
  test(`unfinished ${name} messages of many flows stay within the bound`, () => {
    const flows: unknown[] = [];
    const before = HALF_READ.givenUp;
    for (let i = 0; i < 9000 && HALF_READ.givenUp === before; i++) flows.push(begin());
    assert.ok(HALF_READ.givenUp > before, `${flows.length} flows hold ${HALF_READ.bytes} bytes`);
    assert.ok(HALF_READ.bytes <= 64 << 20);
  });
}

test('a message that was given up is skipped, and the next one is read', () => {
  const connection = new CotpConnection();
  connection.append(true, part, 0, 100);
  for (let i = 0; i < 2000; i++) beginnings.cotp();
  connection.append(true, part, 0, 100);
  assert.deepEqual([connection.partial(true)?.overflow, connection.partial(true)?.length], [true, 0]);
  connection.close(true);
  connection.append(true, part, 0, 100);
  assert.deepEqual([connection.partial(true)?.overflow, connection.partial(true)?.length], [false, 100]);
});
