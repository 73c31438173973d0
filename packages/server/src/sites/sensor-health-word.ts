/** The health of a sensor in one word of the product, with the sentence that says why. */
import type { RegisteredSensor } from '@annunciator/store/sites';
import type { HealthView, SilentSince } from './health-view.ts';
import type { SensorStatus } from '../sensor-link.ts';

export const HEALTH_STATES = ['healthy', 'pending', 'warning', 'critical'] as const;

export interface HealthWord {
  readonly state: (typeof HEALTH_STATES)[number];
  readonly word: string;
  /** Empty when there is nothing to say. */
  readonly sentence: string;
  /** What the sentence says to have fallen silent. */
  readonly silentSince: SilentSince;
}

const NOTHING_SILENT = { silentSince: [] };

const WORDS: Readonly<Record<string, string>> = {
  mirror: 'Mirror incomplete',
  vlans: 'VLAN silent',
  clock: 'Clock was set',
  packets: 'Packets not kept',
  tables: 'Bound reached',
};

/** `status` is undefined while no such sensor runs. */
export function healthWord(
  sensor: Pick<RegisteredSensor, 'activated'>,
  status: SensorStatus | undefined,
  health: HealthView | null,
): HealthWord {
  const worst = health?.findings[0];
  if (sensor.activated === null && !worst)
    return {
      state: 'pending',
      word: 'Pending activation',
      sentence: 'No packet has come from it yet. Start it, and check that its mirror port sends traffic.',
      ...NOTHING_SILENT,
    };
  if (!status || status.state === 'disconnected')
    return {
      state: 'critical',
      word: 'Disconnected',
      sentence: 'The sensor does not run. Start it again; its alerts are kept.',
      ...NOTHING_SILENT,
    };
  if (!worst) return { state: 'healthy', word: 'Healthy', sentence: '', ...NOTHING_SILENT };
  return {
    state: worst.severity,
    word: WORDS[worst.subject] ?? interfaceWord(worst.severity, health, worst.subject),
    sentence: worst.sentence,
    silentSince: worst.silentSince,
  };
}

function interfaceWord(severity: 'critical' | 'warning', health: HealthView | null, name: string): string {
  const one = health?.interfaces.find((known) => known.name === name);
  if (severity === 'critical') return one && one.state !== 'up' ? 'Sanity failed' : 'No traffic detected';
  return one && one.kernelDrops + (one.cardDrops ?? 0) > 0 ? 'Packets lost' : 'Read through tcpdump';
}
