/** Severity as a coloured bar of its own length plus the word: readable without the colour. */
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { Severity } from '../api/alerts.ts';

const useStyles = makeStyles({
  mark: { display: 'flex', alignItems: 'center', gap: '8px', whiteSpace: 'nowrap' },
  bars: { display: 'inline-grid', gridTemplateColumns: 'repeat(3, 4px)', alignItems: 'end', gap: '2px', height: '14px' },
  bar: { borderRadius: '1px', backgroundColor: tokens.colorNeutralStroke2 },
  first: { height: '6px' },
  second: { height: '10px' },
  third: { height: '14px' },
  // Fluent's status colours are tuned for text and surfaces: in the dark theme its red is weaker than its orange.
  High: { backgroundColor: 'light-dark(#c50f1f, #f4525c)' },
  Medium: { backgroundColor: 'light-dark(#e8640c, #f2941f)' },
  Low: { backgroundColor: 'light-dark(#0f6cbd, #479ef5)' },
  Informational: { backgroundColor: tokens.colorNeutralStrokeAccessible },
});

/** How each word looks: bars that are lit, and their colour. */
const LOOKS = {
  High: [3, 'High'],
  Medium: [2, 'Medium'],
  Low: [1, 'Low'],
  Informational: [0, 'Informational'],
  Critical: [3, 'High'],
  Major: [2, 'Medium'],
  Minor: [1, 'Low'],
  Warning: [0, 'Informational'],
} as const satisfies Readonly<Record<Severity, readonly [lit: number, colour: string]>>;

export function SeverityMark({ severity }: { severity: Severity }) {
  const styles = useStyles();
  const [lit, colour] = LOOKS[severity];
  const heights = [styles.first, styles.second, styles.third];
  return (
    <span className={styles.mark}>
      <span className={styles.bars} aria-hidden>
        {heights.map((height, index) => (
          <span key={height} className={mergeClasses(styles.bar, height, index < lit && styles[colour])} />
        ))}
      </span>
      {severity}
    </span>
  );
}
