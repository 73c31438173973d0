/** Values with their counts as bars; a press leads to what was counted. */
import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  rows: {
    display: 'grid',
    // Of all rows together, so that the bars begin and end below each other.
    gridTemplateColumns: 'minmax(120px, 3fr) minmax(50px, 2fr) minmax(56px, auto)',
    gap: '2px 12px',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  row: { display: 'grid', gridColumn: '1 / -1', gridTemplateColumns: 'subgrid', alignItems: 'center', minHeight: '30px' },
  track: { height: '8px', borderRadius: '4px', backgroundColor: tokens.colorNeutralStroke2, overflow: 'hidden' },
  bar: { display: 'block', height: '100%', borderRadius: '4px', backgroundColor: tokens.colorCompoundBrandBackground },
  number: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  word: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', textAlign: 'left' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export interface Bar {
  readonly value: string;
  readonly count: number;
  readonly color?: string;
}

export interface BarChartProps {
  readonly bars: readonly Bar[];
  /** Bars that are shown; how many more there are is told. */
  readonly shown?: number;
  readonly empty?: string;
  word?(value: string): ReactNode;
  onOpen?(value: string): void;
}

export function BarChart({ bars, shown = 8, empty = 'Nothing in this time range.', word = (value) => value, onOpen }: BarChartProps) {
  const styles = useStyles();
  const most = Math.max(1, ...bars.map(({ count }) => count));
  if (bars.length === 0) return <Text className={styles.faint}>{empty}</Text>;
  return (
    <>
      <ul className={styles.rows}>
        {bars.slice(0, shown).map(({ value, count, color }) => (
          <li key={value} className={styles.row}>
            {onOpen ? (
              <Link as="button" appearance="subtle" className={styles.word} title={value} onClick={() => onOpen(value)}>
                {word(value)}
              </Link>
            ) : (
              <span className={styles.word} title={value}>
                {word(value)}
              </span>
            )}
            <span className={styles.track} aria-hidden>
              <span className={styles.bar} style={{ width: `${(100 * count) / most}%`, ...(color ? { backgroundColor: color } : {}) }} />
            </span>
            <span className={styles.number}>{count.toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
      {bars.length > shown && <Text className={styles.faint}>and {(bars.length - shown).toLocaleString('en')} more</Text>}
    </>
  );
}
