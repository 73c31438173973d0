import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { vendorOf } from './vendor.ts';

const REGISTRY = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('oui-data'), 'utf8')) as Record<string, string>;

/** An address that begins with the prefix. */
function addressIn(prefix: string): string {
  return prefix.toLowerCase().padEnd(12, '5').match(/../g)?.join(':') ?? '';
}

test('an address belongs to the vendor of the longest prefix that it begins with', () => {
  const prefixes = Object.keys(REGISTRY);
  assert.ok(prefixes.length > 50_000);
  for (const prefix of prefixes.filter((_, i) => i % 7 === 0)) {
    const address = addressIn(prefix);
    const digits = address.replaceAll(':', '').toUpperCase();
    const longest = [9, 7, 6].map((length) => digits.slice(0, length)).find((start) => start in REGISTRY) ?? '';
    const [name = ''] = REGISTRY[longest].split('\n');
    const isLocal = (Number.parseInt(digits.slice(0, 2), 16) & 2) !== 0;
    assert.equal(vendorOf(address), isLocal ? '' : name.trim(), address);
  }
});

test('addresses that nobody registered, that a machine gave itself, and that are none have no vendor', () => {
  for (const address of ['fc:ff:ff:00:00:01', '02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff', 'nothing', ''])
    assert.equal(vendorOf(address), '', address);
});
