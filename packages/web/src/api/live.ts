/** Live updates: the browser keeps the stream open, comes back with the last id it saw, and is told what it missed. */
import { useEffect, useEffectEvent } from 'react';
import type { AlertRow } from './alerts.ts';
import type { AlertJob } from './jobs.ts';

export interface LiveUpdate {
  readonly raised: readonly AlertRow[];
  readonly changed: readonly AlertRow[];
  /** How many there were beside the rows. */
  readonly moreRaised: number;
  readonly moreChanged: number;
}

export interface LiveListener {
  /** Alerts were raised or changed. */
  onAlerts?(update: LiveUpdate): void;
  /** A job on many alerts has come further. */
  onJob?(job: AlertJob): void;
  /** Much was missed: everything has to be loaded anew. */
  onReset?(): void;
  /** The stream was ended or has begun again: the session may have ended, and what it may do may have changed. */
  onBreak?(): void;
}

/** Milliseconds until a stream that was refused is asked for again. */
const ASK_AGAIN = 10_000;

// One stream for all parts of the page, open while one of them listens.
const listeners = new Set<LiveListener>();
let stream: EventSource | null = null;
let waiting: ReturnType<typeof setTimeout> | undefined;

function listen(listener: LiveListener): () => void {
  listeners.add(listener);
  stream ??= openStream();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearTimeout(waiting);
    stream?.close();
    stream = null;
  };
}

function openStream(): EventSource {
  const source = new EventSource('/api/live');
  // The data is in our own server's format, see `LiveEvent` there.
  source.addEventListener('alerts', ({ data }) => {
    const update = JSON.parse(data) as LiveUpdate;
    for (const listener of listeners) listener.onAlerts?.(update);
  });
  source.addEventListener('job', ({ data }) => {
    const job = JSON.parse(data) as AlertJob;
    for (const listener of listeners) listener.onJob?.(job);
  });
  source.addEventListener('reset', () => {
    for (const listener of listeners) listener.onReset?.();
  });
  let isBroken = false;
  const broke = () => {
    for (const listener of listeners) listener.onBreak?.();
  };
  source.addEventListener('error', () => {
    isBroken = true;
    broke();
    // What ended is opened again by the browser, what was refused is not.
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (stream === source) stream = openStream();
    }, ASK_AGAIN);
  });
  source.addEventListener('open', () => {
    if (isBroken) broke();
    isBroken = false;
  });
  return source;
}

/** Calls back while the component is shown. */
export function useLive(listener: LiveListener): void {
  const onAlerts = useEffectEvent((update: LiveUpdate) => listener.onAlerts?.(update));
  const onJob = useEffectEvent((job: AlertJob) => listener.onJob?.(job));
  const onReset = useEffectEvent(() => listener.onReset?.());
  const onBreak = useEffectEvent(() => listener.onBreak?.());
  useEffect(
    () =>
      listen({
        onAlerts: (update) => onAlerts(update),
        onJob: (job) => onJob(job),
        onReset: () => onReset(),
        onBreak: () => onBreak(),
      }),
    [],
  );
}
