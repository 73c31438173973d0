/** Recommendations: what to put right at devices, and at how many of them it is right already. */
import type { DeviceFilter } from '@annunciator/store/inventory/device-query';
import { z } from 'zod';
import type { App } from '../app.ts';
import { withinRoute } from '../accounts/reach.ts';
import type { DeviceDesk } from '../devices/device-desk.ts';

interface Recommendation {
  readonly id: string;
  readonly name: string;
  readonly severity: 'High' | 'Medium' | 'Low';
  readonly description: string;
  readonly remediation: readonly string[];
  readonly unhealthy: readonly DeviceFilter[];
  readonly healthy: readonly DeviceFilter[];
}

const is = (column: DeviceFilter['column'], ...values: string[]): DeviceFilter => ({ column, operator: 'equals', values });
const isNot = (column: DeviceFilter['column'], ...values: string[]): DeviceFilter => ({ column, operator: 'notEquals', values });

const RECOMMENDATIONS: readonly Recommendation[] = [
  {
    id: 'review-plc-operating-mode',
    name: 'Review PLC operating mode',
    severity: 'Medium',
    description:
      'The key switch of these controllers lets anybody on the network program them. A controller whose switch is at Run takes no program from the network.',
    remediation: [
      'Ask the engineer of the plant whether a change is under way at the controller.',
      'When none is, turn its key switch to Run, and take the key out.',
      'See in the event timeline who programmed it while it was open.',
    ],
    unhealthy: [is('plcSecured', 'unsecured')],
    healthy: [is('plcSecured', 'secure')],
  },
  {
    id: 'review-unauthorized-devices',
    name: 'Review unauthorized devices',
    severity: 'Low',
    description: 'These devices appeared after learning, and nobody has said that they belong here.',
    remediation: [
      'Find out who put the device there: its vendor, addresses and connections say what it is.',
      'Authorize it in the device inventory when it belongs here.',
      'Take it off the network when it does not, and look through its alerts.',
    ],
    unhealthy: [is('authorised', 'no')],
    healthy: [is('authorised', 'yes')],
  },
  {
    id: 'disable-insecure-administration-protocol',
    name: 'Disable insecure administration protocol',
    severity: 'Medium',
    description: 'These devices speak Telnet, which sends passwords in clear: whoever listens can administer them.',
    remediation: ['Administer the device by SSH instead.', 'Switch its Telnet server off, or close TCP port 23 to it.'],
    unhealthy: [is('protocol', 'Telnet')],
    healthy: [isNot('protocol', 'Telnet')],
  },
];

const filters = z.string().describe('Address of /api/devices that asks for them');
const recommendationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    severity: z.enum(['High', 'Medium', 'Low']),
    description: z.string(),
    remediation: z.array(z.string()),
    unhealthyDevices: z.number(),
    healthyDevices: z.number(),
    lastUpdate: z.string().nullable().describe('When one of the unhealthy devices was last active; null when there is none'),
    unhealthy: filters,
    healthy: filters,
  })
  .meta({ id: 'Recommendation' });

export function addRecommendationRoutes(app: App, { desk }: { desk: DeviceDesk }): void {
  const { devices } = desk.inventory;
  app.get(
    '/api/recommendations',
    {
      config: { permission: 'devices.view', byPlace: true },
      schema: {
        tags: ['Recommendations'],
        summary: 'What to put right at devices, with the number of devices that need it',
        response: { 200: z.array(recommendationSchema) },
      },
    },
    (request) => Promise.all(RECOMMENDATIONS.map((one) => told(one, withinRoute(request)))),
  );

  async function told(
    { unhealthy, healthy, remediation, ...rest }: Recommendation,
    scope: ReturnType<typeof withinRoute>,
  ): Promise<z.infer<typeof recommendationSchema>> {
    const newest = { filters: unhealthy, sort: { column: 'lastSeen', descending: true }, ...scope } as const;
    const [page, healthyDevices] = await Promise.all([devices.page(newest, 1, null), devices.count({ filters: healthy, ...scope })]);
    return {
      ...rest,
      remediation: [...remediation],
      unhealthyDevices: page.matching,
      healthyDevices,
      lastUpdate: page.devices[0] ? new Date(Number(page.devices[0].lastSeen / 1_000_000n)).toISOString() : null,
      unhealthy: addressOf(unhealthy),
      healthy: addressOf(healthy),
    };
  }
}

function addressOf(filtersOf: readonly DeviceFilter[]): string {
  return new URLSearchParams(
    filtersOf.map(({ column, operator, values }) => ['filter', `${column}:${operator}:${values.map(encodeURIComponent).join(',')}`]),
  ).toString();
}
