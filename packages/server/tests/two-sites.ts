/** A server with alerts and devices of two sites, for tests of what somebody of one of them is told. */
import type { TestContext } from 'node:test';
import type { Grant } from '@annunciator/core/access';
import { fromMilliseconds } from '@annunciator/core/time';
import { PLACES } from './sample-detections.ts';
import { sampleDevices } from './sample-devices.ts';
import { type SampleOptions, type SampleServer, sampleServer } from './serve-samples.ts';

export const NOW = Date.UTC(2026, 10, 21, 9, 0);
export const [NORTH, PLANT] = PLACES as [(typeof PLACES)[number], (typeof PLACES)[number]];

/** A server with alerts of two sites, and devices of both; those of the second have names and addresses that nobody else has. */
export async function serve(t: TestContext, options: SampleOptions = {}): Promise<{ server: SampleServer; base: string }> {
  const server = await sampleServer({ now: NOW, alerts: 24, devices: 6, ...options });
  t.after(() => server.app.close());
  const hidden = sampleDevices(NOW)
    .slice(0, 4)
    .map((device, index) => ({
      ...device,
      id: `10.99.0.${index + 1}`,
      ips: [`10.99.0.${index + 1}`],
      macs: [`02:99:00:00:00:0${index}`],
      name: `HIDDEN-${index}`,
    }));
  await server.devices.observe(
    { run: 'other', devices: hidden, touched: [], united: [], connections: [connection(hidden)] },
    PLANT,
    fromMilliseconds(NOW),
  );
  return { server, base: await server.app.listen({ host: '127.0.0.1', port: 0 }) };
}

function connection([one, other]: readonly { readonly id: string }[]) {
  return {
    source: one?.id ?? '',
    destination: other?.id ?? '',
    protocol: 'modbus',
    protocolName: 'Modbus/TCP',
    ot: true,
    transport: 'tcp',
    port: 502,
    kind: 'Two Way' as const,
    packets: 10,
    bytes: 1000,
    operations: [],
    firstSeen: fromMilliseconds(NOW),
    lastSeen: fromMilliseconds(NOW),
    period: 0,
  };
}

/** What nobody of the first site may read anywhere. */
export const SECRETS = /Treatment Plant|sensor-plant|Filtration|HIDDEN|10\.99\.0\./;

export const at = (role: Grant['role'], site: string, zone: string | null = null): Grant => ({ role, site, zone, packets: null });
