/** What recorded attacks and engineering work raise, where written traffic is not enough. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { captureNames, capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { analyse } from '../analysis/analysis.ts';

interface Case {
  readonly capture: string;
  readonly type: string;
  readonly learnUntil?: number;
  readonly source: string;
  readonly destination: string | null;
  readonly message: RegExp;
}

const CASES: readonly Case[] = [
  {
    capture: 'attack-eicar-suricata.pcap',
    type: 'malware-test-file-detected-eicar-av-success',
    source: '192.168.1.100',
    destination: '192.168.1.3',
    message: /EICAR/,
  },
  {
    capture: 'attack-dnsexfil-ndpi.pcap',
    type: 'suspicious-traffic-detected',
    source: '192.168.220.56',
    destination: '192.168.203.167',
    message: /without any domain/,
  },
  {
    capture: 'attack-dnsiodine-ndpi.pcap',
    type: 'suspicious-traffic-detected',
    source: '10.0.2.30',
    destination: '10.0.2.20',
    message: /below pirate\.sea/,
  },
  {
    capture: 'attack-icmptunnel-ndpi.pcap',
    type: 'suspicious-traffic-detected',
    source: '192.168.154.131',
    destination: '192.168.154.132',
    message: /IP packet/,
  },
  ...(
    [
      ['unauthorized-siemens-s7-plus-operation', /function/],
      ['unauthorized-access-to-siemens-s7-plus-object', /object 0x/],
      ['unauthorized-siemens-s7-plus-block-access', /block [A-Z]{2} \d+/],
      ['unauthorized-plc-programming', /programs/],
    ] as const
  ).map(
    ([type, message]): Case => ({
      capture: 's7commplus-uploadob1-iti.pcap',
      type,
      learnUntil: 0.1,
      source: '',
      destination: null,
      message,
    }),
  ),
];

/** Captures with a tunnel in them: three DNS tunnels among others, and an ICMP tunnel among pings. */
const WITH_TUNNELS = /^attack-|^dns-malcolm|-tunnels-malcolm/;

describe('recorded traffic', { skip: NO_CAPTURES }, () => {
  for (const { capture, type, learnUntil, source, destination, message } of CASES)
    it(`${capture}: ${type}`, async () => {
      const options = { settings: { enabledTypes: [type] }, ...(learnUntil ? { learnUntil: { share: learnUntil } } : {}) };
      const { analysis } = await analyse([capturePath(capture)], options);
      const alert = analysis.alerts.find((one) => one.type === type);
      assert.ok(alert, `raised were ${analysis.alerts.map((one) => one.type).join(', ')}`);
      if (source) assert.equal(alert.source?.ip, source);
      if (destination) assert.equal(alert.destination?.ip, destination);
      assert.match(alert.message, message);
      assert.ok(alert.frames.length > 0 && alert.frames.every((frame) => frame > 0 && frame <= analysis.summary.packets));
    });

  it('no other capture holds a tunnel, a program in disguise, the EICAR file or generated names', async () => {
    const types = [
      'suspicious-traffic-detected',
      'suspicious-executable-file-detected-on-endpoint',
      'malware-test-file-detected-eicar-av-success',
      'suspicion-of-malicious-activity-name-queries',
    ];
    for (const name of captureNames().filter((one) => !WITH_TUNNELS.test(one))) {
      const { analysis } = await analyse([capturePath(name)], { settings: { enabledTypes: types, focus: 'any' } });
      const found = analysis.alerts.filter((alert) => types.includes(alert.type)).map((alert) => alert.message);
      assert.deepEqual(found, [], name);
    }
  });
});
