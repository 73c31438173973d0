/** Made-up alerts in any number, the same for the same numbers; for tests and measurements. */
import type { Endpoint } from '@annunciator/core/alert';
import { CATALOGUE } from '@annunciator/core/catalogue';
import { raise } from '@annunciator/core/life-cycle';
import { MINUTE, SECOND } from '@annunciator/core/time';
import type { StoredAlert } from './alert-query.ts';

const START = 1_760_000_000n * SECOND;
const STATUSES = ['New', 'Active', 'Closed'] as const;

/** A number below `bound` that looks random, for a seed. */
function mixed(seed: number, bound: number): number {
  let x = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return ((x ^ (x >>> 16)) >>> 0) % bound;
}

function sampleEnd(number: number): Endpoint {
  const ip = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
  return { device: ip, ip, mac: null, port: 502, name: number % 3 === 0 ? `PLC-${number}` : null };
}

/** Alert number `index` of a made-up plant. Several share a time, so that ties occur. */
export function sampleAlert(index: number): StoredAlert {
  const type = CATALOGUE[mixed(index, CATALOGUE.length)];
  const source = sampleEnd(mixed(index + 1, 4000));
  const destination = sampleEnd(mixed(index + 2, 4000));
  const code = mixed(index + 3, 128);
  const time = START + BigInt(mixed(index, 100_000)) * MINUTE;
  const alert = raise(
    {
      type: type.id,
      time,
      source,
      destination,
      protocol: type.protocols[0]?.toLowerCase() ?? null,
      message: `${source.name ?? source.ip} sent function ${code} to ${destination.name ?? destination.ip}, which it did not do before.`,
      expected: 'The functions of the baseline.',
      seen: `Function ${code}.`,
      parameters: { functionCode: code, index },
      parameterKey: String(code),
      frames: [index + 1],
      learn: type.learnable ? [{ aspect: 'sample', source: source.device, destination: destination.device, value: String(code) }] : [],
      internet: false,
    },
    { type },
  );
  const status = STATUSES[mixed(index + 4, 3)];
  const site = `Site ${mixed(index + 5, 20)}`;
  const closeReason = status === 'Closed' ? 'closed' : null;
  return { ...alert, status, closeReason, sensor: `sensor-${mixed(index + 6, 50)}`, site, zone: `${site} zone ${mixed(index + 7, 4)}` };
}
