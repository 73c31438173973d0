/** Progress of a long run: one line on standard error that is rewritten, and only where a person sees it. */

/** Milliseconds between two writes. */
const PAUSE = 200;

export interface Progress {
  /** Packets so far. */
  readonly step: (packets: number) => void;
  /** Takes the line away, so that what follows starts on a clean one. */
  readonly end: () => void;
}

export function progressOn(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { step: () => undefined, end: () => undefined };
  const started = performance.now();
  let written = 0;
  return {
    step: (packets) => {
      const now = performance.now();
      if (now - written < PAUSE) return;
      written = now;
      const perSecond = Math.round(packets / Math.max((now - started) / 1000, 0.001));
      stream.write(`\r\x1b[K${packets.toLocaleString('en')} packets, ${perSecond.toLocaleString('en')} per second`);
    },
    end: () => {
      if (written > 0) stream.write('\r\x1b[K');
    },
  };
}
