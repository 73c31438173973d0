/** What is wrong with a sensor and what to do, with its times as the reader has them shown. */
import { DetectionTime } from '../alerts/detection-time.tsx';
import type { SilentSince } from '../api/sites.ts';

export function HealthSentence({ sentence, silentSince }: { readonly sentence: string; readonly silentSince: SilentSince }) {
  return (
    <>
      {sentence}
      {silentSince.map(({ what, at }) => (
        <span key={what}>
          {' '}
          Silent since <DetectionTime at={at} />: {what}.
        </span>
      ))}
    </>
  );
}
