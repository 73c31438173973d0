/** Light and dark: what the system says until somebody chooses; the choice stays in this browser. */
import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { createContext, use, useEffect, useState } from 'react';

export interface ThemeChoice {
  readonly dark: boolean;
  readonly theme: Theme;
  toggle(): void;
}

const KEY = 'annunciator.theme';
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

export const ThemeContext = createContext<ThemeChoice>({ dark: false, theme: webLightTheme, toggle: () => undefined });

export function useTheme(): ThemeChoice {
  return use(ThemeContext);
}

export function useThemeChoice(): ThemeChoice {
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY));
  const [system, setSystem] = useState(systemDark.matches);
  useEffect(() => {
    const follow = () => setSystem(systemDark.matches);
    systemDark.addEventListener('change', follow);
    return () => systemDark.removeEventListener('change', follow);
  }, []);
  const dark = chosen === null ? system : chosen === 'dark';
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  return {
    dark,
    theme: dark ? webDarkTheme : webLightTheme,
    toggle: () => {
      const next = dark ? 'light' : 'dark';
      localStorage.setItem(KEY, next);
      setChosen(next);
    },
  };
}
