/** The health of a sample sensor: all is well but for a VLAN that has gone silent. */
import { fromMilliseconds } from '@annunciator/core/time';
import type { SensorHealth } from '@annunciator/sensor/health/health';

/** @param now milliseconds since 1970 */
export function sampleHealth(now: number): SensorHealth {
  const second = Math.floor(now / 1000);
  return {
    interfaces: [
      {
        name: 'eth1',
        method: 'ring',
        reason: null,
        state: 'up',
        packets: 1_204_118,
        bytes: 301_442_118,
        kernelDrops: 0,
        cardDrops: 0,
        lastPacket: fromMilliseconds(now),
        quiet: 0.2,
      },
    ],
    oneSided: { flows: 218, oneSided: 3, examples: [] },
    undecoded: { undecoded: 4_118_220, bytes: 301_442_118, ports: [] },
    vlans: [
      { vlan: 20, packets: 803_220, lastSecond: second, silent: false },
      { vlan: 30, packets: 118_014, lastSecond: second - 9000, silent: true },
    ],
    clock: { steps: 0, last: null },
    packetsNotKept: 0,
    notKeptBecause: '',
    refused: {},
  };
}
