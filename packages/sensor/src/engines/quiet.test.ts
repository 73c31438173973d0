/** No benign capture drowns a user: with its own first half learned, the second half of a capture raises a handful of alerts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { captureNames, capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { analyse } from '../analysis/analysis.ts';

const HANDFUL = 5;

/** Not benign at all. */
const ATTACKS = /^attack-|fuzz|-scan-|malformed|missing|truncated|unsupportedtlv/;

/** Captures whose second half really is different, with the most alerts it may raise and why. */
const DIFFERENT: Readonly<Record<string, readonly [most: number, why: string]>> = {
  'bacnet-errors-cisagov.pcap': [8, 'a collection of faults: broken messages, clocks set, three kinds of refusal'],
  'bacnet-example-cisagov.pcap': [
    66,
    'one host guesses the restart password of 22 controllers with malformed messages; each pair is an alert',
  ],
  'bacnet-services-cisagov.pcap': [6, 'a test of all services, with wrong passwords'],
  'bacnet-stack-arkime.pcap': [16, 'a test of all services between two devices in both roles, with wrong passwords and refused services'],
  'dnp3-mix-zeek.pcap': [19, 'separate recordings one after the other: other devices, restarts, stop commands, refused requests'],
  'dnp3-part1-quickdraw.pcap': [13, 'attack signatures one after the other: restarts, stop commands, undefined objects'],
  'dns-malcolm.pcap': [6, 'three name tunnels, years apart'],
  'enip-firmwarechange-iti.pcap': [8, 'the second half is a change of firmware: transfer, reset, another tool'],
  'enip-remotemode-iti.pcap': [8, 'a controller is switched to program mode, and three computers appear'],
  'enip-softwaredownload-iti.pcap': [8, 'a program is loaded: stop, reset, clock, start'],
  'hartip-commands-cisagov.pcapng': [12, 'a client goes through the commands of HART one after the other; each that writes is new'],
  'modbus-example-cisagov.pcap': [10, 'two recordings one after the other: the second is another pair that talks over the Internet'],
  'modbus-testpart1-quickdraw.pcap': [9, 'attack signatures one after the other, in both directions'],
  'modbus-testpart2-quickdraw.pcap': [6, 'a client tries every function code'],
  'profinet-connect-cisagov.pcapng': [6, 'recordings of several plants one after the other, years apart: another device connects'],
  'profinet-control-cisagov.pcapng': [7, 'recordings of several plants one after the other, years apart: another pair, in both directions'],
  'profinet-rtdcp-iti.pcap': [8, 'every frame but a few comes from another station: four of them are new'],
  's7comm-snap7everything-cisagov.pcap': [6, 'a test of all functions: clock, memory, stop'],
};

describe('the second half of a capture, its first half learned', { skip: NO_CAPTURES }, () => {
  for (const name of captureNames().filter((one) => !ATTACKS.test(one))) {
    const [most, why] = DIFFERENT[name] ?? [HANDFUL, ''];
    it(`${name}: at most ${most} alerts${why && ` (${why})`}`, async () => {
      const { analysis } = await analyse([capturePath(name)], { learnUntil: { share: 0.5 } });
      const said = analysis.alerts.map((alert) => `${alert.type}: ${alert.message}`);
      assert.ok(said.length <= most, `${said.length} alerts:\n${said.join('\n')}`);
      // A new reason for silence belongs into the list above, too.
      if (why) assert.ok(said.length > HANDFUL, `${name} needs no exception any more: ${said.length} alerts`);
    });
  }
});
