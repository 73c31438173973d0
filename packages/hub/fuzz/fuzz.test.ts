/** The short form of `npm run fuzz:hub`, and everything that reads text of strangers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Random } from '@annunciator/testkit/random';
import { parseAddress } from '../src/amqp/addresses.ts';
import { parseSasToken } from '../src/authentication/sas-token.ts';
import { HubError } from '../src/hub-error.ts';
import { parseConnect } from '../src/mqtt/connect-request.ts';
import { formatPropertyBag, parsePropertyBag } from '../src/mqtt/property-bag.ts';
import { parseFilter, parsePublishTopic } from '../src/mqtt/topics.ts';
import { parseQuery } from '../src/query/parse.ts';
import { parseTwinEtag } from '../src/twin/document.ts';
import { HubFuzzer, TARGETS } from './fuzzer.ts';

const INPUTS = 2000;
const SEED = 20_261;

let fuzzer: HubFuzzer;
before(async () => {
  fuzzer = await HubFuzzer.open();
});
after(() => fuzzer.close());

for (const target of TARGETS)
  test(`${INPUTS} damaged conversations over ${target.toUpperCase()} neither throw, nor hang, nor act for others`, async () => {
    const { tally, findings } = await fuzzer.run(target, { seed: SEED, inputs: INPUTS });
    assert.deepEqual(findings, []);
    assert.equal(tally.inputs, INPUTS);
    assert.ok(tally.connected > INPUTS / 10, `only ${tally.connected} got as far as a session`);
    assert.ok(tally.refused > INPUTS / 20, `only ${tally.refused} were refused`);
  });

test('texts of strangers are read or refused, never more', () => {
  const random = new Random(SEED);
  const seeds = [
    'SharedAccessSignature sr=localhost%2Fdevices%2Fd&sig=abc%3D&se=1700000000&skn=device',
    'localhost/device/module/?api-version=2021-04-12&model-id=dtmi:a;1',
    '%24.mid=1&%24.to=%2Fdevices%2Fd&zone=a%20b&bare&empty=',
    'devices/device/messages/events/a=b',
    '$iothub/twin/PATCH/properties/reported/?$rid=7',
    '/devices/a%20b/modules/m/messages/devicebound',
    "SELECT deviceId AS id, COUNT() AS n FROM devices WHERE tags.a['b'][0] >= -1.5 AND NOT STARTSWITH(x, 'y''z') OR a IN [1, 'b'] GROUP BY deviceId",
    'AAAAAAAAAAE=',
  ];
  const readers: ((text: string) => unknown)[] = [
    parseSasToken,
    (text) => parseConnect('device', text),
    parsePropertyBag,
    (text) => parsePublishTopic(text, 'devices/device'),
    (text) => parseFilter(text, 'devices/device'),
    parseAddress,
    parseQuery,
    parseTwinEtag,
  ];
  for (let input = 0; input < 15_000; input++) {
    const text = damaged(random.pick(seeds), random);
    for (const read of readers)
      try {
        read(text);
      } catch (error) {
        assert.ok(error instanceof HubError, `${JSON.stringify(text)}: ${error instanceof Error ? error.stack : String(error)}`);
      }
  }
});

test('a property bag that was read is written so that it reads the same', () => {
  const random = new Random(SEED);
  for (let input = 0; input < 5000; input++) {
    const read = parsePropertyBag(damaged('%24.mid=1&%24.ct=a%2Fb&zone=a%20b&bare&empty=', random));
    if (read) assert.deepEqual(parsePropertyBag(formatPropertyBag(read)), read);
  }
});

function damaged(text: string, random: Random): string {
  let result = text;
  for (let time = random.below(5); time > 0; time--) {
    const at = random.below(result.length + 1);
    const end = at + random.below(6);
    const odd = random.pick(['%', '%2', '%E0%A4%A', '/', '\0', '$', '&&', '=', "'", '((', '[', ']', '-', '.', '😀', 'x'.repeat(50), '']);
    result = result.slice(0, at) + odd + (random.chance(0.5) ? result.slice(at) : result.slice(end));
  }
  // What comes over a wire is UTF-8, which has no halves of characters.
  return result.toWellFormed();
}
