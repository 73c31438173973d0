/** What was learned stays silent on replay, and of a later week what is new is raised: judged by tshark, not by ourselves. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Alert } from '@annunciator/core/alert';
import { tsharkInstalled } from '@annunciator/testkit/tshark';
import { captureNames, capturePath, NO_CAPTURES } from '../../tests/captures.ts';
import { analyse } from './analysis.ts';

const ALL = { enableAll: true, focus: 'any' } as const;
const WEEK_1 = 'baseline-week1-tracepcap.pcap';
const WEEK_3 = 'baseline-week3-telnet-tracepcap.pcap';

async function policyAlerts(learn: string, file: string): Promise<Alert[]> {
  const { analysis } = await analyse([capturePath(file)], { learn: [capturePath(learn)], settings: { focus: 'any' } });
  return analysis.alerts.filter(({ engine }) => engine === 'PolicyViolation');
}

/** Values of fields in a capture, a row of them for each packet that passes the filter. */
function rows(file: string, filter: string, ...fields: string[]): string[][] {
  const options = ['-n', '-r', capturePath(file), '-Y', filter, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const { stdout } = spawnSync('tshark', options, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')]));
}

/** What the second capture holds and the first does not. */
function fresh(of: (file: string) => string[]): string[] {
  const known = new Set(of(WEEK_1));
  return [...new Set(of(WEEK_3))].filter((key) => !known.has(key)).sort();
}

const pairs = (alerts: readonly Alert[], type: string, what: (alert: Alert) => unknown): string[] =>
  [...new Set(alerts.filter((alert) => alert.type === type).map((alert) => `${alert.source?.ip} ${what(alert)}`))].sort();

describe('a learned capture', { skip: NO_CAPTURES }, () => {
  it('raises no policy alert on replay, whichever it is', async () => {
    for (const name of captureNames()) {
      const { analysis } = await analyse([capturePath(name)], { learn: [capturePath(name)], settings: ALL });
      const heard = analysis.alerts.filter(({ engine }) => engine === 'PolicyViolation').map(({ message }) => message);
      assert.deepEqual(heard, [], name);
    }
  });

  it('leaves the dangerous part of an attack on the review list', async () => {
    for (const [name, kind, source] of [
      ['s7comm-plcstop-snap7-iti.pcap', 'stop', '134.249.62.206'],
      ['s7comm-downloadob1-iti.pcap', 'program-download', ''],
      ['enip-cipstop-iti.pcap', 'stop', ''],
      ['dnp3-coldrestart-iti.pcap', 'restart', ''],
      ['enip-firmwarechange-iti.pcap', 'firmware', ''],
      ['s7comm-settime-iti.pcap', 'time-set', ''],
      ['attack-portscan-malcolm.pcap', 'scan', ''],
    ] as const) {
      const { analysis } = await analyse([capturePath(name)], { settings: ALL });
      const items = analysis.sensor.review.items();
      const item = items.find((one) => one.kind === kind);
      assert.ok(item, `${name}: ${items.map((one) => one.kind).join()}`);
      assert.ok(item.frames.length > 0 && item.detection.source && item.detection.message !== '');
      if (source) assert.equal(item.detection.source.ip, source);
    }
  });
});

describe('a later week', { skip: NO_CAPTURES || (tsharkInstalled ? false : 'tshark is not installed') }, () => {
  it('raises what is new in it, and nothing else', async () => {
    const alerts = await policyAlerts(WEEK_1, WEEK_3);
    const senders = (file: string): string[] => [
      ...rows(file, 'ip', 'ip.src').map(([ip]) => ip),
      ...rows(file, 'arp', 'arp.src.proto_ipv4').map(([ip]) => ip),
    ];
    assert.deepEqual(
      pairs(alerts, 'new-asset-detected', () => '').map((text) => text.trim()),
      fresh(senders).filter((ip) => ip !== '0.0.0.0'),
    );
    assert.deepEqual(
      pairs(alerts, 'new-port-discovery', ({ parameters }) => parameters['port']),
      fresh((file) => rows(file, 'tcp.flags.syn == 1 && tcp.flags.ack == 1', 'ip.src', 'tcp.srcport').map((row) => row.join(' '))),
    );
    assert.deepEqual(
      pairs(alerts, 'unauthorized-http-activity', ({ parameters }) => parameters['activity']),
      fresh((file) =>
        rows(file, 'http.request', 'ip.src', 'http.request.method', 'http.host', 'http.request.uri').map(
          ([source, method, host, uri]) => `${source} ${method} ${host}/${uri.split('/')[1] ?? ''}`,
        ),
      ),
    );
    assert.deepEqual(
      alerts
        .filter(({ type }) => type === 'unauthorized-name-query')
        .flatMap(({ source, violations }) => violations.map(({ parameters }) => `${source?.ip} ${parameters['name']}`))
        .sort(),
      fresh((file) => rows(file, 'dns.flags.response == 0', 'ip.src', 'dns.qry.name').map((row) => row.join(' '))),
    );
    const others = alerts.filter(
      ({ type }) => !['new-asset-detected', 'new-port-discovery', 'unauthorized-http-activity', 'unauthorized-name-query'].includes(type),
    );
    assert.deepEqual(
      others.map(({ type, source, destination }) => `${type} ${source?.ip} ${destination?.ip}`),
      ['internet-access-detected 10.0.4.20 198.51.100.50'],
      'the tunnel that nobody answers',
    );
    assert.ok(
      alerts.some(({ type, parameters }) => type === 'new-port-discovery' && parameters['port'] === 23),
      'Telnet',
    );
  });
});
