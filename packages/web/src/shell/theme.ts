/**
 * Light and dark: what the system says until somebody chooses. The choice is kept by the server (preferred.tsx); this browser
 * remembers it only for the page on which one signs in.
 */
import { type Theme, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { createContext, use, useCallback, useEffect, useMemo, useState } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeName = (typeof THEMES)[number];

export interface ThemeChoice {
  readonly dark: boolean;
  readonly theme: Theme;
  /** Shows a theme, without keeping it. */
  show(name: ThemeName): void;
}

const KEY = 'annunciator.theme';
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

export const ThemeContext = createContext<ThemeChoice>({ dark: false, theme: webLightTheme, show: () => undefined });

export function useTheme(): ThemeChoice {
  return use(ThemeContext);
}

/** The theme that a kept value stands for: that of the system in place of what cannot be understood. */
export function themeOf(value: unknown): ThemeName {
  return THEMES.find((name) => name === value) ?? 'system';
}

export function useThemeChoice(): ThemeChoice {
  const [shown, setShown] = useState<ThemeName>(() => themeOf(localStorage.getItem(KEY)));
  const [system, setSystem] = useState(systemDark.matches);
  useEffect(() => {
    const follow = () => setSystem(systemDark.matches);
    systemDark.addEventListener('change', follow);
    return () => systemDark.removeEventListener('change', follow);
  }, []);
  const dark = shown === 'system' ? system : shown === 'dark';
  useEffect(() => {
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
  }, [dark]);
  const show = useCallback((name: ThemeName) => {
    localStorage.setItem(KEY, name);
    setShown(name);
  }, []);
  return useMemo(() => ({ dark, theme: dark ? webDarkTheme : webLightTheme, show }), [dark, show]);
}
