/** What a sensor does now, in words. */
import { formatTime } from '../time/zone-time.ts';
import type { Sensor } from '../api/sites.ts';

export function learningText({ learning, learningUntil }: Pick<Sensor, 'learning' | 'learningUntil'>): string {
  switch (learning) {
    case 'learning':
      return learningUntil === null ? 'Learning' : `Learning until about ${formatTime(learningUntil)}`;
    case 'dynamic':
      return 'Watching, still learning some scenarios';
    case 'operational':
      return 'Watching';
    case 'disconnected':
    case null:
      return '–';
  }
}
