/** The short form of `npm run fuzz`: ten thousand damaged inputs of each kind. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { NO_CAPTURES } from './corpus.ts';
import { EPOCH, TARGETS } from './targets.ts';
import { Fuzzer } from './fuzzer.ts';

const INPUTS = 10_000;
const SEED = 20_260;
/** What most sites speak; the long form has the rest. */
const NAMES = ['modbus', 'umas', 's7comm', 'dnp3', 'enip', 'cip', 'pccc', 'iec104', 'bacnet', 'arp', 'icmp', 'dns', 'dhcp', 'http'];
const CARRIERS = ['tcp', 'fragments', 'readers'];

const fuzzer = new Fuzzer();
after(() => fuzzer.close());

for (const name of [...NAMES, ...CARRIERS]) {
  const about = CARRIERS.includes(name) ? name : `${name} messages`;
  test(`${INPUTS} damaged ${about} neither throw, nor hang, nor fill the memory`, async (context) => {
    if (NO_CAPTURES) context.diagnostic(NO_CAPTURES);
    const target = TARGETS.find((one) => one.name === name);
    assert.ok(target);
    const { tally, findings } = await fuzzer.run(target, { seed: SEED, inputs: INPUTS });
    const told = findings.map(({ input, what }) => `${what}: npm run fuzz -- --protocol ${name} --seed ${SEED} --only ${input}`);
    assert.deepEqual(told, []);
    assert.equal(tally.inputs, INPUTS);
    assert.ok(tally.packets >= INPUTS / 4, `only ${tally.packets} packets: the inputs must get through`);
  });
}

test('an input that hangs and one that fails are told with their numbers, and the others go on', async () => {
  const trapped = new Fuzzer({ captures: false, traps: { fail: 20, hang: 40 } });
  const target = TARGETS.find(({ name }) => name === 'arp');
  assert.ok(target);
  const { tally, findings } = await trapped.run(target, { seed: 1, inputs: 100 });
  await trapped.close();
  assert.deepEqual(
    findings.map(({ input }) => input),
    [20, 40],
  );
  assert.match(findings[1].what, /^no end after \d{4} ms of processor time$/);
  assert.equal(tally.inputs, 100);
});

test('an input is the same whenever it is made', async () => {
  const target = TARGETS.find(({ name }) => name === 'modbus');
  assert.ok(target);
  const input = EPOCH + 12;
  const runs = [
    await fuzzer.run(target, { seed: 5, inputs: 0, only: input }),
    await fuzzer.run(target, { seed: 5, inputs: 0, only: input }),
  ];
  const [first, second] = runs.map(({ frames }) => frames?.all.map(({ bytes }) => Buffer.from(bytes).toString('hex')) ?? []);
  assert.ok(first.length > 10);
  assert.deepEqual(first, second);
});
