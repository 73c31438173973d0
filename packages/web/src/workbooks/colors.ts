/** Colours of charts, for light and dark. Words stand beside them everywhere. */
import type { Severity } from '../api/alerts.ts';

export const SEVERITY_COLORS: Readonly<Record<Severity, string>> = {
  High: 'light-dark(#c50f1f, #f4525c)',
  Medium: 'light-dark(#e8640c, #f2941f)',
  Low: 'light-dark(#0f6cbd, #479ef5)',
  Informational: 'light-dark(#707070, #9e9e9e)',
  Critical: 'light-dark(#c50f1f, #f4525c)',
  Major: 'light-dark(#e8640c, #f2941f)',
  Minor: 'light-dark(#0f6cbd, #479ef5)',
  Warning: 'light-dark(#707070, #9e9e9e)',
};

/** Told apart with all common kinds of colour blindness (after Okabe and Ito, 2008). */
export const PALETTE = [
  'light-dark(#0072b2, #56a9dd)',
  'light-dark(#d55e00, #f08b4b)',
  'light-dark(#009e73, #35c79b)',
  'light-dark(#a0568c, #d58fc4)',
  'light-dark(#b38600, #e5bb4c)',
  'light-dark(#3a87b0, #8ccbee)',
  'light-dark(#5f5f5f, #b0b0b0)',
] as const;
