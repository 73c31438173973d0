import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arp from '@annunciator/testkit/arp';
import * as dhcp from '@annunciator/testkit/dhcp';
import { host } from '@annunciator/testkit/host';
import * as modbus from '@annunciator/testkit/modbus';
import { MASTER, OTHER, ofType, raised, SLAVE, type Write } from '../tests/raised.ts';

const poll: Write = (timeline) => void modbus.session(timeline, MASTER, SLAVE).readHoldingRegisters(0, 2);
const assets = (write: Write, focus: 'ot' | 'any'): string[] =>
  ofType(raised(write, { learned: poll, settings: { focus } }), 'new-asset-detected').map(({ source }) => `${source?.mac}`);

describe('new devices', () => {
  const laptop = host('laptop', '10.1.1.99');
  const far = host('printer', '10.9.9.99');
  const mac = '02:00:0a:01:01:63';

  for (const focus of ['ot', 'any'] as const) {
    it(`are told once although they ask for their address first (focus ${focus})`, () => {
      const joins: Write = (timeline) => {
        arp.resolve(timeline, MASTER, OTHER);
        dhcp.lease(timeline, laptop, OTHER);
        arp.announce(timeline, laptop);
        arp.resolve(timeline, laptop, SLAVE);
      };
      assert.deepEqual(
        assets(joins, focus).filter((one) => one === mac),
        [mac],
      );
    });
  }

  it('stay untold outside OT subnets when the focus is on OT', () => {
    assert.deepEqual(
      assets((timeline) => arp.announce(timeline, far), 'ot'),
      [],
    );
  });
});
