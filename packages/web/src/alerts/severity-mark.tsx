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

const LIT: Readonly<Record<Severity, number>> = { High: 3, Medium: 2, Low: 1, Informational: 0 };

export function SeverityMark({ severity }: { severity: Severity }) {
  const styles = useStyles();
  const lit = LIT[severity];
  const heights = [styles.first, styles.second, styles.third];
  return (
    <span className={styles.mark}>
      <span className={styles.bars} aria-hidden>
        {heights.map((height, index) => (
          <span key={height} className={mergeClasses(styles.bar, height, index < lit && styles[severity])} />
        ))}
      </span>
      {severity}
    </span>
  );
}
