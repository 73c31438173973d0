import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Packet } from '../packet.ts';
import type { InterfaceDrops, InterfaceState, LiveInterface } from './live-interface.ts';
import { LiveReader } from './live-reader.ts';

/** An interface whose packets a test puts in: each is its time in milliseconds. */
class Scripted implements LiveInterface {
  readonly name: string;
  readonly method = 'tcpdump';
  readonly reason = null;
  readonly delay: number;
  readonly descriptor = -1;
  state: InterfaceState = 'up';
  arrived = 0;
  lost = 0;
  closed = false;
  #coming: number[] = [];
  #there: number[] = [];
  #wake: () => void = () => undefined;

  constructor(name: string, delay = 30) {
    this.name = name;
    this.delay = delay;
  }

  put(...times: number[]): this {
    this.#coming.push(...times);
    this.#wake();
    return this;
  }

  next(packet: Packet): boolean {
    const time = this.#there.shift();
    if (time === undefined) return false;
    Object.assign(packet, { seconds: Math.floor(time / 1000), nanoseconds: (time % 1000) * 1e6, wireLength: 60, linkType: 1 });
    return true;
  }

  refresh(): boolean {
    if (this.#coming.length === 0) return false;
    this.#there = this.#coming;
    this.#coming = [];
    this.arrived = performance.now();
    return true;
  }

  heard(): void {}

  readable(): Promise<void> {
    if (this.#coming.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  drops(): InterfaceDrops {
    return { kernel: this.lost, card: null };
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** Reads until so many packets came; each as `interface@milliseconds`. */
async function read(reader: LiveReader, count: number): Promise<string[]> {
  const packet = new Packet();
  const got: string[] = [];
  while (got.length < count && (await reader.advance()))
    while (reader.next(packet)) got.push(`${reader.nameOf(packet.interface)}@${packet.seconds * 1000 + packet.nanoseconds / 1e6}`);
  return got;
}

describe('packets of networks', () => {
  test('come at once from a single interface', async () => {
    const a = new Scripted('a', 10_000).put(1, 2, 3);
    const reader = new LiveReader([a]);
    assert.deepEqual(await read(reader, 3), ['a@1', 'a@2', 'a@3']);
    await reader.close();
    assert.ok(a.closed);
  });

  test('come in the order of their times from several', async () => {
    const a = new Scripted('a').put(1, 4, 6, 9);
    const b = new Scripted('b').put(2, 3, 7, 8);
    const reader = new LiveReader([a, b]);
    assert.deepEqual(await read(reader, 8), ['a@1', 'b@2', 'b@3', 'a@4', 'a@6', 'b@7', 'b@8', 'a@9']);
    await reader.close();
  });

  test('wait for an earlier one that another interface may still have', async () => {
    const a = new Scripted('a', 5000).put(10, 20);
    const b = new Scripted('b', 5000);
    const reader = new LiveReader([a, b]);
    const reading = read(reader, 3);
    b.put(15, 25);
    assert.deepEqual(await reading, ['a@10', 'b@15', 'a@20']);
    await reader.close();
  });

  test('wait no longer than an interface may take to show what it has', async () => {
    const a = new Scripted('a', 40).put(10);
    const b = new Scripted('b', 40);
    const reader = new LiveReader([a, b]);
    const began = performance.now();
    assert.deepEqual(await read(reader, 1), ['a@10']);
    const took = performance.now() - began;
    assert.ok(took >= 39 && took < 1000, String(took));
    await reader.close();
  });

  test('are not waited for on an interface that is gone, and it is opened again with its counts', async () => {
    const a = new Scripted('a', 60_000).put(1, 2);
    const b = new Scripted('b', 60_000);
    b.state = 'gone';
    b.lost = 5;
    const again = new Scripted('b', 60_000).put(3);
    again.lost = 2;
    const reader = new LiveReader([a, b], { reopen: () => Promise.resolve(again) });
    assert.deepEqual(await read(reader, 1), ['a@1', 'a@2']);
    assert.ok(b.closed);
    a.put(4);
    assert.deepEqual((await read(reader, 1)).slice(0, 1), ['b@3']);
    const report = reader.reports()[1];
    assert.deepEqual([report.state, report.packets, report.kernelDrops], ['up', 1, 7]);
    await reader.close();
  });

  test('are counted for each interface', async () => {
    const a = new Scripted('a').put(1000, 2500);
    const b = new Scripted('b').put(2000, 3000);
    const reader = new LiveReader([a, b]);
    await read(reader, 4);
    b.lost = 9;
    assert.deepEqual(
      reader
        .reports()
        .map(({ name, packets, bytes, lastPacket, kernelDrops, quiet }) => [name, packets, bytes, lastPacket, kernelDrops, quiet < 1]),
      [
        ['a', 2, 120, 2_500_000_000n, 0, true],
        ['b', 2, 120, 3_000_000_000n, 9, true],
      ],
    );
    await reader.close();
  });

  test('stop when they are told to, also while none comes', async () => {
    const reader = new LiveReader([new Scripted('a')]);
    const waiting = reader.advance();
    reader.stop();
    assert.equal(await waiting, false);
    assert.equal(await reader.advance(), false);
    await reader.close();
  });

  test('that do not come leave an empty batch each second, so that silence is noticed', async () => {
    const reader = new LiveReader([new Scripted('a')]);
    const began = performance.now();
    assert.equal(await reader.advance(), true);
    assert.ok(performance.now() - began >= 900);
    assert.ok(reader.reports()[0].quiet >= 0.9);
    assert.equal(reader.reports()[0].lastPacket, null);
    await reader.close();
  });
});
