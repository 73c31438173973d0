/** Offers the tour to whoever has not seen it, where the data are a demo's, and begins it again when asked. */
import { createContext, lazy, type ReactNode, Suspense, use, useState } from 'react';
import { isDemo } from '../shell/console.ts';
import { usePreference } from '../shell/preferences.ts';

const Tour = lazy(() => import('./tour.tsx'));
const SEEN = 'tour.seen';

const StartContext = createContext<(() => void) | null>(null);

/** Begins the tour; null where there is none. */
export function useTour(): (() => void) | null {
  return use(StartContext);
}

export function TourHost({ children }: { children: ReactNode }) {
  const [seen, setSeen] = usePreference(SEEN);
  const [isAsked, setIsAsked] = useState(false);
  const isOffered = isDemo && seen !== true;
  return (
    <StartContext value={isDemo ? () => setIsAsked(true) : null}>
      {children}
      {(isOffered || isAsked) && (
        <Suspense>
          <Tour
            key={isAsked ? 'asked' : 'offered'}
            offers={!isAsked}
            onEnd={() => {
              setIsAsked(false);
              setSeen(true);
            }}
          />
        </Suspense>
      )}
    </StartContext>
  );
}
