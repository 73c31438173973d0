/** How the sensors are, and the devices they have seen. */
import { z } from 'zod';
import type { App } from '../app.ts';
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
  })
  .meta({ id: 'SensorStatus' });
const deviceSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    type: z.string().nullable(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    ips: z.array(z.string()),
    macs: z.array(z.string()),
    protocols: z.array(z.string()),
    firstSeen: z.string(),
    lastSeen: z.string(),
    sensor: z.string(),
  })
  .meta({ id: 'Device' });

export function addSensorRoutes(app: App, { sensors }: { sensors: SensorLink }): void {
  app.get(
    '/api/status',
    {
      config: { permission: 'sites.view' },
      schema: {
        tags: ['Sensors'],
        summary: 'Learning state, packets and devices of each sensor',
        response: { 200: z.object({ sensors: z.array(sensorSchema) }) },
      },
    },
    async () => {
      const all = await sensors.status();
      return {
        sensors: all.map((sensor) => ({ ...sensor, learningUntil: iso(sensor.learningUntil), lastPacket: iso(sensor.lastPacket) })),
      };
    },
  );

  app.get(
    '/api/devices',
    {
      config: { permission: 'devices.view' },
      schema: { tags: ['Sensors'], summary: 'Devices seen', response: { 200: z.array(deviceSchema) } },
    },
    async () => {
      const all = await sensors.devices();
      return all.map((device) => ({
        ...device,
        ips: [...device.ips],
        macs: [...device.macs],
        protocols: [...device.protocols],
        firstSeen: new Date(device.firstSeen).toISOString(),
        lastSeen: new Date(device.lastSeen).toISOString(),
      }));
    },
  );
}

function iso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
