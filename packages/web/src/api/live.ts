/** Live updates: the browser keeps the stream open, comes back with the last id it saw, and is told what it missed. */
import { useEffect, useEffectEvent } from 'react';
import type { AlertRow } from './alerts.ts';

export interface LiveUpdate {
  readonly raised: readonly AlertRow[];
  readonly changed: readonly AlertRow[];
  readonly more: number;
}

/** Calls back on alerts that were raised or changed, and when updates were lost and all has to be loaded anew. */
export function useLiveAlerts(onUpdate: (update: LiveUpdate) => void, onReset: () => void): void {
  const update = useEffectEvent(onUpdate);
  const reset = useEffectEvent(onReset);
  useEffect(() => {
    const stream = new EventSource('/api/live');
    stream.addEventListener('alerts', (event) => {
      // Our own server's format, see `LiveEvent` there.
      update(JSON.parse(event.data) as LiveUpdate);
    });
    stream.addEventListener('reset', () => reset());
    return () => stream.close();
  }, []);
}
