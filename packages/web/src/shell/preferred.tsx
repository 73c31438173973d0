/** Puts in force what somebody prefers for all pages, before the first of them is shown: how times are written, and the theme. */
import { Spinner } from '@fluentui/react-components';
import { type ReactNode, useEffect, useMemo } from 'react';
import { showTimesBy, timeChoiceOf } from '../time/zone-time.ts';
import { usePreference } from './preferences.ts';
import { themeOf, useTheme } from './theme.ts';

/** Names of the preferences. */
export const TIME = 'time';
export const THEME = 'theme';

export function Preferred({ children }: { children: ReactNode }) {
  const [time, , isKnown] = usePreference(TIME);
  const [theme] = usePreference(THEME);
  const { show } = useTheme();
  const choice = useMemo(() => timeChoiceOf(time), [time]);
  useEffect(() => {
    if (isKnown) show(themeOf(theme));
  }, [isKnown, theme, show]);
  if (!isKnown) return <Spinner style={{ height: '100%' }} label="Loading" />;
  showTimesBy(choice);
  return children;
}
