/** The question to the connections as the address carries it: `?device=12&protocol=Modbus/TCP&crossSubnet=yes`. */
import { CONNECTION_KINDS } from '@annunciator/core/device';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import { CONNECTION_COLUMNS, type ConnectionQuery } from '@annunciator/store/inventory/connections';
import { z } from 'zod';
import { readAddress, several, sortOf } from '../http/filter-address.ts';
import { timeOf } from '../http/time-address.ts';

/** Ports on which protocols usually are, as `protocol:port`. */
const USUAL_PORTS = DISSECTORS.flatMap(({ reports, tcpPorts, udpPorts }) =>
  reports.flatMap(({ id }) => [...tcpPorts, ...udpPorts].map((port) => `${id}:${port}`)),
);

const numbers = several(z.coerce.number().int().min(1));
const yesNo = z.enum(['yes', 'no']).optional();

export const connectionAddressSchema = z.object({
  device: numbers.describe('Numbers of devices, one of which is an end'),
  peer: numbers.describe('Numbers of devices, one of which is the other end'),
  protocol: several(z.string().max(200)).describe('Names or ids of protocols'),
  port: several(z.coerce.number().int().min(0).max(65_535)),
  kind: several(z.enum(CONNECTION_KINDS)),
  ot: yesNo.describe('Protocols of plants only, or none of them'),
  crossSubnet: yesNo.describe('Only between networks, or only within one'),
  recognised: yesNo.describe('The protocol was recognised, or nothing but its transport is known'),
  usualPort: yesNo.describe('Recognised protocols on the port they usually have, or on another'),
  period: z.coerce.number().positive().max(86_400).optional().describe('Polls about so often, seconds'),
  discoveredAfter: z.string().max(40).optional().describe('ISO 8601 with offset'),
  discoveredBefore: z.string().max(40).optional(),
  activeAfter: z.string().max(40).optional(),
  search: z.string().max(200).optional().describe('Text in names, addresses, protocol or operations'),
  sort: z
    .string()
    .max(40)
    .optional()
    .describe(`A column, with - in front for descending: ${CONNECTION_COLUMNS.join(', ')}`),
});
export type ConnectionAddress = z.infer<typeof connectionAddressSchema>;

/** @throws RequestError that names the part that cannot be read */
export function connectionQueryOf(address: ConnectionAddress): ConnectionQuery {
  const discoveredAfter = timeOf('discoveredAfter', address.discoveredAfter);
  const discoveredBefore = timeOf('discoveredBefore', address.discoveredBefore);
  const activeAfter = timeOf('activeAfter', address.activeAfter);
  const { device, peer, protocol, port, kind, ot, crossSubnet, recognised, usualPort, period, search } = address;
  return {
    ...(device ? { devices: device } : {}),
    ...(peer ? { and: peer } : {}),
    ...(protocol ? { protocols: protocol } : {}),
    ...(port ? { ports: port } : {}),
    ...(kind ? { kinds: kind } : {}),
    ...(ot ? { ot: ot === 'yes' } : {}),
    ...(crossSubnet ? { crossSubnet: crossSubnet === 'yes' } : {}),
    ...(recognised ? { recognised: recognised === 'yes' } : {}),
    ...(usualPort ? { usualPorts: { ports: USUAL_PORTS, usual: usualPort === 'yes' } } : {}),
    ...(period === undefined ? {} : { period }),
    ...(discoveredAfter === undefined ? {} : { discoveredAfter }),
    ...(discoveredBefore === undefined ? {} : { discoveredBefore }),
    ...(activeAfter === undefined ? {} : { activeAfter }),
    ...(search ? { search } : {}),
    sort: sortOf(address.sort ?? '-lastSeen', CONNECTION_COLUMNS),
  };
}

/** The query that a group names. @throws RequestError when it cannot be read */
export function savedConnections(text: string): ConnectionQuery {
  return connectionQueryOf(readAddress(text, connectionAddressSchema));
}
