/** The health of a sensor as the API tells it. */
import { formatInstant } from '@annunciator/core/time';
import { findingsOf } from '@annunciator/sensor/health/findings';
import type { SensorHealth } from '@annunciator/sensor/health/health';
import { z } from 'zod';

const time = z.string().nullable().describe('ISO 8601, packet time');

export const silentSinceSchema = z
  .array(z.object({ what: z.string(), at: z.string().describe('Of its last packet, ISO 8601, packet time') }))
  .describe('What the sentence says to have fallen silent, such as VLAN 30; empty for other findings');
export type SilentSince = z.infer<typeof silentSinceSchema>;

export const healthSchema = z
  .object({
    state: z.enum(['healthy', 'warning', 'critical']).describe('The worst of the findings'),
    findings: z.array(
      z.object({
        severity: z.enum(['critical', 'warning']),
        subject: z.string().describe('An interface, or mirror, vlans, clock, packets, tables'),
        sentence: z.string(),
        silentSince: silentSinceSchema,
      }),
    ),
    interfaces: z
      .array(
        z.object({
          name: z.string(),
          method: z.enum(['ring', 'tcpdump']),
          state: z.enum(['up', 'down', 'gone']),
          packets: z.number(),
          bytes: z.number().describe('On the wire'),
          kernelDrops: z.number().describe('Packets lost because the sensor was too slow'),
          cardDrops: z.number().nullable().describe('Packets that the network card lost; null when it does not tell'),
          lastPacket: time,
          quietSeconds: z.number().describe('Since the last packet, or since the interface was opened'),
        }),
      )
      .describe('Of networks; empty when captures are read'),
    oneSided: z
      .object({
        flows: z.number(),
        oneSided: z.number(),
        examples: z.array(z.object({ from: z.string(), fromPort: z.number(), to: z.string(), toPort: z.number() })),
      })
      .describe('TCP connections of the last ten minutes that carried data, and those of them of which one direction was never seen'),
    undecoded: z
      .object({
        bytes: z.number(),
        undecoded: z.number(),
        ports: z.array(z.object({ transport: z.enum(['tcp', 'udp']), port: z.number(), bytes: z.number(), undecoded: z.number() })),
      })
      .describe('TCP and UDP bytes on the wire, and those of connections whose protocol nobody recognised, by server port'),
    vlans: z.array(z.object({ vlan: z.number(), packets: z.number(), lastPacket: time, silent: z.boolean() })),
    clock: z
      .object({ steps: z.number(), lastAt: time, lastSeconds: z.number().nullable() })
      .describe('How often the clock of the packets was set, and by how much the last time'),
    packetsNotKept: z.number().describe('Packets that could not be kept for alerts'),
    refused: z.record(z.string(), z.number()).describe('What found no room in the tables of the sensor'),
  })
  .meta({ id: 'SensorHealth' });

export type HealthView = z.infer<typeof healthSchema>;

export function healthView(health: SensorHealth): HealthView {
  const findings = findingsOf(health).map(({ silent = [], ...finding }) => ({
    ...finding,
    silentSince: silent.map(({ what, lastSecond }) => ({ what, at: timeOf(lastSecond) })),
  }));
  const { oneSided, undecoded, vlans, clock, packetsNotKept, refused } = health;
  return {
    state: findings[0]?.severity ?? 'healthy',
    findings,
    interfaces: health.interfaces.map(({ name, method, state, packets, bytes, kernelDrops, cardDrops, lastPacket, quiet }) => ({
      name,
      method,
      state,
      packets,
      bytes,
      kernelDrops,
      cardDrops,
      lastPacket: lastPacket === null ? null : formatInstant(lastPacket, 6),
      quietSeconds: Math.round(quiet * 10) / 10,
    })),
    oneSided: { ...oneSided, examples: [...oneSided.examples] },
    undecoded: { ...undecoded, ports: [...undecoded.ports] },
    vlans: vlans.map(({ vlan, packets, lastSecond, silent }) => ({
      vlan,
      packets,
      lastPacket: timeOf(lastSecond),
      silent,
    })),
    clock: { steps: clock.steps, lastAt: clock.last && formatInstant(clock.last.at, 0), lastSeconds: clock.last?.seconds ?? null },
    packetsNotKept,
    refused: { ...refused },
  };
}

function timeOf(second: number): string {
  return new Date(second * 1000).toISOString();
}

/** The times of a finding in words for programs and files: ` Silent since 2026-06-01T06:00:59.000Z: VLAN 30.` */
export function silentText(since: SilentSince): string {
  return since.map(({ what, at }) => ` Silent since ${at}: ${what}.`).join('');
}
