/** How the sensors are. */
import { reaches } from '@annunciator/core/access';
import { z } from 'zod';
import type { App } from '../app.ts';
import { healthSchema, healthView } from '../sites/health-view.ts';
import { reachOfRoute } from '../accounts/reach.ts';
import type { SensorLink } from '../sensor-link.ts';

const time = z.string().nullable();
const sensorSchema = z
  .object({
    name: z.string(),
    site: z.string(),
    zone: z.string(),
    state: z.enum(['learning', 'dynamic', 'operational', 'disconnected']),
    learningUntil: time,
    source: z.string(),
    packets: z.number(),
    bytes: z.number(),
    devices: z.number(),
    lastPacket: time,
    health: healthSchema.nullable().describe('Null while nobody has looked'),
  })
  .meta({ id: 'SensorStatus' });

export function addSensorRoutes(app: App, { sensors }: { sensors: SensorLink }): void {
  app.get(
    '/api/status',
    {
      config: { permission: 'sites.view', byPlace: true },
      schema: {
        tags: ['Sensors'],
        summary: 'Learning state, packets, devices and health of each sensor',
        response: { 200: z.object({ sensors: z.array(sensorSchema) }) },
      },
    },
    async (request) => {
      const reach = reachOfRoute(request);
      const all = (await sensors.status()).filter((sensor) => reaches(reach, sensor));
      return {
        sensors: all.map((sensor) => ({
          ...sensor,
          learningUntil: iso(sensor.learningUntil),
          lastPacket: iso(sensor.lastPacket),
          health: sensor.health && healthView(sensor.health),
        })),
      };
    },
  );
}

function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
